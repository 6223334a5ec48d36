#include "llm/visible_text.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <utility>

#include "base/json.h"
#include "base/thoughts.h"
#include "base/utf8.h"
#include "llm/bare_calls.h"
#include "llm/inner_marks.h"
#include "llm/tool_arguments.h"

namespace llm {
namespace {

constexpr auto npos = std::string_view::npos;
constexpr std::string_view kWhite = " \t\r\n";
/// The name of a thought that any mark closes.
constexpr std::string_view kAnyThought = "*";
/// Longer things are not looked at again and again; the end of the answer decides.
constexpr std::size_t kMostHeld = 64 * 1024;
/// Of longer ones only now and then, so that all looks together take time in proportion to the text.
constexpr std::size_t kOftenLookedAt = 1024;

/// That models put in front of the name of a tool.
constexpr std::string_view kNamespaces[] = {"default_api", "functions", "multi_tool_use", "tools"};

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
}

/// For comparison, as offered_name() compares.
std::string folded(std::string_view name) {
  auto text = base::ascii_lower(name);
  std::replace(text.begin(), text.end(), '-', '_');
  return text;
}

std::size_t word_end(std::string_view text, std::size_t at) {
  while (at < text.size() && is_word(text[at])) {
    ++at;
  }
  return at;
}

enum class Answer { yes, no, unknown };

/// Whether what begins with "{" there can be an object that somebody wrote as JSON.
Answer begins_object(std::string_view text, std::size_t at) {
  auto next = text.find_first_not_of(kWhite, at + 1);
  if (next == npos) {
    return Answer::unknown;
  }
  if (text[next] == '"' || text[next] == '\'') {
    return Answer::yes;
  }
  const auto end = word_end(text, next);
  if (end == next) {
    return Answer::no;
  }
  next = text.find_first_not_of(kWhite, end);
  return next == npos ? Answer::unknown : text[next] == ':' ? Answer::yes : Answer::no;
}

/// The piece without the first half of a character at its end, which goes to `half`.
std::string whole_characters(std::string& half, std::string_view piece) {
  auto bytes = std::exchange(half, {}) + std::string(piece);
  const auto n = bytes.size();
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  if (n >= 3 && byte(n - 3) == 0xED && byte(n - 2) >= 0xA0 && byte(n - 2) <= 0xAF) {
    half = bytes.substr(n - 3);
    bytes.resize(n - 3);
  }
  return base::joined_halves(bytes);
}

}  // namespace

VisibleText::VisibleText(std::vector<std::string> tools, bool begins_in_thought)
    : tools_(std::move(tools)), thought_(begins_in_thought ? kAnyThought : std::string_view()) {}

VisibleText::News VisibleText::add(std::string_view piece) {
  news_ = {};
  const auto more = whole_characters(half_, piece);
  if (shut_ || more.empty()) {
    return {};
  }
  tail_ += more;
  came_ = came_ || more.find_first_of(wait_for_) != npos || tail_.size() > kMostHeld;
  if (wait_for_.empty() || (came_ && tail_.size() >= look_at_)) {
    wait_for_.clear();
    came_ = false;
    look_at_ = 0;
    work();
  }
  return std::exchange(news_, {});
}

void VisibleText::work() {
  using Kind = Step::Kind;
  const Text text(std::exchange(tail_, {}));
  std::size_t at = 0;
  while (at < text.written.size()) {
    const auto step = next(text, at);
    if (step.kind == Kind::hold) {
      break;
    }
    if (step.kind == Kind::shut) {
      shut_ = true;
      return;
    }
    if (step.kind == Kind::think) {
      thought_ = step.name;
      within_ = 0;
    } else if (step.kind == Kind::withdraw) {
      news_ = {.withdrawn = true, .text = {}};
      started_ = bracket_seen_ = false;
      closed_unopened_ = true;
      white_.clear();
    } else if (step.kind == Kind::show) {
      show(std::string_view(text.written).substr(at, step.size));
    }
    at += step.size;
  }
  tail_ = text.written.substr(at);
}

void VisibleText::show(std::string_view text) {
  for (const char c : text) {
    const bool is_white = kWhite.find(c) != npos;
    line_begins_ = c == '\n' || (line_begins_ && is_white);
    in_word_ = is_word(c);
    bracket_seen_ = bracket_seen_ || c == '(';
    if (!is_white) {
      news_.text += std::exchange(white_, {}) + c;
      started_ = true;
    } else if (started_) {
      white_ += c;
    }
  }
}

