#include "bot/tools/thing_facts.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/json.h"
#include "base/rfc3339.h"
#include "base/utf8.h"
#include "bot/tools/changes.h"

namespace bot::tools {
namespace {

using nlohmann::json;

constexpr std::size_t kMostLines = 8;
constexpr std::size_t kLongestLine = 200;
constexpr std::size_t kMostNamed = 20;
constexpr std::size_t kDeepest = 20;

/// "emailId" and "email_ids" end with "id".
std::string last_word(const std::string& name) {
  std::string word;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const auto c = static_cast<unsigned char>(name[i]);
    const bool begins =
        std::isupper(c) != 0 && i > 0 && std::islower(static_cast<unsigned char>(name[i - 1])) != 0;
    if (std::isalnum(c) == 0 || begins) {
      word.clear();
    }
    if (std::isalnum(c) != 0) {
      word += static_cast<char>(std::tolower(c));
    }
  }
  return word.size() > 2 && word.back() == 's' ? word.substr(0, word.size() - 1) : word;
}

std::string lowered(const std::string& name) {
  std::string letters;
  for (const char c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      letters += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  return letters;
}

/// A number and a text alike.
std::string text_of(const json& value) {
  return value.is_string()   ? value.get<std::string>()
         : value.is_number() ? base::dump_json(value)
                             : std::string();
}

/// How early a fact is told; nothing for what is told where there is room.
std::optional<std::size_t> rank_of(const std::string& key) {
  static constexpr std::array kFirst = {
      "subject",  "title",   "summary",    "name",     "displayname", "filename",  "from",
      "sender",   "to",      "recipients", "cc",       "start",       "starttime", "startdate",
      "end",      "endtime", "enddate",    "date",     "due",         "duedate",   "time",
      "location", "status",  "size",       "modified", "recurrence",  "rrule"};
  const auto at = std::ranges::find(kFirst, lowered(key));
  return at == kFirst.end() ? std::nullopt : std::optional(static_cast<std::size_t>(at - kFirst.begin()));
}

bool is_said(const json& value) {
  return !value.is_null() && value != json(false) && value != json("") && value != json("none") &&
         !(value.is_structured() && value.empty());
}

bool tells_of_repetition(const json& object) {
  static constexpr std::array kNames = {
      "rrule",  "recurrence", "recurrencerule", "recurring",      "recurringeventid", "isrecurring",
      "repeat", "repeats",    "seriesid",       "seriesmasterid", "recurrenceid"};
  for (const auto& [key, value] : object.items()) {
    if (std::ranges::find(kNames, lowered(key)) != kNames.end() && is_said(value)) {
      return true;
    }
  }
  return false;
}

/// Of a scalar, or of what stands in an object beside a zone.
std::optional<base::Timestamp> instant_in(const json& value) {
  const auto* const inner = value.is_object() ? base::json_member(value, "dateTime") : &value;
  return inner != nullptr && inner->is_string() ? base::parse_rfc3339(inner->get<std::string>())
                                                : std::nullopt;
}

/// What is shown in a time in which it does not lie has dates that are not shown.
bool lies_outside(const json& object, const json& arguments) {
  std::optional<base::Timestamp> end;
  for (const char* const key : {"end", "endTime", "end_time", "start", "startTime", "start_time"}) {
    if (const auto* const value = base::json_member(object, key); value != nullptr && !end) {
      end = instant_in(*value);
    }
  }
  std::vector<base::Timestamp> window;
  for (const auto& value : arguments) {
    if (const auto at = instant_in(value)) {
      window.push_back(*at);
    }
  }
  return end && window.size() == 2 && *end < std::ranges::min(window);
}

void add_line(std::string& lines, std::size_t& count, const std::string& line) {
  if (count < kMostLines && !base::trim(line).empty()) {
    lines += (lines.empty() ? "" : "\n") + base::ellipsize(base::one_line(line), kLongestLine);
    ++count;
  }
}

/// A value that fits on a line.
std::string line_of(const std::string& key, const json& value, const std::string& timezone) {
  const auto* const time = value.is_object() ? base::json_member(value, "dateTime") : nullptr;
  if (value.is_structured() && time == nullptr) {
    return key + ": " + base::dump_json(value);
  }
  json one = json::object();
  one[key] = time == nullptr ? value : *time;
  return readable_lines(base::dump_json(one), timezone);
}

Facts facts_in(const json& object, const json& arguments, const std::string& timezone) {
  std::vector<std::pair<std::size_t, std::string>> ranked;
  for (const auto& [key, value] : object.items()) {
    if (const auto rank = rank_of(key); is_said(value) && (rank || !value.is_structured())) {
      ranked.emplace_back(rank.value_or(kLongestLine), key);
    }
  }
  std::ranges::stable_sort(ranked, {}, &std::pair<std::size_t, std::string>::first);
  Facts facts;
  std::size_t count = 0;
  for (const auto& [rank, key] : ranked) {
    const auto line = line_of(key, object[key], timezone);
    if (rank != kLongestLine || line.size() <= kLongestLine) {
      add_line(facts.lines, count, line);
    }
  }
  facts.repeats = tells_of_repetition(object) || lies_outside(object, arguments);
  return facts;
}

/// Whether the member's name is that of the argument, or says no more than "id".
bool is_called(const json& object, const Named& thing) {
  for (const auto& [key, value] : object.items()) {
    const bool is_name = lowered(key) == lowered(thing.argument) ||
                         (sounds_like_id(key) && last_word(key).size() >= lowered(key).size());
    if (is_name && text_of(value) == thing.value) {
      return true;
    }
  }
  return false;
}

const json* find_thing(const json& value, const Named& thing, std::size_t depth = 0) {
  if (!value.is_structured() || depth > kDeepest) {
    return nullptr;
  }
  for (const auto& member : value) {
    if (const auto* const found = find_thing(member, thing, depth + 1)) {
      return found;
    }
  }
  return value.is_object() && is_called(value, thing) ? &value : nullptr;
}

/// A line that begins with "[17]", or says "ID: 17". What a list shows of a thing's own words is indented.
bool begins_with(const std::string& line, const std::string& id) {
  if (line.starts_with("[" + id + "]") || line.starts_with("#" + id + " ")) {
    return true;
  }
  const auto at = line.find(": " + id);
  const auto end = at == std::string::npos ? at : at + 2 + id.size();
  return at != std::string::npos && (end == line.size() || line[end] == ' ' || line[end] == ',') &&
         std::isspace(static_cast<unsigned char>(line[0])) == 0 && sounds_like_id(line.substr(0, at));
}

bool says_rule(const std::string& line) {
  return line.find("RRULE") != std::string::npos || line.find("FREQ=") != std::string::npos;
}

/// The paragraph in which the line stands.
Facts paragraph(const std::vector<std::string>& lines, std::size_t at) {
  auto first = at;
  while (first > 0 && !base::trim(lines[first - 1]).empty()) {
    --first;
  }
  // The head of a list stands above its first entry without a space between; a thing has few lines.
  first = at - first >= kMostLines ? at : first;
  Facts facts;
  std::size_t count = 0;
  for (auto i = first; i < lines.size() && !base::trim(lines[i]).empty(); ++i) {
    // What begins like it is the next one.
    if (i > at && base::trim(lines[i]).starts_with("[") && base::trim(lines[at]).starts_with("[")) {
      break;
    }
    add_line(facts.lines, count, lines[i]);
    facts.repeats = facts.repeats || says_rule(lines[i]);
  }
  return facts;
}

}  // namespace

bool sounds_like_id(const std::string& name) {
  static constexpr std::array kWords = {"id",   "uid", "uuid",   "guid", "url", "uri",
                                        "href", "key", "number", "path", "ref", "slug"};
  return std::ranges::find(kWords, last_word(name)) != kWords.end();
}

const json* thing_in(const json& value, const Named& thing) {
  return find_thing(value, thing);
}

std::vector<Named> named_in(const json& arguments) {
  std::vector<Named> named;
  const auto add = [&](const std::string& name, const json& value) {
    if (const auto text = text_of(value); !text.empty() && named.size() < kMostNamed) {
      named.push_back({name, text});
    }
  };
  for (const auto& [name, value] : arguments.items()) {
    if (!sounds_like_id(name)) {
      continue;
    }
    if (value.is_array()) {
      for (const auto& each : value) {
        add(name, each);
      }
    } else {
      add(name, value);
    }
  }
  return named;
}

Facts facts_of(const std::string& text, const json& arguments, const Named& thing,
               const std::string& timezone) {
  if (const auto parsed = base::parse_json(text); parsed && parsed->is_structured()) {
    const auto* const found = find_thing(*parsed, thing);
    return found == nullptr ? Facts() : facts_in(*found, arguments, timezone);
  }
  const auto lines = lines_of(text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (begins_with(lines[i], thing.value)) {
      return paragraph(lines, i);
    }
  }
  return {};
}

Facts facts_of_only(const std::string& text, const std::string& timezone) {
  if (const auto parsed = base::parse_json(text); parsed && parsed->is_structured()) {
    const auto* object = &*parsed;
    if (object->is_object() && object->size() == 1 && object->begin()->is_object()) {
      object = &*object->begin();
    }
    bool tells = false;
    for (const auto& [key, value] : object->items()) {
      tells = tells || (object->is_object() && rank_of(key));
    }
    return tells ? facts_in(*object, json::object(), timezone) : Facts();
  }
  const auto lines = lines_of(text);
  std::size_t heads = 0;
  for (std::size_t i = 0; i < lines.size() && !base::trim(lines[i]).empty(); ++i) {
    const auto colon = lines[i].find(": ");
    heads +=
        colon != std::string::npos && rank_of(std::string(base::trim(lines[i].substr(0, colon)))) ? 1 : 0;
  }
  // A file's own words are no facts of it.
  return heads >= 2 ? paragraph(lines, 0) : Facts();
}

}  // namespace bot::tools
