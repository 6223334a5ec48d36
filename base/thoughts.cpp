#include "base/thoughts.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <optional>

namespace base {
namespace {

using Mark = ThoughtMark;

/// Those that are no tags.
struct Marks {
  std::string_view open, close;
};
constexpr Marks kOdd[] = {{"[think]", "[/think]"},
                          {"◁think▷", "◁/think▷"},
                          {"<|channel>", "<channel|>"},
                          {"<unused94>", "<unused95>"}};

/// The names of tags, also behind a namespace (<seed:think>).
constexpr std::string_view kTags[] = {
    "think",          "thinking",        "thought",          "thoughts",          "reasoning",
    "reflection",     "scratchpad",      "antthinking",      "ant_thinking",      "inner_thought",
    "inner_thoughts", "inner_monologue", "internal_thought", "internal_thoughts", "chain_of_thought"};
constexpr std::string_view kOpening[] = {"begin_of_", "start_of_", "begin_", "start_"};
constexpr std::string_view kClosing[] = {"end_of_", "end_"};

constexpr std::string_view kWhite = " \t";

bool take(std::string_view& text, std::string_view what) {
  const bool has = text.starts_with(what);
  text.remove_prefix(has ? what.size() : 0);
  return has;
}

template <std::size_t N>
bool take_any(std::string_view& text, const std::string_view (&prefixes)[N]) {
  return std::any_of(std::begin(prefixes), std::end(prefixes),
                     [&](std::string_view prefix) { return take(text, prefix); });
}

constexpr std::size_t kMaxTag = 200;

/// <think>, < think >, <think lang="en">, <|think|> and <|start_thinking|>, and what closes them: </think>,
/// <|/think|>, <think|>, <|end_thinking|>.
std::optional<Mark> tag_at(std::string_view text) {
  text = text.substr(0, kMaxTag);
  const auto size = text.find('>');
  if (!text.starts_with('<') || size == std::string_view::npos) {
    return std::nullopt;
  }
  auto inside = trim(text.substr(1, size - 1));
  const bool bar_before = take(inside, "|");
  const bool bar_behind = inside.ends_with('|');
  inside = trim(inside.substr(0, inside.size() - (bar_behind ? 1 : 0)));
  const bool slash_before = take(inside, "/");
  const bool slash_behind = inside.ends_with('/');
  inside = trim(inside.substr(0, inside.size() - (slash_behind ? 1 : 0)));
  auto name = inside.substr(0, inside.find_first_of(kWhite));
  if (name.size() < inside.size() && inside.find('=') == std::string_view::npos) {
    return std::nullopt;  // words behind it that are no attributes
  }
  const bool begins = bar_before && take_any(name, kOpening);
  const bool ends = bar_before && !begins && take_any(name, kClosing);
  if (const auto space = name.find(':'); space != std::string_view::npos) {
    name = name.substr(space + 1);
  }
  if (std::find(std::begin(kTags), std::end(kTags), name) == std::end(kTags)) {
    return std::nullopt;
  }
  const bool closes = slash_before || ends || (bar_behind && !bar_before);
  return Mark{closes         ? Mark::Kind::closes
              : slash_behind ? Mark::Kind::alone
                             : Mark::Kind::opens,
              name, size + 1};
}

/// The name of a tag that `inside` begins with, as far as it has come; the rest stays in `inside`.
std::string_view take_name(std::string_view& inside) {
  std::size_t size = 0;
  while (size < inside.size() && (std::isalnum(static_cast<unsigned char>(inside[size])) != 0 ||
                                  std::string_view("_:.-").find(inside[size]) != std::string_view::npos)) {
    ++size;
  }
  const auto name = inside.substr(0, size);
  inside.remove_prefix(size);
  return name;
}

std::optional<Mark> mark_at(const Folded& text, std::size_t at) {
  for (const auto& odd : kOdd) {
    if (text.has(odd.open, at)) {
      return Mark{Mark::Kind::opens, odd.open, odd.open.size()};
    }
    if (text.has(odd.close, at)) {
      return Mark{Mark::Kind::closes, odd.open, odd.close.size()};
    }
  }
  return tag_at(std::string_view(text.lower).substr(at));
}

/// Where the thought ends that `open` begins at `at`, or nothing. Some models close it by another name.
class Ends {
 public:
  explicit Ends(const Folded& text) : text_(text) {}

