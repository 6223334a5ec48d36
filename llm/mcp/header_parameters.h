#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace llm::mcp {

/// An argument that is repeated in a header field, for proxies (revision 2026-07-28, `x-mcp-header`).
struct HeaderParameter {
  std::vector<std::string> path;  ///< in the arguments
  std::string field;              ///< "Mcp-Param-Region"
};

/// Those of a tool's schema; nothing where one of them breaks the rules, and the tool must not be used.
std::optional<std::vector<HeaderParameter>> header_parameters(const nlohmann::json& schema);

/// The fields for these arguments. What is missing or null has none.
std::vector<std::pair<std::string, std::string>> header_fields(const std::vector<HeaderParameter>& parameters,
                                                               const nlohmann::json& arguments);

/// The text as the value of a header field: as it is, or in base64 where it could not stand there.
std::string header_value(const std::string& text);

}  // namespace llm::mcp
