#include "bot/tools/changes.h"

#include <algorithm>
#include <optional>
#include <vector>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/json.h"
#include "base/rfc3339.h"
#include "base/utf8.h"

namespace bot::tools {
namespace {

using nlohmann::json;
using Lines = std::vector<std::string>;

/// Of what is compared line by line; beyond it all is taken as different.
constexpr std::size_t kMostCompared = 4'000'000;
constexpr std::size_t kMostShown = 60;
constexpr std::size_t kLongestLine = 300;

std::string readable_scalar(const json& value, const std::string& timezone) {
  if (!value.is_string()) {
    return base::dump_json(value);
  }
  const auto text = value.get<std::string>();
  if (const auto instant = base::parse_rfc3339(text)) {
    return fmt::format("{} ({} {})", text, base::format_minute(*instant, timezone), timezone);
  }
  return base::one_line(text);
}

void add_lines(const json& value, const std::string& indent, const std::string& timezone, Lines& lines) {
  for (const auto& [key, member] : value.items()) {
    const auto begin = indent + (value.is_array() ? "-" : key + ":");
    if (!member.is_structured()) {
      lines.push_back(begin + " " + readable_scalar(member, timezone));
    } else if (value.is_array()) {
      add_lines(member, indent, timezone, lines);  // no line that only says that there is one more
    } else {
      lines.push_back(begin);
      add_lines(member, indent + "  ", timezone, lines);
    }
  }
}

/// A run of lines that are different, between two that are the same.
struct Hunk {
  Lines gone;
  Lines come;
};

/// By the longest common subsequence.
std::vector<Hunk> hunks_of(const Lines& a, const Lines& b) {
  const auto width = b.size() + 1;
  std::vector<std::uint16_t> common;
  const bool compared = a.size() * b.size() <= kMostCompared;
  if (compared) {
    common.resize((a.size() + 1) * width);
    for (std::size_t i = a.size(); i-- > 0;) {
      for (std::size_t j = b.size(); j-- > 0;) {
        common[i * width + j] = a[i] == b[j]
                                    ? static_cast<std::uint16_t>(common[(i + 1) * width + j + 1] + 1)
                                    : std::max(common[(i + 1) * width + j], common[i * width + j + 1]);
      }
    }
  }
  std::vector<Hunk> hunks;
  bool open = false;
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() || j < b.size()) {
    if (compared && i < a.size() && j < b.size() && a[i] == b[j]) {
      open = false;
      ++i;
      ++j;
      continue;
    }
    if (!open) {
      hunks.emplace_back();
      open = true;
    }
    const bool goes =
        j == b.size() ||
        (i < a.size() && (!compared || common[(i + 1) * width + j] >= common[i * width + j + 1]));
    (goes ? hunks.back().gone : hunks.back().come).push_back(goes ? a[i++] : b[j++]);
  }
  return hunks;
}

/// What a call names: texts, numbers and instants.
struct Asked {
  Lines texts;
  std::vector<base::Timestamp> instants;
};

void collect(const json& value, Asked& asked) {
  if (value.is_structured()) {
    for (const auto& member : value) {
      collect(member, asked);
    }
  } else if (value.is_string()) {
    const auto text = value.get<std::string>();
    if (const auto instant = base::parse_rfc3339(text)) {
      asked.instants.push_back(*instant);
    }
    if (!text.empty()) {
      asked.texts.push_back(base::one_line(text));
    }
  } else if (!value.is_null()) {
    asked.texts.push_back(base::dump_json(value));
  }
}

std::string key_of(const std::string& line) {
  return line.substr(0, line.find(':'));
}

/// What stands behind the name.
std::string value_of(const std::string& line) {
  const auto colon = line.find(": ");
  return colon == std::string::npos ? line : line.substr(colon + 2);
}

bool is_asked(const std::string& line, const Asked& asked) {
  const auto value = value_of(line);
  if (const auto instant = base::parse_rfc3339(value.substr(0, value.find(' ')))) {
    return std::ranges::find(asked.instants, *instant) != asked.instants.end();
  }
  return std::ranges::find(asked.texts, value) != asked.texts.end();
}

bool is_line_of(const std::string& line, const Otherwise& other) {
  const auto begin = other.name + ": " + other.value;
  const auto text = base::trim(line);
  return text.starts_with(begin) && (text.size() == begin.size() || text[begin.size()] == ' ');
}

/// Whether it is one thing of which values have changed, and one of them as asked.
bool changes_as_asked(const Hunk& hunk, const Asked& asked) {
  const bool same_names =
      std::ranges::is_permutation(hunk.gone, hunk.come, {}, key_of, key_of) && !hunk.gone.empty();
  return same_names &&
         std::ranges::any_of(hunk.come, [&](const auto& line) { return is_asked(line, asked); });
}

}  // namespace

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t from = 0;
  while (from < text.size()) {
    const auto end = std::min(text.find('\n', from), text.size());
    lines.push_back(text.substr(from, end - from));
    from = end + 1;
  }
  return lines;
}

std::string readable_lines(const std::string& text, const std::string& timezone) {
  const auto parsed = base::parse_json(text);
  if (!parsed || !parsed->is_structured()) {
    return text;
  }
  Lines lines;
  add_lines(*parsed, "", timezone, lines);
  std::string out;
  for (const auto& line : lines) {
    out += line + "\n";
  }
  return out;
}

Changes changes_between(const std::string& before, const std::string& after, const std::string& arguments,
                        const std::string& timezone) {
  Asked asked;
  collect(base::parse_json(arguments).value_or(json::object()), asked);
  Changes changes;
  changes.otherwise =
      otherwise_in_texts(before, after, base::parse_json(arguments).value_or(json::object()), timezone);
  std::size_t shown = 0;
  const auto add = [&](const char* mark, const std::string& line) {
    if (++shown <= kMostShown) {
      changes.lines += mark + base::ellipsize(line, kLongestLine) + "\n";
    } else if (shown == kMostShown + 1) {
      changes.lines += "…\n";
    }
  };
  for (const auto& hunk :
       hunks_of(lines_of(readable_lines(before, timezone)), lines_of(readable_lines(after, timezone)))) {
    const bool one_thing = changes_as_asked(hunk, asked);
    for (const auto& line : hunk.gone) {
      add("- ", line);
    }
    for (const auto& line : hunk.come) {
      const bool otherwise = std::ranges::any_of(
          changes.otherwise, [&](const Otherwise& other) { return is_line_of(line, other); });
      const bool unasked = !otherwise && one_thing && !is_asked(line, asked);
      changes.has_unasked = changes.has_unasked || unasked;
      add(unasked || otherwise ? "! " : "+ ", line);
    }
  }
  if (changes.lines.empty()) {
    changes.otherwise.clear();
  } else {
    changes.lines.pop_back();
  }
  return changes;
}

}  // namespace bot::tools
