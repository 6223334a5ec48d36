#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bot/tools/senses.h"
#include "llm/mcp/tool.h"

namespace bot::tools {

/// Which tools fit some words, by what these are about and by the words in names and descriptions. A value;
/// pure; after it was built any thread.
class ToolIndex {
 public:
  ToolIndex() = default;
  ToolIndex(const std::string& server, const std::vector<const llm::mcp::Tool*>& tools);

  /// What is looked for, read once for several indexes. Of a long text the beginning counts.
  struct Query {
    explicit Query(std::string_view text);
    std::vector<std::string> words;  ///< each once, without those that stand everywhere
    Senses senses{};
  };
  struct Hit {
    std::size_t at;  ///< in `tools`
    float score;
  };
  /// Those that have anything of the words, in no order. A word counts the more the fewer tools have it, and
  /// three times in a name; a thing that both are about counts more than any word of a small server, so that
  /// servers of different sizes can be compared.
  std::vector<Hit> find(const Query& query) const;

 private:
  /// What a word counts for a tool. There may be many, of servers that are hardly used, so that they are
  /// small.
  struct Weight {
    std::uint64_t word;  ///< its hash
    std::uint32_t at;
    float weight;
  };
  std::vector<Weight> weights_;  ///< in the order of the hashes
  std::vector<Senses> senses_;   ///< of each tool
};

}  // namespace bot::tools
