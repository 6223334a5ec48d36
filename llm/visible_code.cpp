// Code in a text that comes in pieces: whether it is code is certain only once it ends.
#include <algorithm>

#include "base/utf8.h"
#include "llm/visible_text.h"

namespace llm {
namespace {

constexpr auto npos = std::string_view::npos;
constexpr std::string_view kWhite = " \t\r\n";
/// More is not held back to see whether it is a span, or the head of a fence.
constexpr std::size_t kMostOfSpan = 4096;
constexpr std::size_t kMostOfHead = 200;

std::size_t run_at(std::string_view text, std::size_t at) {
  return std::min(text.find_first_not_of(text[at], at), text.size()) - at;
}

}  // namespace

VisibleText::Step VisibleText::code(const Text& text, std::size_t at) {
  const auto run = run_at(text.written, at);
  if (at + run == text.written.size()) {
    return {Step::Kind::hold};
  }
  if (run >= 3 && line_begins_) {
    return fence_head(text, at, run);
  }
  return text.written[at] == '`' ? span(text, at, run) : Step{Step::Kind::show, run};
}

VisibleText::Step VisibleText::span(const Text& text, std::size_t at, std::size_t run) {
  const std::string_view all = text.written;
  const auto line = std::min(all.find('\n', at), all.size());
  for (auto close = all.find('`', at + run); close < line;) {
    const auto size = run_at(all, close);
    if (close + size == all.size()) {
      return {Step::Kind::hold};
    }
    if (size == run) {
      const auto span = all.substr(at, close + size - at);
      return holds_call(span) ? Step{Step::Kind::shut} : Step{Step::Kind::show, span.size()};
    }
    close = all.find('`', close + size);
  }
  return line < all.size() || all.size() - at > kMostOfSpan ? Step{Step::Kind::show, run}
                                                            : hold_for(text, at, "`\n");
}

/// Where fenced code ends that is open from `at` on; npos where its end has not come.
std::size_t VisibleText::fence_close(const Text& text, std::size_t at, std::string_view fence) const {
  const auto rest = std::string_view(text.written).substr(at);
  for (auto close = rest.find(fence); close != npos; close = rest.find(fence, close + 1)) {
    const auto line = rest.substr(0, close).rfind('\n');
    const bool begins =
        base::trim(rest.substr(line == npos ? 0 : line, close - (line == npos ? 0 : line))).empty();
    if (begins && (line != npos || line_begins_)) {
      return at + close;
    }
  }
  return npos;
}

/// Code that may be nothing but a call is shown once it is whole.
VisibleText::Step VisibleText::fence_head(const Text& text, std::size_t at, std::size_t run) {
  const std::string_view all = text.written;
  const auto head = all.find_first_of("\n{[", at + run);
  if (head == npos) {
    return all.size() - at > kMostOfHead ? Step{Step::Kind::show, run} : Step{Step::Kind::hold};
  }
  const auto body = all.find_first_not_of(kWhite, head);
  if (body == npos) {
    return {Step::Kind::hold};
  }
  const auto language = base::ascii_lower(base::trim(all.substr(at + run, head - at - run)));
  const auto fence = all.substr(at, run);
  const bool may_be_call = language.starts_with("tool") || language.starts_with("function") ||
                           all[body] == '{' || all[body] == '[';
  if (!may_be_call) {
    fence_ = fence;
    return {Step::Kind::show, head - at};
  }
  auto close = npos;
  for (auto from = head; close == npos; ++from) {  // the first that begins a line behind the head
    from = all.find(fence, from);
    if (from == npos) {
      return hold_for(text, at, all.substr(at, 1));
    }
    close = base::begins_line(all, from) ? from : npos;
  }
  const auto size = close + run_at(all, close) - at;
  return at + size == all.size()            ? Step{Step::Kind::hold}
         : holds_call(all.substr(at, size)) ? Step{Step::Kind::shut}
                                            : Step{Step::Kind::show, size};
}

/// What would be a mark or a call outside code may be one still, because the fence may never end.
VisibleText::Step VisibleText::in_fence(const Text& text, std::size_t at) {
  const char c = text.written[at];
  if (c == fence_[0] && line_begins_) {
    const auto run = run_at(text.written, at);
    if (at + run == text.written.size()) {
      return {Step::Kind::hold};
    }
    if (run >= fence_.size()) {
      fence_.clear();
      held_in_fence_ = false;
    }
    return {Step::Kind::show, run};
  }
  const bool may_begin = c == '<' || c == '[' || c == '{' || static_cast<unsigned char>(c) >= 0xe2;
  if (!held_in_fence_ && !may_begin) {
    return {Step::Kind::show, 1};
  }
  if (const auto close = fence_close(text, at, fence_); close != npos && close > at) {
    return {Step::Kind::show, close - at};
  }
  if (!held_in_fence_) {
    const auto step = c == '{' ? json(text, at) : mark(text, at);
    if (step.kind == Step::Kind::show) {
      return step;
    }
    if (step.kind == Step::Kind::hold) {
      wait_for_ += wait_for_.empty() ? "" : fence_;
      return step;
    }
    held_in_fence_ = true;
  }
  return hold_for(text, at, fence_);
}

}  // namespace llm