bool VisibleText::holds_call(std::string_view piece) const {
  const auto bare = take_bare_calls(piece, tools_);
  return !bare.calls.empty() || bare.unread_call;
}

VisibleText::Step VisibleText::hold_for(const Text& text, std::size_t at, std::string_view triggers) {
  if (text.written.size() - at > kMostHeld) {
    return {Step::Kind::shut};
  }
  const auto held = text.written.size() - at;
  wait_for_ = triggers;
  look_at_ = held < kOftenLookedAt ? 0 : held + held / 8;
  return {Step::Kind::hold};
}

VisibleText::Step VisibleText::next(const Text& text, std::size_t at) {
  const char c = text.written[at];
  if (!thought_.empty()) {
    return thought(text, at);
  }
  if (!fence_.empty()) {
    return in_fence(text, at);
  }
  if (!started_ && c == '<') {
    if (const auto step = head(text, at); step.kind != Step::Kind::show) {
      return step;
    }
  }
  if (c == '<' || c == '[' || static_cast<unsigned char>(c) >= 0xe2) {
    return mark(text, at);
  }
  if (c == '{') {
    return json(text, at);
  }
  if (c == '`' || c == '~') {
    return code(text, at);
  }
  return is_word(c) && !in_word_ && !bracket_seen_ ? word(text, at) : Step{Step::Kind::show, 1};
}

/// Marks that mean something else at the head of a text: those of a turn's beginning, of channels, and one
/// around the whole.
VisibleText::Step VisibleText::head(const Text& text, std::size_t at) const {
  const auto rest = std::string_view(text.written).substr(at);
  for (const std::string_view channels : {"<|channel|>", "<|start|>"}) {
    if (rest.starts_with(channels)) {
      return {Step::Kind::shut};
    }
    if (channels.starts_with(rest)) {
      return {Step::Kind::hold};
    }
  }
  constexpr std::string_view kAnswer = "<answer>";
  if (rest.starts_with(kAnswer)) {
    return {Step::Kind::skip, kAnswer.size()};
  }
  if (const auto size = begin_mark_at_head(rest)) {
    return {Step::Kind::skip, size};
  }
  return {kAnswer.starts_with(rest) || may_become_mark(text, at) ? Step::Kind::hold : Step::Kind::show};
}

VisibleText::Step VisibleText::thought(const Text& text, std::size_t at) {
  constexpr const char* kFirst = "<[\xe2";
  using Kind = base::ThoughtMark::Kind;
  for (auto i = text.lower.find_first_of(kFirst, at); i != npos;
       i = text.lower.find_first_of(kFirst, i + 1)) {
    const auto mark = base::thought_mark_at(text, i);
    if (mark && mark->kind != Kind::alone && (thought_ == kAnyThought || mark->name == thought_)) {
      within_ += mark->kind == Kind::opens ? 1 : -1;
      if (within_ < 0) {
        closed_unopened_ = closed_unopened_ || thought_ == kAnyThought;
        thought_.clear();
      }
      return {Step::Kind::skip, i + mark->size - at};
    }
    if (!mark && base::may_become_thought_mark(text, i)) {
      return i > at ? Step{Step::Kind::skip, i - at} : Step{Step::Kind::hold};
    }
  }
  return {Step::Kind::skip, text.written.size() - at};
}

VisibleText::Step VisibleText::mark(const Text& text, std::size_t at) {
  using Mark = base::ThoughtMark;
  if (const auto thought = base::thought_mark_at(text, at)) {
    return thought->name == "<|channel>"         ? Step{Step::Kind::shut}
           : thought->kind == Mark::Kind::opens  ? Step{Step::Kind::think, thought->size, thought->name}
           : thought->kind == Mark::Kind::closes ? Step{Step::Kind::withdraw, thought->size}
                                                 : Step{Step::Kind::skip, thought->size};
  }
  if (call_at(text, at) != nullptr || end_mark_at(text, at) > 0) {
    return {Step::Kind::shut};
  }
  if (const auto size = around_mark_at(text, at)) {
    return {Step::Kind::skip, size};
  }
  if (may_become_mark(text, at) || base::may_become_thought_mark(text, at)) {
    return {Step::Kind::hold};
  }
  const auto rest = std::string_view(text.written).substr(at);
  for (const std::string_view last : {"</s>", "</answer>"}) {
    if (last.starts_with(rest) ||
        (rest.starts_with(last) && rest.find_first_not_of(kWhite, last.size()) == npos)) {
      return {Step::Kind::hold};
    }
  }
  return rest.starts_with('[')   ? bracket(text, at)
         : rest.starts_with('<') ? wrapper(text, at)
                                 : Step{Step::Kind::show, 1};
}

