#include "bot/tools/concerned.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/rfc3339.h"
#include "base/utf8.h"
#include "bot/tools/read_back.h"
#include "bot/tools/thing_facts.h"
#include "store/tool_looks.h"

namespace bot::tools {
namespace {

using nlohmann::json;

constexpr std::size_t kMostBytes = 1'500;
constexpr std::size_t kMostReadings = 2;
/// A text that long is not given twice by one server.
constexpr std::size_t kLongId = 12;

json object_of(const std::string& text) {
  auto parsed = base::parse_json(text).value_or(json::object());
  return parsed.is_object() ? parsed : json::object();
}

/// What the argument is, also where it is left out.
json effective(const json& arguments, const json& properties, const std::string& name) {
  if (const auto* const given = base::json_member(arguments, name.c_str())) {
    return *given;
  }
  const auto& schema = base::json_object(properties, name.c_str());
  const auto* const usual = base::json_member(schema, "default");
  return usual == nullptr ? json() : *usual;
}

class Search {
 public:
  Search(Server& server, const Offer& offer, const store::ToolCallRecord& call, std::string zone)
      : server_(server),
        offer_(offer),
        call_(call),
        arguments_(object_of(call.arguments)),
        timezone_(std::move(zone)),
        things_(named_in(arguments_)) {}

  bool is_done() const { return found_.size() == things_.size(); }

  const llm::mcp::Tool* tool(const std::string& name) const {
    const auto at = std::ranges::find_if(offer_.tools, [&](const auto& each) { return each.name == name; });
    return at == offer_.tools.end() ? nullptr : &*at;
  }

  /// What that tool, which answered to these arguments, shows of things that are not found yet.
  using Found = std::map<std::size_t, Facts>;
  Found look(const llm::mcp::Tool& tool, const std::string& arguments, const std::string& text) const {
    const auto given = object_of(arguments);
    const auto asked_for = named_in(given);
    Found found;
    for (std::size_t i = 0; i < things_.size(); ++i) {
      const auto& thing = things_[i];
      const bool is_of_it = std::ranges::any_of(asked_for, [&](const Named& named) {
        return named.argument == thing.argument && named.value == thing.value;
      });
      // What one thing says is no list of others.
      const bool is_of_another =
          !is_of_it && asked_for.size() == 1 && asked_for[0].argument == thing.argument;
      if (found_.contains(i) || is_of_another ||
          (thing.value.size() < kLongId && !is_of_same_place(tool, given))) {
        continue;
      }
      auto facts = is_of_it && !base::parse_json(text) ? Facts() : facts_of(text, given, thing, timezone_);
      if (facts.lines.empty() && is_of_it && (asked_for.size() == 1 || asked_for.size() == things_.size())) {
        facts = facts_of_only(text, timezone_);
      }
      if (!facts.lines.empty()) {
        found[i] = std::move(facts);
      }
    }
    return found;
  }

  void take(const llm::mcp::Tool& tool, const Found& found, base::Timestamp read) {
    for (const auto& [at, facts] : found) {
      found_.insert(at);
      add(facts);
    }
    if (!found.empty()) {
      concern_.tool += (concern_.tool.empty() ? "" : ", ") + tool.name;
      concern_.read = concern_.read == base::Timestamp() ? read : std::min(concern_.read, read);
    }
  }
  const Concern& concern() const { return concern_; }

  /// Tools that read one thing which the call names, with what the call gives them.
  std::vector<std::pair<const llm::mcp::Tool*, std::string>> fitting(store::ToolLooks& looks) const {
    std::vector<std::pair<const llm::mcp::Tool*, std::string>> readings;
    for (const auto& tool : offer_.tools) {
      const auto schema = object_of(tool.schema);
      const auto& properties = base::json_object(schema, "properties");
      const auto& required = base::json_list(schema, "required");
      const bool has_all = std::ranges::all_of(required, [&](const json& name) {
        return name.is_string() && !effective(arguments_, properties, name.get<std::string>()).is_null();
      });
      const bool names_it = std::ranges::any_of(
          things_, [&](const Named& thing) { return properties.contains(thing.argument); });
      if (!has_all || !names_it || !may_read(looks, server_, tool)) {
        continue;
      }
      json arguments = json::object();
      for (const auto& [name, property] : properties.items()) {
        if (arguments_.contains(name)) {
          arguments[name] = arguments_[name];
        }
      }
      readings.emplace_back(&tool, base::dump_json(arguments));
    }
    return readings;
  }

