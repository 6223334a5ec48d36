#include "llm/mcp/message.h"

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/utf8.h"

namespace llm::mcp {
namespace {

using nlohmann::json;

constexpr std::size_t kLongestWords = 300;

}  // namespace

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
  return base::dump_json({{"jsonrpc", "2.0"}, {"id", id}, {"error", {{"code", code}, {"message", message}}}});
}

std::string words_of(const json& error) {
  return base::ellipsize(base::one_line(base::json_text(error, "message")), kLongestWords);
}

}  // namespace llm::mcp