/// A list of calls, in JSON or, where it may be the whole text, as in Python.
VisibleText::Step VisibleText::bracket(const Text& text, std::size_t at) {
  const auto next = text.written.find_first_not_of(kWhite, at + 1);
  if (next == npos) {
    return {Step::Kind::hold};
  }
  if (text.written[next] == '{') {
    return json(text, at);
  }
  if (!started_ && is_word(text.written[next])) {
    if (const auto step = word(text, next); step.kind != Step::Kind::show) {
      return step;
    }
  }
  return {Step::Kind::show, 1};
}

VisibleText::Step VisibleText::json(const Text& text, std::size_t at) {
  const auto rest = std::string_view(text.written).substr(at);
  const auto object = begins_object(rest, rest.starts_with('[') ? rest.find('{') : 0);
  if (object != Answer::yes) {
    return {object == Answer::no ? Step::Kind::show : Step::Kind::hold, 1};
  }
  auto behind = rest;
  const auto value = take_value(behind, Extent::cut_off);
  if (!value) {
    return behind.empty() ? hold_for(text, at, "}]") : Step{Step::Kind::show, 1};
  }
  const auto size = rest.size() - behind.size();
  return holds_call(rest.substr(0, size)) ? Step{Step::Kind::shut} : Step{Step::Kind::show, size};
}

/// A tag that a model may have put around a call in JSON.
VisibleText::Step VisibleText::wrapper(const Text& text, std::size_t at) {
  const auto end = word_end(text.written, at + 1);
  if (end == at + 1 || end == text.written.size() || text.written[end] != '>') {
    return {Step::Kind::show, 1};
  }
  const auto next = text.written.find_first_not_of(kWhite, end + 1);
  if (next == npos) {
    return {Step::Kind::hold};
  }
  const char c = text.written[next];
  const auto step = c == '{' ? json(text, next) : c == '[' ? bracket(text, next) : Step{Step::Kind::show};
  return step.kind == Step::Kind::show ? Step{Step::Kind::show, next - at} : step;
}

/// The name of a tool that a bracket may follow, as in Python.
VisibleText::Step VisibleText::word(const Text& text, std::size_t at) const {
  auto begin = at;
  auto end = word_end(text.written, at);
  while (end < text.written.size() && std::string_view(".:/").find(text.written[end]) != npos) {
    begin = end + 1;  // a namespace stands in front of it
    end = word_end(text.written, begin);
  }
  const auto name = folded(std::string_view(text.lower).substr(begin, end - begin));
  if (end == text.written.size()) {
    const auto first = std::string_view(text.lower).substr(at, word_end(text.written, at) - at);
    if (!started_ && std::any_of(std::begin(kNamespaces), std::end(kNamespaces), [&](std::string_view known) {
          return at + first.size() == end ? known.starts_with(first) : known == first;
        })) {
      return {Step::Kind::hold};
    }
    if (name.empty()) {
      return {Step::Kind::show, end - at};  // the end of a sentence
    }
    const bool may_be_tool = std::any_of(tools_.begin(), tools_.end(), [&](const std::string& tool) {
      return folded(tool).starts_with(name);
    });
    return {may_be_tool ? Step::Kind::hold : Step::Kind::show, end - at};
  }
  const bool is_tool = std::any_of(tools_.begin(), tools_.end(),
                                   [&](const std::string& tool) { return folded(tool) == name; });
  if (is_tool) {
    const auto next = text.written.find_first_not_of(" \t\r\n\"'`:0123456789", end);
    if (next == npos || text.written[next] == '(') {
      return {next == npos ? Step::Kind::hold : Step::Kind::shut};
    }
  }
  return {Step::Kind::show, end - at};
}

}  // namespace llm
