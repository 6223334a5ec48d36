#include "llm/openai_compatible.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/log.h"
#include "base/utf8.h"
#include "llm/argument_pieces.h"
#include "llm/attempt_error.h"
#include "llm/images.h"
#include "llm/openai_request.h"
#include "llm/optional_members.h"
#include "llm/retry.h"
#include "llm/takes_tools.h"
#include "llm/told_answer.h"
#include "llm/unknown_members.h"
#include "llm/written_calls.h"

namespace llm {
namespace {

using nlohmann::json;
using Names = OptionalMembers::Names;

bool has_word(const std::string& reason, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return reason.find(word) != std::string::npos; });
}

class Reader final : public AnswerReader {
 public:
  explicit Reader(Asked asked) : asked_(std::move(asked)), bound_(asked_.max_bytes), told_(asked_) {}

  void take_event(const ServerSentEvent& event) override {
    if (base::trim(event.data) == "[DONE]") {
      finished_ = true;
      return;
    }
    const auto data = base::parse_json_piece(event.data);
    if (!data || !data->is_object()) {
      throw malformed("an event of the stream is not a JSON object");
    }
    if (event.type == "error") {
      const auto* error = base::json_member(*data, "error");
      throw refused_inside(error != nullptr ? *error : *data);
    }
    const auto before = text_.size();
    take_choice(*data, "delta");
    told_.add(std::string_view(text_).substr(before));
    finished_ = finished_ || bound_.is_passed(text_);
  }

  void take_document(const json& document) override {
    if (!take_choice(document, "message")) {
      throw malformed("the answer has no choices[0].message");
    }
    finished_ = true;
  }

  bool finished() const override { return finished_; }

  Completion completion() override {
    // Some servers leave "[DONE]" out, and some the finish_reason.
    if (!any_choice_ || (!finished_ && !has_finish_reason_)) {
      throw AttemptError(finished_ ? ModelError::Kind::malformed : ModelError::Kind::unreachable,
                         Repeat::rarely, "the stream ended before the answer did");
    }
    check_finish_reason();
    std::vector<SentCall> calls;
    for (std::size_t i = 0; i < calls_.size(); ++i) {
      calls.push_back({static_cast<std::int64_t>(i), calls_[i].call});
      calls.back().call.arguments = calls_[i].arguments.joined();
    }
    auto completion = settled(text_, calls, ending_, asked_);
    completion.usage = believable(usage_);
    completion.logprob = logprob_;
    if (!calls.empty()) {
      completion.as_received = as_received(calls);
    }
    told_.whole();
    return completion;
  }

 private:
  struct Call {
    std::int64_t index;
    int message = 0;     ///< the last one that held a piece of it
    ToolCall call = {};  ///< without its arguments
    ArgumentPieces arguments = {};
    json unknown = json::object();
    json unknown_of_function = json::object();
  };

  /// Gateways end a stream that broke behind them with a reason of its own, and half an answer in front.
  void check_finish_reason() const {
    const auto reason = base::ascii_lower(reason_);
    if (has_word(reason, {"malformed", "unexpected_tool"})) {
      throw malformed("the answer ended with the reason " + reason_);
    }
    if (has_word(reason, {"error", "abort", "cancel", "fail", "timeout", "overload", "insufficient"})) {
      throw AttemptError(ModelError::Kind::overloaded, Repeat::rarely,
                         "the answer ended with the reason " + reason_);
    }
  }

  void note_finish_reason(const std::string& sent) {
    reason_ = sent;
    const auto reason = base::ascii_lower(sent);
    if (has_word(reason, {"length", "max_tokens", "max_output_tokens", "model_context_window"})) {
      ending_ = Ending::at_max_tokens;
    } else if (has_word(reason, {"filter", "safety", "sensitive", "refusal", "recitation", "prohibited",
                                 "blocklist", "spii", "guardrail", "moderation", "blocked"})) {
      ending_ = Ending::declined;
    }
  }

  /// The message as its provider wants it back, with the calls as they are in the answer.
  std::string as_received(const std::vector<SentCall>& settled_calls) const {
    auto message = unknown_;
    message["role"] = "assistant";
    message["content"] = parts_.empty() ? json(text_) : parts_;
    auto& calls = message["tool_calls"] = json::array();
    for (const auto& sent : settled_calls) {
      const auto& received = calls_.at(static_cast<std::size_t>(sent.index));
      auto own = received.unknown;
      own["id"] = sent.call.id;
      own["type"] = "function";
      own["function"] = received.unknown_of_function;
      own["function"]["name"] = sent.call.name;
      own["function"]["arguments"] = sent.call.arguments;
      calls.push_back(std::move(own));
    }
    join_halves_in(message);
    return base::dump_json(message);
  }

