#include "llm/anthropic.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "llm/anthropic_request.h"
#include "llm/argument_pieces.h"
#include "llm/attempt_error.h"
#include "llm/images.h"
#include "llm/optional_members.h"
#include "llm/retry.h"
#include "llm/told_answer.h"
#include "llm/unknown_members.h"

namespace llm {
namespace {

using nlohmann::json;

class Reader final : public AnswerReader {
 public:
  explicit Reader(Asked asked) : asked_(std::move(asked)), bound_(asked_.max_bytes), told_(asked_) {}

  void take_event(const ServerSentEvent& event) override {
    const auto data = base::parse_json_piece(event.data);
    if (!data || !data->is_object()) {
      throw malformed("an event of the stream is not a JSON object");
    }
    const auto type = base::json_string(*data, "type").value_or(event.type);
    if (type == "message_start") {
      const auto* message = base::json_member(*data, "message");
      if (message == nullptr) {
        throw malformed("message_start without a message");
      }
      started_ = true;
      count_usage(*message);
    } else if (type == "content_block_start") {
      begin_block(*data);
      told_.add(base::json_text(base::json_object(*data, "content_block"), "text"));
    } else if (type == "content_block_delta") {
      extend_block(*data);
      const auto text = base::json_member(base::json_object(*data, "delta"), "text");
      told_.add(base::json_text(base::json_object(*data, "delta"), "text"));
      text_bytes_ += text != nullptr && text->is_string() ? text->get_ref<const std::string&>().size() : 0;
      if (text_bytes_ > asked_.max_bytes && bound_.is_passed(text_so_far())) {
        started_ = finished_ = true;
      }
    } else if (type == "message_delta") {
      count_usage(*data);
      if (const auto* delta = base::json_member(*data, "delta")) {
        note_stop_reason(*delta);
      }
    } else if (type == "message_stop") {
      finished_ = true;
    } else if (type == "error") {
      const auto* error = base::json_member(*data, "error");
      throw refused_inside(error != nullptr ? *error : *data);
    }
    // Pings and the events of later versions carry nothing that is needed.
  }

  void take_document(const json& document) override {
    if (const auto* error = base::json_member(document, "error"); error != nullptr && !error->is_null()) {
      throw refused_inside(*error);
    }
    const auto* content = base::json_member(document, "content");
    if (content == nullptr || !content->is_array()) {
      throw malformed("the answer has no content");
    }
    for (std::size_t i = 0; i < content->size(); ++i) {
      begin_block({{"index", i}, {"content_block", (*content)[i]}});
    }
    count_usage(document);
    note_stop_reason(document);
    started_ = finished_ = true;
  }

  bool finished() const override { return finished_; }

  Completion completion() override {
    if (!started_ || !finished_) {
      throw AttemptError(ModelError::Kind::unreachable, Repeat::rarely,
                         "the stream ended before the answer did");
    }
    std::string text;
    std::vector<SentCall> calls;
    for (const auto& [index, block] : blocks_) {
      if (block.kind == Block::Kind::text) {
        text += block.text;
      } else if (block.kind == Block::Kind::tool_use) {
        calls.push_back({index,
                         {base::json_text(block.received, "id"), base::json_text(block.received, "name"),
                          block.arguments.joined()}});
      }
    }
    auto completion = settled(text, calls, ending_, asked_);
    completion.usage = believable(usage_);
    if (!calls.empty()) {
      completion.as_received = as_received(calls);
    }
    told_.whole();
    return completion;
  }

 private:
  struct Block {
    enum class Kind { text, tool_use, other };
    Kind kind = Kind::other;
    std::string text;
    ArgumentPieces arguments;  ///< of a tool, ours or the provider's
    json received;             ///< the block as it began, with what came later and is neither
  };

  void begin_block(const json& data) {
    const auto index = base::json_integer(data, "index");
    const auto* content = base::json_member(data, "content_block");
    if (!index || content == nullptr || !content->is_object()) {
      throw malformed("a content block without its index or content");
    }
    auto& block = blocks_[*index];
    block = {};
    block.received = *content;
    const auto type = base::json_text(*content, "type");
    if (type == "text") {
      block.kind = Block::Kind::text;
      block.text = base::json_text(*content, "text");
    } else if (type == "tool_use") {
      block.kind = Block::Kind::tool_use;
      // In a stream this is an empty object, and the arguments follow in pieces.
      if (const auto* input = base::json_member(*content, "input"); input != nullptr && !input->empty()) {
        block.arguments.add(input->is_string() ? input->get<std::string>() : base::dump_json(*input));
      }
    }
  }

  void extend_block(const json& data) {
    const auto found = blocks_.find(base::json_integer(data, "index").value_or(-1));
    const auto* delta = base::json_member(data, "delta");
    if (delta == nullptr || !delta->is_object() || found == blocks_.end()) {
      throw malformed("a piece of a content block that did not begin");
    }
    auto& block = found->second;
    const auto type = base::json_text(*delta, "type");
    if (type == "text_delta" || type == "input_json_delta") {
      const auto piece = base::json_string(*delta, type == "text_delta" ? "text" : "partial_json");
      if (!piece) {
        throw malformed("a piece of a content block without its text");
      }
      if (type == "text_delta") {
        block.text += *piece;
      } else {
        block.arguments.add(*piece);
      }
    } else if (const auto* citation = base::json_member(*delta, "citation")) {
      auto& citations = block.received["citations"];
      citations = citations.is_array() ? citations : json::array();
      citations.push_back(*citation);
    } else {
      merge_unknown(block.received, *delta, {"type"});
    }
  }

