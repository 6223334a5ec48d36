#include "llm/anthropic.h"

#include <algorithm>
#include <map>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/utf8.h"
#include "llm/attempt_error.h"
#include "llm/retry.h"

namespace llm {
namespace {

using nlohmann::json;

/// Marks the end of what the provider may cache.
json cache_mark() {
  return {{"type", "ephemeral"}};
}

/// The API refuses text blocks without visible characters.
bool is_sendable(const Text& text) {
  return !base::trim(text.text).empty();
}

json object_of(const std::string& text) {
  auto parsed = base::parse_json(text);
  return parsed && parsed->is_object() ? std::move(*parsed) : json::object();
}

/// Results of tools come first, as the API demands of the message that follows a tool call.
json content_of(const ChatMessage& message) {
  json results = json::array(), others = json::array();
  for (const auto& part : message.content) {
    if (const auto* result = std::get_if<ToolResult>(&part)) {
      json block = {{"type", "tool_result"}, {"tool_use_id", result->call_id}, {"content", result->text}};
      if (result->is_error) {
        block["is_error"] = true;
      }
      results.push_back(std::move(block));
    } else if (const auto* call = std::get_if<ToolCall>(&part)) {
      others.push_back({{"type", "tool_use"},
                        {"id", call->id},
                        {"name", call->name},
                        {"input", object_of(call->arguments)}});
    } else if (const auto& text = std::get<Text>(part); is_sendable(text)) {
      others.push_back({{"type", "text"}, {"text", text.text}});
    }
  }
  results.insert(results.end(), others.begin(), others.end());
  return results;
}

class Reader final : public AnswerReader {
 public:
  void take_event(const ServerSentEvent& event) override {
    const auto data = base::parse_json(event.data);
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
    } else if (type == "content_block_delta") {
      extend_block(*data);
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
    Completion completion;
    completion.truncated = truncated_;
    completion.usage = usage_;
    for (auto& [index, block] : blocks_) {
      if (block.kind == Block::Kind::text) {
        completion.text += block.text;
      } else if (block.kind == Block::Kind::tool_use) {
        completion.tool_calls.push_back(
            checked_tool_call({std::move(block.id), std::move(block.name), std::move(block.text)},
                              truncated_ ? AnswerEnd::cut_off : AnswerEnd::complete));
      }
    }
    return completion;
  }

 private:
  struct Block {
    enum class Kind { text, tool_use, other };
    Kind kind = Kind::other;
    std::string id;
    std::string name;
    std::string text;  ///< or the arguments of the tool
  };

  void begin_block(const json& data) {
    const auto index = base::json_integer(data, "index");
    const auto* content = base::json_member(data, "content_block");
    if (!index || content == nullptr) {
      throw malformed("a content block without its index or content");
    }
    auto& block = blocks_[*index];
    const auto type = base::json_string(*content, "type").value_or("");
    if (type == "text") {
      block.kind = Block::Kind::text;
      block.text = base::json_string(*content, "text").value_or("");
    } else if (type == "tool_use") {
      block.kind = Block::Kind::tool_use;
      block.id = base::json_string(*content, "id").value_or("");
      block.name = base::json_string(*content, "name").value_or("");
      if (block.id.empty()) {
        throw malformed("a tool call without an id");
      }
      // In a stream this is an empty object, and the arguments follow in pieces.
      if (const auto* input = base::json_member(*content, "input"); input != nullptr && !input->empty()) {
        block.text = base::dump_json(*input);
      }
    }
  }

  void extend_block(const json& data) {
    const auto index = base::json_integer(data, "index");
    const auto* delta = base::json_member(data, "delta");
    const auto block = blocks_.find(index.value_or(-1));
    if (delta == nullptr || block == blocks_.end()) {
      throw malformed("a piece of a content block that did not begin");
    }
    const auto type = base::json_string(*delta, "type").value_or("");
    const bool is_text = type == "text_delta" && block->second.kind == Block::Kind::text;
    const bool is_arguments = type == "input_json_delta" && block->second.kind == Block::Kind::tool_use;
    if (is_text || is_arguments) {
      const auto piece = base::json_string(*delta, is_text ? "text" : "partial_json");
      if (!piece) {
        throw malformed("a piece of a content block without its text");
      }
      block->second.text += *piece;
    }
  }

  void note_stop_reason(const json& holder) {
    const auto reason = base::json_string(holder, "stop_reason").value_or("");
    truncated_ = truncated_ || reason == "max_tokens" || reason == "model_context_window_exceeded";
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

  std::map<std::int64_t, Block> blocks_;
  Usage usage_;
  bool started_ = false;
  bool finished_ = false;
  bool truncated_ = false;
};

class Anthropic final : public ChatModel {
 public:
  explicit Anthropic(const Endpoint& endpoint)
      : endpoint_(endpoint), url_(anthropic_url(endpoint.base_url)) {}

  Completion complete(const ChatRequest& request, std::stop_token stop) override {
    return with_retries(endpoint_, stop, [&](std::chrono::milliseconds time) {
      auto call = prepared_call(endpoint_, url_, anthropic_request(request, endpoint_.model), time);
      call.headers.add("anthropic-version", "2023-06-01");
      if (!endpoint_.api_key.empty()) {
        call.headers.add("x-api-key", endpoint_.api_key);
      }
      Reader reader;
      return exchange(std::move(call), reader, stop);
    });
  }

  std::string provider() const override { return endpoint_.provider; }
  std::string model() const override { return endpoint_.model; }

 private:
  const Endpoint endpoint_;
  const std::string url_;
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

std::string anthropic_request(const ChatRequest& request, const std::string& model) {
  json body = {{"model", model}, {"max_tokens", request.max_tokens}, {"stream", true}};
  if (!request.tools.empty()) {
    auto& tools = body["tools"] = json::array();
    for (const auto& tool : request.tools) {
      tools.push_back(
          {{"name", tool.name}, {"description", tool.description}, {"input_schema", schema_of(tool)}});
    }
    tools.back()["cache_control"] = cache_mark();
  }
  json system = json::array();
  if (const Text guide{request.guide}; is_sendable(guide)) {
    system.push_back({{"type", "text"}, {"text", guide.text}, {"cache_control", cache_mark()}});
  }
  if (const Text context{request.context}; is_sendable(context)) {
    system.push_back({{"type", "text"}, {"text", context.text}});
  }
  if (!system.empty()) {
    body["system"] = std::move(system);
  }
  auto& messages = body["messages"] = json::array();
  for (const auto& message : request.messages) {
    if (auto content = content_of(message); !content.empty()) {
      messages.push_back(
          {{"role", message.role == Role::user ? "user" : "assistant"}, {"content", std::move(content)}});
    }
  }
  return base::dump_json(body);
}

std::unique_ptr<AnswerReader> anthropic_reader() {
  return std::make_unique<Reader>();
}

}  // namespace llm