  /// Whether choices[0] has the member `part`, which is then read.
  bool take_choice(const json& data, const char* part) {
    if (const auto* error = base::json_member(data, "error"); error != nullptr && !error->is_null()) {
      throw refused_inside(*error);
    }
    count_usage(data);
    const auto* choices = base::json_member(data, "choices");
    if (choices == nullptr || !choices->is_array() || choices->empty()) {
      return false;  // as in the chunk that carries only the usage
    }
    const auto& choice = choices->front();
    if (const auto* error = base::json_member(choice, "error"); error != nullptr && !error->is_null()) {
      throw refused_inside(*error);  // as gateways tell that what is behind them broke
    }
    if (const auto reason = base::json_string(choice, "finish_reason"); reason && !reason->empty()) {
      has_finish_reason_ = true;
      note_finish_reason(*reason);
    }
    note_logprob(choice);
    const auto* message = base::json_member(choice, part);
    if (message == nullptr || !message->is_object()) {
      any_choice_ = any_choice_ || ending_ == Ending::declined;  // a filter let nothing through
      return ending_ == Ending::declined;
    }
    any_choice_ = true;
    ++messages_;
    take_text(*message);
    merge_unknown(unknown_, *message, kOpenAiMessageMembers);
    take_calls(*message);
    return true;
  }

  void note_logprob(const json& choice) {
    for (const auto& token : base::json_list(base::json_object(choice, "logprobs"), "content")) {
      const auto value = base::json_number(token, "logprob");
      if (!logprob_ && value && *value <= 0) {
        logprob_ = value;
      }
    }
  }

  void take_text(const json& message) {
    const auto* content = base::json_member(message, "content");
    if (content != nullptr && content->is_array()) {
      for (const auto& part : *content) {
        text_ += base::json_string(part, "text").value_or("");
        take_part(part);
      }
    } else {
      text_ += base::json_string(message, "content").value_or("");
    }
    if (const auto refusal = base::json_string(message, "refusal"); refusal && !refusal->empty()) {
      text_ += *refusal;
      ending_ = Ending::declined;
    }
  }

  /// A part of a message in a list, such as a thought, which may go on with the one before.
  void take_part(const json& part) {
    if (!part.is_object()) {
      return;
    }
    const auto type = base::json_text(part, "type");
    if (parts_.empty() || base::json_text(parts_.back(), "type") != type) {
      parts_.push_back(part);
    } else {
      merge_unknown_inside(parts_.back(), part, {"type"});
    }
  }

  void take_calls(const json& message) {
    const auto* calls = base::json_member(message, "tool_calls");
    if (calls != nullptr && calls->is_array()) {
      for (const auto& call : *calls) {
        take_call(call);
      }
    } else if (calls != nullptr && calls->is_object()) {
      take_call(*calls);
    }
    // From before there were several calls. Where both are sent, they are the same call.
    const auto& older = base::json_object(message, "function_call");
    if (!older.empty() && (calls_.empty() || older_form_)) {
      older_form_ = true;
      take_call({{"index", 0}, {"function", older}});
    }
  }

  void take_call(const json& piece) {
    const auto& function = base::json_object(piece, "function");
    const auto id = base::json_text(piece, "id");
    const auto name = base::json_text(function, "name");
    const auto* sent = base::json_member(function, "arguments");
    const auto arguments = sent == nullptr || sent->is_null() ? std::string()
                           : sent->is_string()                ? sent->get<std::string>()
                                                              : base::dump_json(*sent);
    auto& place = call_for(base::json_integer(piece, "index"), id, name, arguments);
    if (!name.empty()) {
      place.call.name = name_with(place, name).value_or(place.call.name);
    }
    place.message = messages_;
    if (piece.is_object()) {
      merge_unknown_inside(place.unknown, piece, kOpenAiCallMembers);
    }
    merge_unknown_inside(place.unknown_of_function, function, {"name", "arguments"});
    if (place.call.id.empty()) {
      place.call.id = id;
    }
    place.arguments.add(arguments);
  }

  /// The name of a call of which another piece says `name`; nothing where that is another call's. A name can
  /// come in two pieces, before the arguments.
  std::optional<std::string> name_with(const Call& known, const std::string& name) const {
    const auto& begun = known.call.name;
    if (begun.empty() || begun == name) {
      return name;
    }
    const auto is_offered = [&](const std::string& whole) {
      return std::find(asked_.tools.begin(), asked_.tools.end(), offered_name(whole, asked_.tools)) !=
             asked_.tools.end();
    };
    const auto begins_offered = [&](const std::string& text) {
      return std::any_of(asked_.tools.begin(), asked_.tools.end(),
                         [&](const std::string& tool) { return tool.starts_with(text); });
    };
    if (known.message == messages_ || !known.arguments.empty()) {
      return std::nullopt;
    }
    if (name.starts_with(begun) && begins_offered(name)) {
      return name;  // all of it so far
    }
    const auto whole = begun + name;
    return is_offered(whole) || (!is_offered(name) && begins_offered(whole)) ? std::optional(whole)
                                                                             : std::nullopt;
  }