  /// The text that people see so far.
  std::string text_so_far() const {
    std::string text;
    for (const auto& [index, block] : blocks_) {
      text += block.kind == Block::Kind::text ? block.text : "";
    }
    return text;
  }

  /// The blocks of the message as the provider wants them back, with the calls as they are in the answer.
  std::string as_received(const std::vector<SentCall>& calls) const {
    json blocks = json::array();
    for (const auto& [index, block] : blocks_) {
      auto own = block.received;
      if (block.kind == Block::Kind::tool_use) {
        const auto sent = std::find_if(calls.begin(), calls.end(),
                                       [&, at = index](const SentCall& call) { return call.index == at; });
        if (sent == calls.end()) {
          continue;
        }
        own["id"] = sent->call.id;
        own["name"] = sent->call.name;
        own["input"] = object_of(sent->call.arguments);
      } else if (block.kind == Block::Kind::text) {
        own["text"] = block.text;
        if (!is_sendable({block.text})) {
          continue;
        }
      } else if (const auto input = block.arguments.joined(); !input.empty()) {
        own["input"] = object_of(input);
      }
      blocks.push_back(std::move(own));
    }
    join_halves_in(blocks);
    return base::dump_json(blocks);
  }

  void note_stop_reason(const json& holder) {
    const auto reason = base::json_text(holder, "stop_reason");
    if (reason == "max_tokens" || reason == "model_context_window_exceeded") {
      ending_ = Ending::at_max_tokens;
    } else if (reason == "refusal" || reason.find("filter") != std::string::npos) {
      ending_ = Ending::declined;
    } else if (reason.find("error") != std::string::npos || reason.find("abort") != std::string::npos) {
      throw AttemptError(ModelError::Kind::overloaded, Repeat::rarely,
                         "the answer ended with the reason " + reason);
    }
  }

  /// The counts of a stream are totals, so that the later one stands.
  void count_usage(const json& holder) {
    const auto* usage = base::json_member(holder, "usage");
    if (usage == nullptr) {
      return;
    }
    const auto update = [&](std::int64_t& count, const char* key) {
      count = std::max<std::int64_t>(0, base::json_integer(*usage, key).value_or(count));
    };
    update(usage_.input, "input_tokens");
    update(usage_.cache_read, "cache_read_input_tokens");
    update(usage_.cache_write, "cache_creation_input_tokens");
    update(usage_.output, "output_tokens");
  }

  const Asked asked_;
  TextBound bound_;
  ToldAnswer told_;
  std::map<std::int64_t, Block> blocks_;
  std::size_t text_bytes_ = 0;  ///< of pieces of text
  Usage usage_;
  Ending ending_ = Ending::complete;
  bool started_ = false;
  bool finished_ = false;
};

class Anthropic final : public ChatModel {
 public:
  explicit Anthropic(const Endpoint& endpoint)
      : endpoint_(endpoint), url_(anthropic_url(endpoint.base_url)) {}

  Completion complete(const ChatRequest& request, std::stop_token stop) override {
    std::vector<std::string> optional = {"cache_control", "stream"};
    if (has_images(request)) {
      optional.emplace_back(kImagesMember);
    }
    return with_retries(endpoint_, stop, [&](std::chrono::milliseconds time) {
      return optional_.attempt(
          request, optional, "", time,
          [&](const ChatRequest& taken, const OptionalMembers::Names& left_out,
              std::chrono::milliseconds left) { return attempt(taken, left_out, left, stop); });
    });
  }

  std::string provider() const override { return endpoint_.provider; }
  std::string model() const override { return endpoint_.model; }

 private:
  Completion attempt(const ChatRequest& request, const OptionalMembers::Names& left_out,
                     std::chrono::milliseconds time, const std::stop_token& stop) {
    auto call = prepared_call(endpoint_, url_, requests_.write(request, endpoint_.model, left_out), time);
    call.headers.add("anthropic-version", "2023-06-01");
    if (!endpoint_.api_key.empty()) {
      call.headers.add("x-api-key", endpoint_.api_key);
    }
    Reader reader(asked(request, endpoint_, &thinks_first_));
    return exchange(std::move(call), reader, endpoint_.max_answer_bytes, stop, image_size(request, left_out));
  }

  const Endpoint endpoint_;
  const std::string url_;
  AnthropicRequests requests_;
  OptionalMembers optional_{endpoint_.images};
  mutable std::atomic<bool> thinks_first_ = may_think_first(endpoint_.model);
};

}  // namespace

std::unique_ptr<ChatModel> make_anthropic(const Endpoint& endpoint) {
  return std::make_unique<Anthropic>(endpoint);
}

std::string anthropic_url(std::string_view base_url) {
  while (base_url.ends_with('/')) {
    base_url.remove_suffix(1);
  }
  if (base_url.ends_with("/v1")) {
    base_url.remove_suffix(3);
  }
  return base::join_url(base_url, "/v1/messages");
}

std::unique_ptr<AnswerReader> anthropic_reader(Asked asked) {
  return std::make_unique<Reader>(std::move(asked));
}

}  // namespace llm
