#pragma once

#include <cstddef>
#include <string>

#include <nlohmann/json_fwd.hpp>

namespace llm::mcp {

/// What a tool answered.
struct CallResult {
  std::string text;     ///< for the model; what is no text stands there as a line that says what it is
  bool failed = false;  ///< the server says so: by isError, or by one text that begins with "Error"
};

/// Reads the result of tools/call: its `content`, or where that has nothing its `structuredContent`, never
/// both. In at most about `max_bytes` bytes: beyond, head and tail.
CallResult read_result(const nlohmann::json& result, std::size_t max_bytes);

}  // namespace llm::mcp
