#include "base/thoughts.h"

#include <algorithm>
#include <cctype>
#include <iterator>

namespace base {
namespace {

struct Marks {
  std::string_view open, close;
};

constexpr Marks kThoughts[] = {{"<think>", "</think>"},
                               {"<thinking>", "</thinking>"},
                               {"<thought>", "</thought>"},
                               {"<thoughts>", "</thoughts>"},
                               {"<reasoning>", "</reasoning>"},
                               {"<reflection>", "</reflection>"},
                               {"<scratchpad>", "</scratchpad>"},
                               {"<antthinking>", "</antthinking>"},
                               {"<seed:think>", "</seed:think>"},
                               {"<mm:think>", "</mm:think>"},
                               {"[think]", "[/think]"},
                               {"◁think▷", "◁/think▷"},
                               {"<|begin_of_thought|>", "<|end_of_thought|>"},
                               {"<unused94>", "<unused95>"}};

const Marks* marks_at(const Folded& text, std::size_t at, std::string_view Marks::*which) {
  const auto* const found = std::find_if(std::begin(kThoughts), std::end(kThoughts),
                                         [&](const Marks& m) { return text.has(m.*which, at); });
  return found == std::end(kThoughts) ? nullptr : found;
}

/// Whether words follow at once, as behind a mark that is meant; one that is spoken of has a space behind it.
bool goes_on_behind(std::string_view text, std::size_t at) {
  return at < text.size() && (std::isalnum(static_cast<unsigned char>(text[at])) != 0 ||
                              static_cast<unsigned char>(text[at]) >= 0x80 || text[at] == '\n');
}

}  // namespace

std::string without_thoughts(std::string_view whole, const IsCall& is_call) {
  const Folded text(whole);
  std::string out;
  for (std::size_t from = 0; from < text.written.size();) {
    const auto at = find_outside_code(text, from, [&](std::size_t i) {
      return marks_at(text, i, &Marks::open) != nullptr || marks_at(text, i, &Marks::close) != nullptr;
    });
    out += text.written.substr(from, at - from);
    if (at == text.written.size()) {
      break;
    }
    if (const auto* const closed = marks_at(text, at, &Marks::close)) {
      // The server put the mark that opens the thought into the prompt: all before it is thought.
      out.clear();
      from = at + closed->close.size();
      continue;
    }
    const auto* const thought = marks_at(text, at, &Marks::open);
    const auto close = text.lower.find(thought->close, at);
    if (close != std::string::npos) {
      from = close + thought->close.size();
    } else if (begins_line(text.written, at) || goes_on_behind(text.written, at + thought->open.size())) {
      // A thought that never came to an end; but some models call a tool in the middle of it.
      from = find_outside_code(text, at, [&](std::size_t i) { return is_call && is_call(text, i); });
    } else {
      out += text.written.substr(at, thought->open.size());
      from = at + thought->open.size();
    }
  }
  return out;
}

}  // namespace base
