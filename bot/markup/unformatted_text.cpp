#include <algorithm>

#include "base/utf8.h"
#include "bot/markup/rich_text.h"

namespace bot::markup {

RichText unformatted_rich_text(std::string_view text) {
  RichText result;
  result.addresses.emplace_back();
  const auto clean = base::strip_controls(base::to_valid_utf8(text));
  for (std::string_view rest = clean; !rest.empty();) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (!base::trim(line).empty()) {
      Block block;
      block.gap = Block::Gap::line;
      block.text = line;
      block.spans.push_back({.begin = 0, .end = line.size()});
      result.blocks.push_back(std::move(block));
    }
  }
  return result;
}

}  // namespace bot::markup