 private:
  void add(const Facts& facts) {
    auto& lines = concern_.lines;
    concern_.repeats = concern_.repeats || facts.repeats;
    if (lines.find(facts.lines) != std::string::npos || lines.size() > kMostBytes) {
      return;
    }
    lines += (lines.empty() ? "" : "\n\n") + facts.lines;
    if (lines.size() > kMostBytes) {
      lines += "\n…";
    }
  }

  bool is_of_same_place(const llm::mcp::Tool& reading, const json& given) const {
    const auto* const called = tool(call_.tool);
    return called != nullptr && tools::is_of_same_place(reading, given, *called, arguments_);
  }

  Server& server_;
  const Offer& offer_;
  const store::ToolCallRecord& call_;
  const json arguments_;
  const std::string timezone_;
  const std::vector<Named> things_;
  std::set<std::size_t> found_;  ///< of things_
  Concern concern_;
};

/// What the tool answers now; nothing where it does not.
std::optional<std::string> read_now(Server& server, const llm::mcp::Tool& tool, const std::string& arguments,
                                    const std::stop_token& stop) {
  auto outcome = server.call(tool, arguments, stop);
  const bool read = outcome.fate == CallOutcome::Fate::answered && !outcome.failed;
  return read ? std::optional(std::move(outcome.text)) : std::nullopt;
}

}  // namespace

bool is_of_same_place(const llm::mcp::Tool& reading, const json& given, const llm::mcp::Tool& called,
                      const json& arguments) {
  const auto schema = object_of(reading.schema);
  const auto schema_of_call = object_of(called.schema);
  const auto& read = base::json_object(schema, "properties");
  const auto& wanted = base::json_object(schema_of_call, "properties");
  for (const auto& [name, property] : wanted.items()) {
    const auto here = effective(arguments, wanted, name);
    if (here.is_string() && read.contains(name) && effective(given, read, name) != here &&
        !base::parse_rfc3339(here.get<std::string>())) {
      return false;
    }
  }
  return true;
}

Concern concern_of(store::Database& db, Server& server, const Offer& offer, const store::ToolCallRecord& call,
                   base::Timestamp now, const std::string& timezone, const std::stop_token& stop) {
  Search search(server, offer, call, timezone);
  store::ToolLooks looks(db);
  const auto before = search.is_done()
                          ? std::vector<store::ToolCallRecord>()
                          : store::ToolCalls(db).recent_readings(call.conversation, call.person, call.server);
  for (const auto& reading : before) {
    if (const auto* const tool = search.tool(reading.tool);
        reading.message == call.message && tool != nullptr) {
      search.take(*tool, search.look(*tool, reading.arguments, reading.result), now);
    }
  }
  std::size_t readings = 0;
  const auto look_now = [&](const llm::mcp::Tool& tool, const std::string& arguments) {
    const auto text = ++readings <= kMostReadings ? read_now(server, tool, arguments, stop) : std::nullopt;
    return text ? search.look(tool, arguments, *text) : Search::Found();
  };
  for (const auto& [tool, arguments] : search.fitting(looks)) {
    if (!search.is_done()) {
      search.take(*tool, look_now(*tool, arguments), now);
    }
  }
  for (const auto& reading : before) {
    const auto* const tool = search.tool(reading.tool);
    const auto then = search.is_done() || reading.message == call.message || tool == nullptr
                          ? Search::Found()
                          : search.look(*tool, reading.arguments, reading.result);
    if (then.empty()) {
      continue;
    }
    const auto fresh = may_read(looks, server, *tool) ? look_now(*tool, reading.arguments) : Search::Found();
    search.take(*tool, fresh.empty() ? then : fresh, fresh.empty() ? reading.ended.value_or(now) : now);
  }
  return search.concern();
}

std::string to_json(const Concern& concern) {
  return concern.lines.empty() ? ""
                               : base::dump_json({{"tool", concern.tool},
                                                  {"lines", concern.lines},
                                                  {"repeats", concern.repeats},
                                                  {"read", base::format_rfc3339(concern.read)}});
}

Concern concern_from(const std::string& kept) {
  const auto parsed = object_of(kept);
  return {.tool = base::json_text(parsed, "tool"),
          .lines = base::json_text(parsed, "lines"),
          .repeats = base::json_bool(parsed, "repeats").value_or(false),
          .read = base::parse_rfc3339(base::json_text(parsed, "read")).value_or(base::Timestamp())};
}

}  // namespace bot::tools
