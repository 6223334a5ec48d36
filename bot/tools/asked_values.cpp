#include "bot/tools/asked_values.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <optional>
#include <set>
#include <string_view>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/utf8.h"
#include "bot/tools/argument_times.h"
#include "bot/tools/thing_facts.h"

namespace bot::tools {
namespace {

using nlohmann::json;

/// Longer texts are written anew by many servers: paragraphs, markup, quotations.
constexpr std::size_t kLongestCompared = 200;
constexpr std::size_t kLongestShown = 80;
constexpr std::size_t kMostThings = 5'000;

/// "startTime", "start_time" and "start.dateTime" are called alike.
std::string plain_name(const std::string& name) {
  std::string letters;
  for (const char c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      letters += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  for (const std::string_view end : {"datetime", "time", "date"}) {
    if (letters.size() > end.size() && letters.ends_with(end)) {
      letters.resize(letters.size() - end.size());
    }
  }
  return letters;
}

struct Value {
  std::string name;  ///< as it stands there
  json value;
  std::string zone;  ///< that is named beside it
};
using Values = std::map<std::string, Value>;

void flatten(const json& object, const std::string& path, Values& values) {
  for (const auto& [key, value] : object.items()) {
    if (value.is_object()) {
      flatten(value, path + key, values);
    } else if (!value.is_array() && !value.is_null()) {
      values.try_emplace(plain_name(path + key), Value{key, value, zone_in(object)});
    }
  }
}

std::string words_of(const json& value) {
  return std::string(
      base::trim(base::one_line(value.is_string() ? value.get<std::string>() : base::dump_json(value))));
}

bool is_same(const Value& asked, const Value& there, const std::string& timezone) {
  const auto wanted = words_of(asked.value);
  const auto found = words_of(there.value);
  if (wanted.size() > kLongestCompared || base::ascii_lower(wanted) == base::ascii_lower(found)) {
    return true;
  }
  if (asked.value.is_number() && there.value.is_number()) {
    return asked.value.get<double>() == there.value.get<double>();
  }
  if (const auto times = moments_in(wanted, asked.zone, timezone); !times.instants.empty()) {
    const auto others = moments_in(found, there.zone, timezone);
    return others.instants.empty() || times.may_be(others);
  }
  // "Bob <bob@example.org>"
  return wanted.find('@') != std::string::npos && found.find(wanted) != std::string::npos;
}

std::string shown(const Value& value, const std::string& timezone) {
  const auto words = words_of(value.value);
  const auto times = moments_in(words, value.zone, timezone);
  return times.instants.empty() || times.is_day
             ? base::ellipsize(words, kLongestShown)
             : base::format_minute(times.instants.front(), timezone) + " " + timezone;
}

struct Compared {
  std::size_t same = 0;
  std::vector<Otherwise> other;
};

Compared compare(const json& before, const json& after, const json& arguments, const std::string& timezone) {
  Values asked;
  Values was;
  Values is;
  flatten(arguments, "", asked);
  flatten(before.is_object() ? before : json::object(), "", was);
  flatten(after, "", is);
  Compared compared;
  std::vector<Otherwise> as_before;
  for (const auto& [name, wanted] : asked) {
    const auto there = is.find(name);
    if (there == is.end() || sounds_like_id(wanted.name)) {
      continue;
    }
    const auto old = was.find(name);
    const bool has_changed = old == was.end() || old->second.value != there->second.value;
    if (is_same(wanted, there->second, timezone)) {
      compared.same += has_changed ? 1 : 0;
      continue;
    }
    (has_changed ? compared.other : as_before)
        .push_back({there->second.name, words_of(there->second.value), shown(wanted, timezone),
                    shown(there->second, timezone)});
  }
  // What is as it was is another matter, such as the mail that is answered, unless it is plainly this thing.
  if (compared.same > 0) {
    compared.other.insert(compared.other.end(), as_before.begin(), as_before.end());
  }
  return compared;
}

void collect(const json& value, std::vector<const json*>& things) {
  if (!value.is_structured() || things.size() >= kMostThings) {
    return;
  }
  if (value.is_object()) {
    things.push_back(&value);
  }
  for (const auto& member : value) {
    collect(member, things);
  }
}

/// The lines "name: value" that are in `after` alone, as one thing.
json new_lines(const std::string& before, const std::string& after) {
  const auto each = [](const std::string& text, const auto& use) {
    for (std::size_t from = 0; from < text.size();) {
      const auto end = std::min(text.find('\n', from), text.size());
      use(text.substr(from, end - from));
      from = end + 1;
    }
  };
  std::set<std::string> old;
  each(before, [&](const std::string& line) { old.insert(line); });
  json thing = json::object();
  each(after, [&](const std::string& line) {
    const auto colon = line.find(": ");
    if (colon != std::string::npos && !old.contains(line)) {
      thing[std::string(base::trim(line.substr(0, colon)))] = std::string(base::trim(line.substr(colon + 2)));
    }
  });
  return thing;
}

}  // namespace

std::vector<Otherwise> otherwise_than_asked(const json& before, const json& after, const json& arguments,
                                            const std::string& timezone) {
  return compare(before, after, arguments, timezone).other;
}

std::vector<Otherwise> otherwise_in_texts(const std::string& before, const std::string& after,
                                          const json& arguments, const std::string& timezone) {
  const auto is = base::parse_json(after);
  if (!is || !is->is_structured()) {
    return otherwise_than_asked({}, new_lines(before, after), arguments, timezone);
  }
  const auto was = base::parse_json(before).value_or(json());
  std::vector<const json*> old_things;
  std::vector<const json*> things;
  collect(was, old_things);
  collect(*is, things);
  std::set<std::string> old;
  for (const auto* thing : old_things) {
    old.insert(base::dump_json(*thing));
  }
  for (const auto& named : named_in(arguments)) {
    const auto* const thing = thing_in(*is, named);
    if (const auto* const then = thing_in(was, named);
        thing != nullptr && then != nullptr && *thing != *then) {
      return otherwise_than_asked(*then, *thing, arguments, timezone);
    }
  }
  std::optional<Compared> best;
  std::size_t candidates = 0;
  for (const auto* thing : things) {
    if (old.contains(base::dump_json(*thing))) {
      continue;
    }
    auto compared = compare({}, *thing, arguments, timezone);
    candidates += compared.same + compared.other.size() > 0 ? 1 : 0;
    if (compared.same + compared.other.size() > 0 && (!best || compared.same > best->same)) {
      best = std::move(compared);
    }
  }
  // Somebody else may have written meanwhile.
  return best && (best->same > 0 || candidates == 1) ? best->other : std::vector<Otherwise>();
}

}  // namespace bot::tools
