#include "bot/reporting/called_tools.h"

#include <algorithm>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/log.h"
#include "base/rfc3339.h"
#include "base/utf8.h"
#include "bot/reporting/log_items.h"
#include "bot/texts/tools.h"
#include "bot/tools/read_back.h"
#include "store/dispatch_log.h"
#include "store/people.h"

namespace bot::reporting {
namespace {

using nlohmann::json;
using State = store::ToolCallState;

constexpr std::size_t kLongestText = 8 * 1024;

json time_or_null(const std::optional<base::Timestamp>& at) {
  return at ? json(base::format_rfc3339(*at)) : json(nullptr);
}

std::string shown(const std::string& text) {
  return base::ellipsize(base::to_valid_utf8(base::redacted(text)), kLongestText);
}

/// What a server showed, as it was kept; null where nothing was.
json kept_json(const std::string& kept) {
  return base::parse_json(base::to_valid_utf8(base::redacted(kept))).value_or(json(nullptr));
}

std::string name_of(const store::ToolCallRecord& call) {
  return call.server + "/" + call.tool;
}

json who(store::Database& db, const store::ToolCallRecord& call) {
  return call.by ? json(user_of(store::People(db).get(*call.by))) : json(nullptr);
}

/// Whether its words were taken out, because of their age or with their person.
bool is_emptied(const store::ToolCallRecord& call) {
  return call.arguments == "{}" && call.result.empty() &&
         (call.state == State::done || call.state == State::failed || call.state == State::uncertain);
}

/// How far what it did is known.
const char* known(const store::ToolCallRecord& call) {
  switch (call.state) {
    case State::done:
      return tools::was_seen(call) ? "recorded" : "inferred";
    case State::uncertain:
    case State::running:
      return "unknown";
    case State::open:
    case State::failed:
    case State::refused:
    case State::replaced:
    case State::expired:
      break;
  }
  return "recorded";
}

}  // namespace

std::vector<store::ToolCallRecord> calls_of(store::Database& db, store::DecisionId decision) {
  return store::ToolCalls(db).of(store::DispatchLog(db).decision(decision).message);
}

std::string state_text(const store::ToolCallRecord& call) {
  return tools::was_seen(call) ? texts::kDoneAndSeen : texts::state_of_call(to_string(call.state));
}

std::string read_back_text(const store::ToolCallRecord& call) {
  const auto seen = tools::seen_from(call.read_back);
  if (!seen) {
    return "";
  }
  auto text = seen->was_there ? texts::read_back_was_there(seen->tool)
                              : texts::read_with(seen->tool, seen->changes.lines);
  for (const auto& other : seen->changes.otherwise) {
    text += "\n" + texts::there_otherwise(other.name, other.asked, other.there);
  }
  return text + (seen->repeats ? std::string("\n") + texts::kWholeSeriesChanged : "");
}

std::optional<std::chrono::milliseconds> time_taken(const store::ToolCallRecord& call) {
  return call.begun && call.ended
             ? std::optional(std::chrono::duration_cast<std::chrono::milliseconds>(*call.ended - *call.begun))
             : std::nullopt;
}

json calls_json(store::Database& db, const std::vector<store::ToolCallRecord>& calls) {
  auto list = json::array();
  for (const auto& call : calls) {
    const auto took = time_taken(call);
    list.push_back({{"id", call.id},
                    {"server", call.server},
                    {"tool", call.tool},
                    {"asked", call.expires.has_value()},
                    {"only_reads", call.only_reads},
                    {"state", to_string(call.state)},
                    {"arguments", shown(call.arguments)},
                    {"result", shown(call.result)},
                    {"about", kept_json(call.about)},
                    {"read_back", kept_json(call.read_back)},
                    {"made", base::format_rfc3339(call.made)},
                    {"expires", time_or_null(call.expires)},
                    {"begun", time_or_null(call.begun)},
                    {"ended", time_or_null(call.ended)},
                    {"ms", took ? json(took->count()) : json(nullptr)},
                    {"by", who(db, call)},
                    {"comment", call.comment},
                    {"effect", known(call)}});
  }
  return list;
}

std::vector<Step> steps_of_calls(store::Database& db, const std::vector<store::ToolCallRecord>& calls) {
  std::vector<Step> steps;
  for (const auto& call : calls) {
    // What a person refused, or did not answer, has not failed.
    const bool made = call.state == State::done || call.state == State::failed;
    Step step{.at = call.begun.value_or(call.ended.value_or(call.made)),
              .kind = call.expires ? "asked_tool" : "tool",
              .title = fmt::format("{} of {}: {}", call.tool, call.server, state_text(call)),
              .detail = shown(call.arguments + (call.result.empty() ? "" : "\n" + call.result) +
                              (call.read_back.empty() ? "" : "\n" + read_back_text(call)) +
                              (call.comment.empty() ? "" : "\n" + call.comment)),
              .tool = name_of(call),
              .ok = made ? std::optional(call.state == State::done) : std::nullopt};
    step.by = call.by ? user_of(store::People(db).get(*call.by)) : "";
    step.known = known(call);
    step.took = time_taken(call);
    steps.push_back(std::move(step));
  }
  return steps;
}

CallsKnown known_of(const std::vector<store::ToolCallRecord>& calls) {
  CallsKnown all;
  for (const auto& call : calls) {
    all.inferred = all.inferred || (call.state == State::done && !tools::was_seen(call));
    all.unknown = all.unknown || call.state == State::uncertain || is_emptied(call);
  }
  return all;
}

json to_json(const store::ListedCall& listed) {
  const auto& call = listed.call;
  const auto settled = call.begun ? call.begun : call.ended;
  return {{"id", call.id},
          {"at", base::format_rfc3339(call.made)},
          {"settled_at", time_or_null(settled)},
          {"settled", time_or_null(settled)},
          {"dispatch", nullptr},
          {"decision", listed.decision ? json(listed.decision->value) : json(nullptr)},
          {"chat", listed.chat},
          {"person", listed.user},
          {"project", nullptr},
          {"kind", "tool"},
          {"tool", name_of(call)},
          {"detail", shown(call.arguments)},
          {"state", to_string(store::answer_to(call.state))},
          {"outcome", to_string(call.state)},
          {"outcome_text", state_text(call)},
          {"effect", known(call)},
          {"by", listed.by.empty() ? json(nullptr) : json(listed.by)},
          {"comment", call.comment}};
}

}  // namespace bot::reporting
