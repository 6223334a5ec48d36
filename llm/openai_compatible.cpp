#include "llm/openai_compatible.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/id.h"
#include "base/json.h"
#include "base/utf8.h"
#include "llm/attempt_error.h"
#include "llm/retry.h"

namespace llm {
namespace {

using nlohmann::json;

void append_paragraph(std::string& text, const std::string& more) {
  if (!more.empty()) {
    text += (text.empty() ? "" : "\n\n") + more;
  }
}

/// One message of ours can be several of theirs: each result of a tool is its own.
void append_message(json& messages, const ChatMessage& message) {
  std::string text;
  json calls = json::array();
  for (const auto& part : message.content) {
    if (const auto* result = std::get_if<ToolResult>(&part)) {
      messages.push_back({{"role", "tool"},
                          {"tool_call_id", result->call_id},
                          {"content", result->is_error ? "Error: " + result->text : result->text}});
    } else if (const auto* call = std::get_if<ToolCall>(&part)) {
      calls.push_back({{"id", call->id},
                       {"type", "function"},
                       {"function", {{"name", call->name}, {"arguments", call->arguments}}}});
    } else {
      append_paragraph(text, std::get<Text>(part).text);
    }
  }
  if (text.empty() && calls.empty()) {
    return;
  }
  json own = {{"role", message.role == Role::user ? "user" : "assistant"}, {"content", text}};
  if (!calls.empty()) {
    own["tool_calls"] = std::move(calls);
  }
  messages.push_back(std::move(own));
}

class Reader final : public AnswerReader {
 public:
  void take_event(const ServerSentEvent& event) override {
    if (base::trim(event.data) == "[DONE]") {
      finished_ = true;
      return;
    }
    const auto data = base::parse_json(event.data);
    if (!data || !data->is_object()) {
      throw malformed("an event of the stream is not a JSON object");
    }
    if (event.type == "error") {
      const auto* error = base::json_member(*data, "error");
      throw refused_inside(error != nullptr ? *error : *data);
    }
    take_choice(*data, "delta");
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
    Completion completion;
    completion.text = std::move(text_);
    completion.truncated = truncated_;
    completion.usage = usage_;
    for (auto& call : calls_) {
      if (call.call.id.empty()) {
        call.call.id = "call_" + base::random_hex(12);
      }
      completion.tool_calls.push_back(
          checked_tool_call(std::move(call.call), truncated_ ? AnswerEnd::cut_off : AnswerEnd::complete));
    }
    return completion;
  }

 private:
  struct Call {
    std::int64_t index;
    ToolCall call;
  };

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
    if (const auto reason = base::json_string(choice, "finish_reason"); reason && !reason->empty()) {
      has_finish_reason_ = true;
      truncated_ = truncated_ || *reason == "length";
    }
    const auto* message = base::json_member(choice, part);
    if (message == nullptr || !message->is_object()) {
      return false;
    }
    any_choice_ = true;
    take_text(*message);
    if (const auto* calls = base::json_member(*message, "tool_calls");
        calls != nullptr && calls->is_array()) {
      for (const auto& call : *calls) {
        take_call(call);
      }
    }
    return true;
  }

  void take_text(const json& message) {
    const auto* content = base::json_member(message, "content");
    if (content != nullptr && content->is_array()) {
      for (const auto& part : *content) {
        text_ += base::json_string(part, "text").value_or("");
      }
    } else {
      text_ += base::json_string(message, "content").value_or("");
    }
    text_ += base::json_string(message, "refusal").value_or("");
  }

  void take_call(const json& piece) {
    const json none = json::object();
    const auto* given = base::json_member(piece, "function");
    const auto& function = given != nullptr ? *given : none;
    const auto id = base::json_string(piece, "id").value_or("");
    const auto name = base::json_string(function, "name").value_or("");
    auto& call = call_for(base::json_integer(piece, "index"), id, name);
    if (call.id.empty()) {
      call.id = id;
    }
    if (call.name.empty()) {
      call.name = name;
    }
    if (const auto* arguments = base::json_member(function, "arguments");
        arguments != nullptr && !arguments->is_null()) {
      call.arguments += arguments->is_string() ? arguments->get<std::string>() : base::dump_json(*arguments);
    }
  }

