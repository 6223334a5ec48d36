#include "llm/mcp/messages.h"

#include "base/json.h"

namespace llm::mcp {

using nlohmann::json;

std::optional<Incoming> read_message(const std::string& text) {
  auto parsed = base::parse_json(text);
  if (!parsed || !parsed->is_object() || base::json_text(*parsed, "jsonrpc") != "2.0") {
    return std::nullopt;
  }
  auto& message = *parsed;
  Incoming incoming;
  incoming.method = base::json_text(message, "method");
  const bool has_id = message.contains("id") && !message["id"].is_null();
  if (has_id) {
    incoming.id = message["id"];
  }
  if (!incoming.method.empty()) {
    incoming.kind = has_id ? Incoming::Kind::request : Incoming::Kind::notification;
    incoming.body = message.contains("params") ? std::move(message["params"]) : json::object();
  } else if (message.contains("result")) {
    incoming.kind = Incoming::Kind::result;
    incoming.body = std::move(message["result"]);
  } else if (message.contains("error")) {
    incoming.kind = Incoming::Kind::error;
    incoming.body = std::move(message["error"]);
  } else {
    return std::nullopt;
  }
  return incoming;
}

std::string request_text(std::int64_t id, const std::string& method, const json& params) {
  return base::dump_json({{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", params}});
}

std::string notification_text(const std::string& method, const json& params) {
  return base::dump_json({{"jsonrpc", "2.0"}, {"method", method}, {"params", params}});
}

std::string result_text(const json& id, const json& result) {
  return base::dump_json({{"jsonrpc", "2.0"}, {"id", id}, {"result", result}});
}

std::string error_text(const json& id, int code, const std::string& message) {
  return base::dump_json(
      {{"jsonrpc", "2.0"}, {"id", id}, {"error", {{"code", code}, {"message", message}}}});
}

}  // namespace llm::mcp
