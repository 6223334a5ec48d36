#include "tests/support/models/model_dialects.h"

#include <nlohmann/json.hpp>

#include "base/json.h"

namespace support {
namespace {

using nlohmann::json;

std::string named_event(const json& data) {
  return "event: " + data.at("type").get<std::string>() + "\ndata: " + base::dump_json(data) + "\n\n";
}

std::string anthropic_begin(const json& block) {
  return named_event(
             {{"type", "message_start"},
              {"message",
               {{"content", json::array()}, {"usage", {{"input_tokens", 9}, {"output_tokens", 1}}}}}}) +
         named_event({{"type", "content_block_start"}, {"index", 0}, {"content_block", block}}) +
         named_event({{"type", "ping"}});
}

std::string anthropic_delta(const json& delta) {
  return named_event({{"type", "content_block_delta"}, {"index", 0}, {"delta", delta}});
}

std::string anthropic_end(const std::string& reason) {
  return named_event({{"type", "content_block_stop"}, {"index", 0}}) +
         named_event({{"type", "message_delta"},
                      {"delta", {{"stop_reason", reason}}},
                      {"usage", {{"output_tokens", 5}}}}) +
         named_event({{"type", "message_stop"}});
}

std::string openai_event(const json& data) {
  return "data: " + base::dump_json(data) + "\n\n";
}

std::string openai_delta(const json& delta, const json& finish_reason = nullptr) {
  return openai_event({{"object", "chat.completion.chunk"},
                       {"choices", {{{"index", 0}, {"delta", delta}, {"finish_reason", finish_reason}}}},
                       {"usage", nullptr}});
}

}  // namespace

std::string AnthropicDialect::stream(const std::string& text) {
  return anthropic_begin({{"type", "text"}, {"text", ""}}) +
         anthropic_delta({{"type", "text_delta"}, {"text", text}}) + anthropic_end("end_turn");
}

std::string AnthropicDialect::unfinished_stream() {
  return anthropic_begin({{"type", "text"}, {"text", ""}}) +
         anthropic_delta({{"type", "text_delta"}, {"text", "This is only the beg"}});
}

std::string AnthropicDialect::stream_with_error(const std::string& type, const std::string& message) {
  return unfinished_stream() +
         named_event({{"type", "error"}, {"error", {{"type", type}, {"message", message}}}});
}

std::string AnthropicDialect::stream_with_broken_tool_call() {
  return anthropic_begin({{"type", "tool_use"}, {"id", "t1"}, {"name", "look"}, {"input", json::object()}}) +
         anthropic_delta({{"type", "input_json_delta"}, {"partial_json", "{\"city\": "}}) +
         anthropic_end("tool_use");
}

std::string AnthropicDialect::document(const std::string& text) {
  return base::dump_json({{"type", "message"},
                          {"content", {{{"type", "text"}, {"text", text}}}},
                          {"stop_reason", "end_turn"},
                          {"usage", {{"input_tokens", 9}, {"output_tokens", 5}}}});
}

std::string AnthropicDialect::error(const std::string& type, const std::string& message) {
  return base::dump_json({{"type", "error"}, {"error", {{"type", type}, {"message", message}}}});
}

std::string OpenAiDialect::stream(const std::string& text) {
  return openai_delta({{"role", "assistant"}, {"content", ""}}) + openai_delta({{"content", text}}) +
         openai_delta(json::object(), "stop") +
         openai_event(
             {{"choices", json::array()}, {"usage", {{"prompt_tokens", 9}, {"completion_tokens", 5}}}}) +
         "data: [DONE]\n\n";
}

std::string OpenAiDialect::unfinished_stream() {
  return openai_delta({{"role", "assistant"}, {"content", ""}}) +
         openai_delta({{"content", "This is only the beg"}});
}

std::string OpenAiDialect::stream_with_error(const std::string& type, const std::string& message) {
  return unfinished_stream() + openai_event({{"error", {{"type", type}, {"message", message}}}});
}

std::string OpenAiDialect::stream_with_broken_tool_call() {
  const json function = {{"name", "look"}, {"arguments", "{\"city\": "}};
  return openai_delta(
             {{"tool_calls", {{{"index", 0}, {"id", "t1"}, {"type", "function"}, {"function", function}}}}}) +
         openai_delta(json::object(), "tool_calls") + "data: [DONE]\n\n";
}

std::string OpenAiDialect::document(const std::string& text) {
  const json message = {{"role", "assistant"}, {"content", text}};
  return base::dump_json({{"object", "chat.completion"},
                          {"choices", {{{"index", 0}, {"message", message}, {"finish_reason", "stop"}}}},
                          {"usage", {{"prompt_tokens", 9}, {"completion_tokens", 5}}}});
}

std::string OpenAiDialect::error(const std::string& type, const std::string& message) {
  return base::dump_json(
      {{"error", {{"message", message}, {"type", type}, {"param", nullptr}, {"code", type}}}});
}

base::HttpResponse event_stream(std::string body) {
  base::HttpResponse response;
  response.body = std::move(body);
  response.content_type = "text/event-stream";
  return response;
}

base::HttpResponse status(int status, std::string body) {
  base::HttpResponse response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

base::HttpResponse status_with_retry_after(int code, std::string body, const std::string& seconds) {
  auto response = status(code, std::move(body));
  response.headers.add("Retry-After", seconds);
  return response;
}

base::HttpResponse web_page() {
  base::HttpResponse response;
  response.body = "<!DOCTYPE html><html><body>Please log in to this network</body></html>";
  response.content_type = "text/html";
  return response;
}

}  // namespace support
