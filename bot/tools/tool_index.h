#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "llm/mcp/tool.h"

namespace bot::tools {

/// Which tools fit some words, by the words in their names and descriptions. A value; pure; after it was
/// built any thread.
class ToolIndex {
 public:
  ToolIndex() = default;
  ToolIndex(const std::string& server, const std::vector<llm::mcp::Tool>& tools);

  struct Hit {
    std::size_t at;  ///< in `tools`
    float score;
  };
  /// Those that have any of the words, in no order. A word counts the more the fewer tools have it, and three
  /// times in a name.
  std::vector<Hit> find(std::string_view text) const;

 private:
  std::unordered_map<std::string, std::vector<std::pair<std::uint32_t, float>>> weights_;
  std::size_t size_ = 0;
};

}  // namespace bot::tools