  struct End {
    std::size_t at, behind;
  };
  std::optional<End> of(const Mark& open, std::size_t at) {
    if (at >= without_) {
      return std::nullopt;
    }
    std::optional<End> other;
    for (auto i = next(at + open.size); i != std::string::npos; i = next(i + 1)) {
      const auto mark = mark_at(text_, i);
      if (!mark || mark->kind != Mark::Kind::closes) {
        continue;
      }
      const End end{i, i + mark->size};
      if (mark->name == open.name) {
        return end;
      }
      other = other ? other : end;
    }
    without_ = other ? without_ : std::min(without_, at);
    return other;
  }

 private:
  std::size_t next(std::size_t from) const { return text_.lower.find_first_of("<[\xe2", from); }

  const Folded& text_;
  std::size_t without_ = std::string::npos;  ///< from there on nothing closes
};

/// Whether words follow at once, as behind a mark that is meant; one that is spoken of has a space behind it.
bool goes_on_behind(std::string_view text, std::size_t at) {
  return at < text.size() && (std::isalnum(static_cast<unsigned char>(text[at])) != 0 ||
                              static_cast<unsigned char>(text[at]) >= 0x80 || text[at] == '\n');
}

}  // namespace

std::optional<ThoughtMark> thought_mark_at(const Folded& text, std::size_t at) {
  return mark_at(text, at);
}

bool may_become_thought_mark(const Folded& text, std::size_t at) {
  auto rest = std::string_view(text.lower).substr(at);
  const auto begins = [&](std::string_view mark) { return mark.starts_with(rest); };
  if (std::any_of(std::begin(kOdd), std::end(kOdd),
                  [&](const Marks& odd) { return begins(odd.open) || begins(odd.close); })) {
    return true;
  }
  if (!rest.starts_with('<') || rest.size() >= kMaxTag || rest.find('>') != std::string_view::npos) {
    return false;
  }
  rest = trim(rest.substr(1));
  const bool bar = take(rest, "|");
  rest = trim(rest);
  take(rest, "/");
  rest = trim(rest);
  auto name = take_name(rest);
  if (rest.empty()) {
    return true;  // whatever it is, a name in front of a colon may be any
  }
  if (bar && !take_any(name, kOpening)) {
    take_any(name, kClosing);
  }
  name = name.substr(name.find(':') + 1);
  return std::find(std::begin(kTags), std::end(kTags), name) != std::end(kTags);
}

std::string without_thoughts(std::string_view whole, const IsCall& is_call) {
  const Folded text(whole);
  Ends ends(text);
  std::string out;
  for (std::size_t from = 0; from < text.written.size();) {
    const auto at =
        find_outside_code(text, from, [&](std::size_t i) { return mark_at(text, i).has_value(); });
    out += text.written.substr(from, at - from);
    if (at == text.written.size()) {
      break;
    }
    const auto mark = mark_at(text, at).value();
    const auto behind = at + mark.size;
    constexpr std::string_view kFinal = "final";
    if (mark.kind == Mark::Kind::alone) {
      from = behind;
    } else if (mark.kind == Mark::Kind::closes) {
      // The server put the mark that opens the thought into the prompt: all before it is thought.
      out.clear();
      from = behind;
    } else if (const auto end = ends.of(mark, at); mark.name == "<|channel>" && text.has(kFinal, behind)) {
      // A channel for people.
      const auto body = behind + kFinal.size();
      out += text.written.substr(body, end ? end->at - body : std::string::npos);
      from = end ? end->behind : text.written.size();
    } else if (end) {
      from = end->behind;
    } else if (begins_line(text.written, at) || goes_on_behind(text.written, behind)) {
      // A thought that never came to an end; but some models call a tool in the middle of it.
      from = find_outside_code(text, at, [&](std::size_t i) { return is_call && is_call(text, i); });
    } else {
      out += text.written.substr(at, mark.size);
      from = behind;
    }
  }
  return out;
}

}  // namespace base