  /// The call that a piece belongs to, which may be a new one. Some servers send no index, and some the same
  /// for every call but each with its own id; with neither index nor id, a name begins a call.
  ToolCall& call_for(std::optional<std::int64_t> index, const std::string& id, const std::string& name) {
    const auto belongs = [&](const Call& known) {
      if (index) {
        return known.index == *index && (id.empty() || known.call.id.empty() || known.call.id == id);
      }
      return id.empty() ? name.empty() : known.call.id == id;
    };
    const auto known = std::find_if(calls_.rbegin(), calls_.rend(), belongs);
    if (known != calls_.rend()) {
      return known->call;
    }
    calls_.push_back({index.value_or(-1), {}});
    return calls_.back().call;
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

  std::string text_;
  std::vector<Call> calls_;
  Usage usage_;
  bool any_choice_ = false;
  bool has_finish_reason_ = false;
  bool finished_ = false;
  bool truncated_ = false;
};

class OpenAiCompatible final : public ChatModel {
 public:
  explicit OpenAiCompatible(const Endpoint& endpoint)
      : endpoint_(endpoint), url_(openai_compatible_url(endpoint.base_url)) {}

  Completion complete(const ChatRequest& request, std::stop_token stop) override {
    return with_retries(endpoint_, stop, [&](std::chrono::milliseconds time) {
      const auto begin = std::chrono::steady_clock::now();
      const auto limit = limit_.load();
      try {
        return attempt(request, limit, time, stop);
      } catch (const AttemptError& error) {
        const auto left =
            time - std::chrono::ceil<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
        if (limit == TokenLimit::max_completion_tokens || left <= std::chrono::milliseconds(0) ||
            std::string_view(error.what()).find("max_completion_tokens") == std::string_view::npos) {
          throw;
        }
        limit_ = TokenLimit::max_completion_tokens;
        return attempt(request, TokenLimit::max_completion_tokens, left, stop);
      }
    });
  }

  std::string provider() const override { return endpoint_.provider; }
  std::string model() const override { return endpoint_.model; }

 private:
  Completion attempt(const ChatRequest& request, TokenLimit limit, std::chrono::milliseconds time,
                     const std::stop_token& stop) const {
    auto call =
        prepared_call(endpoint_, url_, openai_compatible_request(request, endpoint_.model, limit), time);
    if (!endpoint_.api_key.empty()) {
      call.headers.add("Authorization", "Bearer " + endpoint_.api_key);
    }
    Reader reader;
    return exchange(std::move(call), reader, stop);
  }

  const Endpoint endpoint_;
  const std::string url_;
  std::atomic<TokenLimit> limit_ = TokenLimit::max_tokens;  ///< learnt from the server's refusal
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

std::string openai_compatible_request(const ChatRequest& request, const std::string& model,
                                      TokenLimit limit) {
  json body = {{"model", model},
               {limit == TokenLimit::max_tokens ? "max_tokens" : "max_completion_tokens", request.max_tokens},
               {"stream", true},
               {"stream_options", {{"include_usage", true}}}};
  auto& messages = body["messages"] = json::array();
  std::string system;
  append_paragraph(system, request.guide);
  append_paragraph(system, request.context);
  if (!system.empty()) {
    messages.push_back({{"role", "system"}, {"content", system}});
  }
  for (const auto& message : request.messages) {
    append_message(messages, message);
  }
  if (!request.tools.empty()) {
    auto& tools = body["tools"] = json::array();
    for (const auto& tool : request.tools) {
      tools.push_back(
          {{"type", "function"},
           {"function",
            {{"name", tool.name}, {"description", tool.description}, {"parameters", schema_of(tool)}}}});
    }
  }
  return base::dump_json(body);
}

std::unique_ptr<AnswerReader> openai_compatible_reader() {
  return std::make_unique<Reader>();
}

}  // namespace llm
