#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

namespace llm::mcp {

/// JSON-RPC 2.0, as the Model Context Protocol uses it. Only .cpp files include this.
struct Incoming {
  enum class Kind { result, error, request, notification };
  Kind kind = Kind::notification;
  nlohmann::json id;
  std::string method;
  nlohmann::json body;  ///< the result, the error, or the params
};

/// The message; nothing where the text is none.
std::optional<Incoming> read_message(const std::string& text);

std::string request_text(std::int64_t id, const std::string& method, const nlohmann::json& params);
std::string notification_text(const std::string& method, const nlohmann::json& params);
std::string result_text(const nlohmann::json& id, const nlohmann::json& result);
std::string error_text(const nlohmann::json& id, int code, const std::string& message);

}  // namespace llm::mcp
