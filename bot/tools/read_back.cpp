#include "bot/tools/read_back.h"

#include <algorithm>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/utf8.h"
#include "bot/tools/changes.h"
#include "bot/tools/concerned.h"
#include "bot/tools/patterns.h"
#include "bot/tools/thing_facts.h"

namespace bot::tools {
namespace {

using nlohmann::json;

constexpr std::size_t kShortestMark = 4;  ///< of a text by which a thing is found again
constexpr std::size_t kMostFitting = 2;

json given(const std::string& arguments) {
  auto parsed = base::parse_json(arguments).value_or(json::object());
  return parsed.is_object() ? parsed : json::object();
}

/// `text` with "{name}" as the call's argument of that name; a value that is no text as JSON.
json filled(const std::string& text, const json& arguments) {
  std::string out;
  std::size_t from = 0;
  while (from < text.size()) {
    const auto open = text.find('{', from);
    const auto close = open == std::string::npos ? open : text.find('}', open);
    if (close == std::string::npos) {
      break;
    }
    const auto* value = base::json_member(arguments, text.substr(open + 1, close - open - 1).c_str());
    if (open == 0 && close + 1 == text.size() && value != nullptr) {
      return *value;  // of its own type
    }
    out += text.substr(from, open - from);
    if (value != nullptr) {
      out += value->is_string() ? value->get<std::string>() : base::dump_json(*value);
    }
    from = close + 1;
  }
  return out + text.substr(std::min(from, text.size()));
}

std::vector<std::string> required_of(const llm::mcp::Tool& tool) {
  std::vector<std::string> names;
  const auto schema = given(tool.schema);
  for (const auto& name : base::json_list(schema, "required")) {
    if (name.is_string()) {
      names.push_back(name.get<std::string>());
    }
  }
  return names;
}

/// Whether the name of an argument says that it is a place in which things are looked for.
bool names_place(const std::string& name) {
  static constexpr std::array kPlaces = {"mailbox",   "folder", "account", "calendar", "directory",
                                         "workspace", "board",  "project", "list",     "channel"};
  const auto lower = base::ascii_lower(name);
  return std::ranges::any_of(kPlaces,
                             [&](const char* place) { return lower.find(place) != std::string::npos; });
}

/// What a reading is given of a call's arguments: all that it must have, and where to look.
json fitting_arguments(const llm::mcp::Tool& tool, const std::vector<std::string>& required,
                       const json& from) {
  json arguments = json::object();
  for (const auto& name : required) {
    arguments[name] = from[name];
  }
  const auto schema = given(tool.schema);
  for (const auto& [name, property] : base::json_object(schema, "properties").items()) {
    if (names_place(name) && from.contains(name)) {
      arguments[name] = from[name];
    }
  }
  return arguments;
}

/// Whether the reading shows a thing of the same place that the call names by so short a text that this
/// stands in much else: as a whole value, or as the mark of a line.
bool shows_short_name(const store::ToolCallRecord& reading, const llm::mcp::Tool& reader,
                      const json& arguments, const llm::mcp::Tool* called, const std::string& timezone) {
  const auto asked = given(reading.arguments);
  if (called == nullptr || !is_of_same_place(reader, asked, *called, arguments)) {
    return false;
  }
  return std::ranges::any_of(named_in(arguments), [&](const Named& thing) {
    return thing.value.size() < kShortestMark && !asked.contains(thing.argument) &&
           !facts_of(reading.result, asked, thing, timezone).lines.empty();
  });
}

/// Whether the reading shows something that the call is about, and that was not asked for.
bool led_to(const store::ToolCallRecord& reading, const json& arguments) {
  return std::ranges::any_of(arguments, [&](const json& value) {
    if (!value.is_string()) {
      return false;
    }
    const auto text = value.get<std::string>();
    return text.size() >= kShortestMark && reading.result.find(text) != std::string::npos &&
           reading.arguments.find(text) == std::string::npos;
  });
}

/// Whether the text holds all that was asked for, beside what the reading itself was asked with and may
/// repeat.
bool holds_all(const std::string& text, const json& asked, const json& read_with) {
  const auto told = base::dump_json(read_with);
  bool any = false;
  for (const auto& [name, value] : asked.items()) {
    const auto wanted = value.is_string() ? std::string(base::trim(value.get<std::string>())) : std::string();
    const auto* const same = base::json_member(read_with, name.c_str());
    if ((same != nullptr && *same == value) || (!wanted.empty() && told.find(wanted) != std::string::npos)) {
      continue;
    }
    if (wanted.size() < kShortestMark || text.find(wanted) == std::string::npos) {
      return false;
    }
    any = true;
  }
  return any;
}

std::string words_of(const Seen& seen) {
  if (seen.changes.lines.empty()) {
    return seen.was_there ? seen.tool + " shows what was asked for, and showed it before the call: say so."
           : seen.is_guess
               ? seen.tool + " shows the same as before: say that the tool says so."
               : fmt::format("Read before and after it with {}, nothing has changed: say so.", seen.tool);
  }
  std::string otherwise;
  for (const auto& other : seen.changes.otherwise) {
    otherwise += fmt::format("\nAsked was {} {}, there is {}: say so.", other.name, other.asked, other.there);
  }
  return fmt::format(
      "Read before and after it with {}, this has changed ({}):\n{}{}{}", seen.tool,
      seen.changes.has_unasked ? "nobody asked for what begins with \"!\": say so" : "tell what is there",
      seen.changes.lines, otherwise,
      seen.repeats ? "\nIt repeats, and the whole series was changed: say so." : "");
}

}  // namespace

std::string to_json(const Seen& seen) {
  auto otherwise = json::array();
  for (const auto& other : seen.changes.otherwise) {
    otherwise.push_back(
        {{"name", other.name}, {"value", other.value}, {"asked", other.asked}, {"there", other.there}});
  }
  return base::dump_json({{"tool", seen.tool},
                          {"fits_by_names", seen.is_guess},
                          {"changes", seen.changes.lines},
                          {"has_unasked", seen.changes.has_unasked},
                          {"otherwise", otherwise},
                          {"repeats", seen.repeats},
                          {"was_there", seen.was_there}});
}

std::optional<Seen> seen_from(const std::string& kept) {
  const auto parsed = base::parse_json(kept);
  if (!parsed || !parsed->is_object()) {
    return std::nullopt;
  }
  Seen seen{.tool = base::json_text(*parsed, "tool"),
            .is_guess = base::json_bool(*parsed, "fits_by_names").value_or(true),
            .changes = {.lines = base::json_text(*parsed, "changes"),
                        .has_unasked = base::json_bool(*parsed, "has_unasked").value_or(false)},
            .repeats = base::json_bool(*parsed, "repeats").value_or(false),
            .was_there = base::json_bool(*parsed, "was_there").value_or(false)};
  for (const auto& other : base::json_list(*parsed, "otherwise")) {
    seen.changes.otherwise.push_back({base::json_text(other, "name"), base::json_text(other, "value"),
                                      base::json_text(other, "asked"), base::json_text(other, "there")});
  }
  return seen;
}

bool was_seen(const store::ToolCallRecord& call) {
  const auto seen = seen_from(call.read_back);
  return call.state == store::ToolCallState::done && seen &&
         !(seen->is_guess && seen->changes.lines.empty() && !seen->was_there);
}

std::string for_model(const CallOutcome& outcome) {
  auto text = outcome.text.empty() ? "(the tool answered nothing)" : outcome.text;
  if (outcome.seen) {
    text += "\n\n" + words_of(*outcome.seen);
  }
  return text;
}

bool may_read(store::ToolLooks& looks, const Server& server, const llm::mcp::Tool& tool) {
  const auto& settings = server.settings();
  return only_reads(settings, tool) && matches_any(settings.allow, tool.name) &&
         !matches_any(settings.ask, tool.name) && looks.is_accepted(settings.name, tool.name, tool.hash);
}

ReadBack::ReadBack(store::Database& db, Server& server, const Offer& offer, const store::ToolCallRecord& call,
                   std::string zone)
    : calls_(db), looks_(db), server_(server), offer_(offer), call_(call), timezone_(std::move(zone)) {
  if (call.only_reads) {
    return;
  }
  find_configured();
  if (readings_.empty()) {
    find_before_in_chat();
  }
  if (readings_.empty()) {
    find_fitting();
  }
}

void ReadBack::find_configured() {
  for (const auto& wanted : server_.settings().read_back) {
    for (const auto& tool : offer_.tools) {
      if (wanted.of == call_.tool && wanted.tool == tool.name && may_read(looks_, server_, tool)) {
        const auto from = given(call_.arguments);
        json arguments = json::object();
        for (const auto& [name, text] : wanted.with) {
          arguments[name] = filled(text, from);
        }
        readings_.push_back({&tool, base::dump_json(arguments)});
        return;
      }
    }
  }
}

void ReadBack::find_before_in_chat() {
  const auto arguments = given(call_.arguments);
  const auto find = [&](const std::string& name) {
    const auto tool = std::ranges::find(offer_.tools, name, &llm::mcp::Tool::name);
    return tool == offer_.tools.end() ? nullptr : &*tool;
  };
  const auto* const called = find(call_.tool);
  for (const auto& reading : calls_.recent_readings(call_.conversation, call_.person, call_.server)) {
    const auto* const tool = find(reading.tool);
    if (tool != nullptr && may_read(looks_, server_, *tool) &&
        (led_to(reading, arguments) || shows_short_name(reading, *tool, arguments, called, timezone_))) {
      readings_.push_back({tool, reading.arguments});
      return;
    }
  }
}

void ReadBack::find_fitting() {
  const auto from = given(call_.arguments);
  std::vector<std::pair<std::size_t, Reading>> fitting;
  for (const auto& tool : offer_.tools) {
    const auto required = required_of(tool);
    const bool has_all = std::ranges::all_of(required, [&](const auto& name) { return from.contains(name); });
    if (required.empty() || !has_all || 2 * required.size() < from.size() ||
        !may_read(looks_, server_, tool)) {
      continue;
    }
    fitting.emplace_back(required.size(),
                         Reading{&tool, base::dump_json(fitting_arguments(tool, required, from)), true});
  }
  std::ranges::stable_sort(fitting, [](const auto& a, const auto& b) { return a.first > b.first; });
  for (auto& [count, reading] : fitting) {
    if (readings_.size() < kMostFitting) {
      readings_.push_back(std::move(reading));
    }
  }
}

std::optional<std::string> ReadBack::read(const Reading& reading, const std::stop_token& stop) {
  auto outcome = server_.call(*reading.tool, reading.arguments, stop);
  if (outcome.fate != CallOutcome::Fate::answered || outcome.failed) {
    return std::nullopt;
  }
  return std::move(outcome.text);
}

void ReadBack::before(const std::stop_token& stop) {
  for (auto& reading : readings_) {
    reading.before = read(reading, stop);
  }
}

bool ReadBack::repeats(const Reading& reading) const {
  const auto things = named_in(given(call_.arguments));
  return std::ranges::any_of(things, [&](const Named& thing) {
    return facts_of(reading.before.value_or(""), given(reading.arguments), thing, timezone_).repeats;
  });
}

std::optional<Seen> ReadBack::after(const std::stop_token& stop) {
  std::optional<Seen> same;
  for (const auto& reading : readings_) {
    const auto now = read(reading, stop);
    if (!now && !reading.before) {
      continue;
    }
    // What cannot be read before may come into being, and what is deleted cannot be read afterwards.
    auto changes = changes_between(reading.before.value_or(""), now.value_or(""), call_.arguments, timezone_);
    if (!changes.lines.empty()) {
      return Seen{reading.tool->name, reading.is_guess, std::move(changes), repeats(reading)};
    }
    if (!same) {
      same = Seen{reading.tool->name, reading.is_guess, {}};
      same->was_there = now && holds_all(*now, given(call_.arguments), given(reading.arguments));
    }
  }
  return same;
}

CallOutcome call_and_look(store::Database& db, Server& server, const Offer& offer, const llm::mcp::Tool& tool,
                          const store::ToolCallRecord& call, const std::string& timezone,
                          const std::stop_token& stop) {
  ReadBack read_back(db, server, offer, call, timezone);
  read_back.before(stop);
  auto outcome = server.call(tool, call.arguments, stop);
  if (outcome.fate == CallOutcome::Fate::answered) {
    outcome.seen = read_back.after(stop);
  }
  return outcome;
}

}  // namespace bot::tools
