#include "bot/demo/wire.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/crypto.h"
#include "base/json.h"
#include "base/utf8.h"

namespace bot::demo {
namespace {

using nlohmann::json;

json arguments_of(const Turn& turn) {
  json input = json::object();
  for (const auto& [name, value] : turn.arguments) {
    input[name] = value;
  }
  return input;
}

std::string id_from(std::string_view prefix, std::string_view seed) {
  return std::string(prefix) + base::to_hex(base::sha256(seed)).substr(0, 24);
}

std::size_t output_tokens(const Turn& turn) {
  return estimated_tokens(turn.text.size() + turn.tool.size() + base::dump_json(arguments_of(turn)).size());
}

json content_of(const Turn& turn, std::string_view seed) {
  json content = json::array();
  if (!turn.text.empty()) {
    content.push_back({{"type", "text"}, {"text", turn.text}});
  }
  if (!turn.tool.empty()) {
    content.push_back({{"type", "tool_use"},
                       {"id", id_from("toolu_demo_", seed)},
                       {"name", turn.tool},
                       {"input", arguments_of(turn)}});
  }
  return content;
}

json message_of(const Turn& turn, const Conversation& conversation, std::string_view seed) {
  return {{"id", id_from("msg_demo_", seed)},
          {"type", "message"},
          {"role", "assistant"},
          {"model", conversation.model},
          {"content", content_of(turn, seed)},
          {"stop_reason", turn.tool.empty() ? "end_turn" : "tool_use"},
          {"stop_sequence", nullptr},
          {"usage",
           {{"input_tokens", estimated_tokens(conversation.characters)},
            {"cache_creation_input_tokens", 0},
            {"cache_read_input_tokens", 0},
            {"output_tokens", output_tokens(turn)}}}};
}

void append_event(std::string& stream, const json& data) {
  stream += "event: " + data["type"].get<std::string>() + "\ndata: " + base::dump_json(data) + "\n\n";
}

/// One content block: its start, its text in pieces of about `size` bytes, its stop.
void append_block(std::string& stream, std::size_t index, const json& start, std::string_view text,
                  const char* delta_type, const char* delta_field, std::size_t size) {
  append_event(stream, {{"type", "content_block_start"}, {"index", index}, {"content_block", start}});
  while (!text.empty()) {
    const auto piece = text.size() <= size ? text : base::truncate_utf8(text, size);
    append_event(stream, {{"type", "content_block_delta"},
                          {"index", index},
                          {"delta", {{"type", delta_type}, {delta_field, piece}}}});
    text.remove_prefix(std::max<std::size_t>(piece.size(), 1));
  }
  append_event(stream, {{"type", "content_block_stop"}, {"index", index}});
}

}  // namespace

std::size_t estimated_tokens(std::size_t characters) {
  return std::max<std::size_t>(1, characters / 4);
}

std::string message_json(const Turn& turn, const Conversation& conversation, std::string_view seed) {
  return base::dump_json(message_of(turn, conversation, seed));
}

std::string message_events(const Turn& turn, const Conversation& conversation, std::string_view seed) {
  constexpr std::size_t kTextPiece = 40;
  constexpr std::size_t kJsonPiece = 1000;
  auto message = message_of(turn, conversation, seed);
  const auto content = message["content"];
  const auto stop_reason = message["stop_reason"];
  message["content"] = json::array();
  message["stop_reason"] = nullptr;
  message["usage"]["output_tokens"] = 1;
  std::string stream;
  append_event(stream, {{"type", "message_start"}, {"message", message}});
  append_event(stream, {{"type", "ping"}});
  for (std::size_t i = 0; i < content.size(); ++i) {
    auto start = content[i];
    if (start["type"] == "text") {
      const auto text = start["text"].get<std::string>();
      start["text"] = "";
      append_block(stream, i, start, text, "text_delta", "text", kTextPiece);
    } else {
      const auto input = base::dump_json(start["input"]);
      start["input"] = json::object();
      append_block(stream, i, start, input, "input_json_delta", "partial_json", kJsonPiece);
    }
  }
  append_event(stream, {{"type", "message_delta"},
                        {"delta", {{"stop_reason", stop_reason}, {"stop_sequence", nullptr}}},
                        {"usage", {{"output_tokens", output_tokens(turn)}}}});
  append_event(stream, {{"type", "message_stop"}});
  return stream;
}

std::string error_json(std::string_view type, std::string_view message) {
  return base::dump_json({{"type", "error"}, {"error", {{"type", type}, {"message", message}}}});
}

}  // namespace bot::demo
