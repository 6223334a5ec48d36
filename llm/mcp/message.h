#pragma once

#include <cstdint>
#include <string>

#include <nlohmann/json_fwd.hpp>

namespace llm::mcp {

/// Texts of JSON-RPC 2.0 messages.
std::string request_text(std::int64_t id, const std::string& method, const nlohmann::json& params);
std::string notification_text(const std::string& method, const nlohmann::json& params);
std::string result_text(const nlohmann::json& id, const nlohmann::json& result);
std::string error_text(const nlohmann::json& id, int code, const std::string& message);

/// The server's own words in an error, on one line and bounded.
std::string words_of(const nlohmann::json& error);

}  // namespace llm::mcp