  /// The call that a piece belongs to, which may be a new one. Some servers send no index, and some the same
  /// for every call but each with its own id; with neither index nor id, a name begins a call, unless it goes
  /// on with the one before. Some give every call the same id, so that one begins where another name stands,
  /// or arguments follow a call that is whole, or the message has that call already.
  Call& call_for(std::optional<std::int64_t> index, const std::string& id, const std::string& name,
                 const std::string& arguments) {
    const auto belongs = [&](const Call& known) {
      const bool same_id = id.empty() || known.call.id.empty() || known.call.id == id;
      const bool goes_on_with_name =
          !name.empty() && known.call.name != name && name_with(known, name).has_value();
      const bool same = index ? known.index == *index && same_id
                              : (id.empty() ? name.empty() || goes_on_with_name : known.call.id == id);
      const bool is_more = arguments.empty() || !known.arguments.is_whole() ||
                           (index && !id.empty() && known.arguments.grow_to(arguments));
      const bool goes_on = known.call.name == name && known.message != messages_ && is_more;
      return same && (name.empty() || known.call.name.empty() || goes_on || goes_on_with_name);
    };
    const auto known = std::find_if(calls_.rbegin(), calls_.rend(), belongs);
    if (known != calls_.rend()) {
      return *known;
    }
    calls_.push_back({index.value_or(-1)});
    return calls_.back();
  }

  void count_usage(const json& data) {
    const auto* usage = base::json_member(data, "usage");
    if (usage == nullptr || !usage->is_object()) {
      return;
    }
    const auto count = [](const json* holder, const char* key) {
      return holder == nullptr ? 0 : std::max<std::int64_t>(0, base::json_integer(*holder, key).value_or(0));
    };
    const auto prompt = count(usage, "prompt_tokens");
    usage_.cache_read =
        std::min(prompt, count(base::json_member(*usage, "prompt_tokens_details"), "cached_tokens"));
    usage_.input = prompt - usage_.cache_read;
    usage_.output = count(usage, "completion_tokens");
  }

  const Asked asked_;
  TextBound bound_;
  ToldAnswer told_;
  std::string text_;
  json parts_ = json::array();     ///< of a message whose content is a list
  json unknown_ = json::object();  ///< members of the message
  std::vector<Call> calls_;
  int messages_ = 0;  ///< how many came, whole or in pieces
  Usage usage_;
  std::optional<double> logprob_;
  std::string reason_;
  Ending ending_ = Ending::complete;
  bool any_choice_ = false;
  bool has_finish_reason_ = false;
  bool older_form_ = false;  ///< calls come as `function_call`
  bool finished_ = false;
};

class OpenAiCompatible final : public ChatModel, public TakesTools {
 public:
  explicit OpenAiCompatible(const Endpoint& endpoint)
      : endpoint_(endpoint), url_(openai_compatible_url(endpoint.base_url)) {}

  Completion complete(const ChatRequest& request, std::stop_token stop) override {
    auto completion = with_retries(endpoint_, stop, [&](std::chrono::milliseconds time) {
      return optional_.attempt(request, openai_optional_members(request), "stream_options", time,
                               [&](const ChatRequest& taken, const Names& left_out, auto left) {
                                 return attempt(taken, left_out, left, stop);
                               });
    });
    if (!takes_tools() && !is_warned_.exchange(true)) {
      base::log_warning(
          "the server of {} takes no tools, so they stand in the prompt; a model that has tools does better",
          endpoint_.model);
    }
    return completion;
  }

  bool takes_tools() const override { return !optional_.leaves_out(kToolsMember); }

  std::string provider() const override { return endpoint_.provider; }
  std::string model() const override { return endpoint_.model; }

 private:
  Completion attempt(const ChatRequest& request, const Names& left_out, std::chrono::milliseconds time,
                     const std::stop_token& stop) const {
    auto call =
        prepared_call(endpoint_, url_, openai_compatible_request(request, endpoint_.model, left_out), time);
    if (!endpoint_.api_key.empty()) {
      call.headers.add("Authorization", "Bearer " + endpoint_.api_key);
    }
    Reader reader(asked(request, endpoint_, &thinks_first_));
    return exchange(std::move(call), reader, endpoint_.max_answer_bytes, stop, image_size(request, left_out));
  }

  const Endpoint endpoint_;
  const std::string url_;
  OptionalMembers optional_{endpoint_.images};
  mutable std::atomic<bool> thinks_first_ = may_think_first(endpoint_.model);
  std::atomic<bool> is_warned_ = false;  ///< of a server without tools
};

}  // namespace

std::unique_ptr<ChatModel> make_openai_compatible(const Endpoint& endpoint) {
  return std::make_unique<OpenAiCompatible>(endpoint);
}

std::string openai_compatible_url(std::string_view base_url) {
  while (base_url.ends_with('/')) {
    base_url.remove_suffix(1);
  }
  const auto host = base_url.find("://");
  const bool has_path =
      host != std::string_view::npos && base_url.find('/', host + 3) != std::string_view::npos;
  return base::join_url(base_url, has_path ? "/chat/completions" : "/v1/chat/completions");
}

std::unique_ptr<AnswerReader> openai_compatible_reader(Asked asked) {
  return std::make_unique<Reader>(std::move(asked));
}

}  // namespace llm
