#include "bot/reporting/log_detail.h"

#include <algorithm>
#include <charconv>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/json.h"
#include "base/rfc3339.h"
#include "base/utf8.h"
#include "bot/chat/platform.h"
#include "bot/reporting/called_tools.h"
#include "bot/reporting/log_items.h"
#include "bot/reporting/log_steps.h"
#include "bot/texts/approvals.h"
#include "bot/turns/routing_outcomes.h"
#include "dispatch/project/files.h"
#include "store/approvals.h"
#include "store/dispatch_log.h"
#include "store/notes.h"
#include "store/people.h"
#include "store/routing_log.h"

namespace bot::reporting {
namespace {

using nlohmann::json;

json or_null(const std::string& text) {
  return text.empty() ? json(nullptr) : json(text);
}

json time_or_null(const std::optional<base::Timestamp>& at) {
  return at ? json(base::format_rfc3339(*at)) : json(nullptr);
}

json signals_json(store::Database& db, const store::JudgementRecord& judgement) {
  auto signals = base::parse_json(judgement.signals).value_or(json::object());
  for (const auto& [name, part] : turns::parts_of_p(db, judgement)) {
    signals["parts"][name] = part;
  }
  signals["ask_at_from"] = judgement.ask_from;
  signals["dispatch_at_from"] = judgement.dispatch_from;
  signals["moved"] = judgement.adjustment;
  return signals;
}

/// p against the thresholds, and what each signal put into it, in log-odds.
json score_json(store::Database& db, const store::LogRow& row,
                const std::optional<store::JudgementRecord>& judgement) {
  auto features = json::array();
  json calibration;
  if (judgement) {
    for (const auto& [name, part] : turns::parts_of_p(db, *judgement)) {
      features.push_back({{"name", name}, {"weight", part}, {"part", part}});
    }
    calibration = or_null(
        base::json_text(base::parse_json(judgement->signals).value_or(json::object()), "calibration"));
  }
  return {{"p", row.p},
          {"ask_at", row.ask_at},
          {"dispatch_at", row.dispatch_at},
          {"ask_at_from", origin_of(row.ask_from, row)},
          {"dispatch_at_from", origin_of(row.dispatch_from, row)},
          {"calibration", calibration},
          {"features", features}};
}

std::vector<Step> steps_of_legs(const std::vector<store::Leg>& legs) {
  std::vector<Step> steps;
  for (auto leg = legs.begin(); leg != legs.end(); ++leg) {
    steps.push_back(
        {.at = leg->started, .kind = "leg", .title = steps.empty() ? "started" : "started again"});
    if (leg->interrupted && leg->ended) {
      // The end of one that was killed is noted when the next begins.
      const auto next = std::next(leg);
      const auto at = next == legs.end() ? *leg->ended : std::min(*leg->ended, next->started);
      steps.push_back({.at = at, .kind = "leg", .title = "interrupted", .ok = false});
    }
  }
  return steps;
}

std::vector<Step> steps_of_approvals(store::Database& db, store::DispatchId dispatch) {
  std::vector<Step> steps;
  for (const auto& approval : store::Approvals(db).of(dispatch)) {
    using State = store::ApprovalState;
    Step step{.at = approval.asked,
              .kind = "approval",
              .title = to_string(approval.state),
              .detail = approval.detail,
              .tool = approval.tool};
    step.approval = approval.id;
    if (approval.state != State::open) {
      step.ok = approval.state != State::denied && approval.state != State::expired;
      step.by = approval.by ? user_of(store::People(db).get(*approval.by)) : "";
      step.at = approval.settled.value_or(approval.asked);
      if (const auto command = store::allowed_instead(approval); !command.empty()) {
        step.detail = command + "\n" + texts::in_place_of(approval.detail);
      } else {
        step.detail += approval.comment.empty() ? "" : "\n" + approval.comment;
      }
      if (approval.state == State::allowed_for_task) {
        step.detail += "\n" + texts::holds_for_task(approval.rules);
      }
    }
    steps.push_back(std::move(step));
  }
  return steps;
}

std::vector<Step> steps_of_end(const store::LogRow& row, const store::DispatchRecord& dispatch) {
  std::vector<Step> steps;
  if (!dispatch.finished) {
    return steps;
  }
  const auto facts = base::parse_json(dispatch.facts).value_or(json::object());
  for (const auto& denial : base::json_list(facts, "denials")) {
    steps.push_back({.at = *dispatch.finished,
                     .kind = "refusal",
                     .title = base::json_text(denial, "tool"),
                     .detail = base::json_text(denial, "detail"),
                     .tool = base::json_text(denial, "tool"),
                     .ok = false});
  }
  if (const auto problem = base::json_text(facts, "problem"); !problem.empty()) {
    steps.push_back({.at = *dispatch.finished, .kind = "error", .title = problem, .ok = false});
  }
  steps.push_back({.at = *dispatch.finished,
                   .kind = "state",
                   .title = row.outcome,
                   .ok = dispatch.outcome == store::DispatchOutcome::success});
  return steps;
}

/// Where there is no log of the project any more, `steps` has only what the database knows.
std::vector<Step> all_steps(store::Database& db, const store::LogRow& row,
                            const std::optional<store::DispatchRecord>& dispatch,
                            const std::vector<store::ToolCallRecord>& calls,
                            const std::filesystem::path& projects,
                            const std::vector<store::DeliveryRow>& deliveries) {
  std::vector<Step> steps = {{.at = row.at, .kind = "state", .title = "decided", .detail = row.reason}};
  const auto add = [&](std::vector<Step> more) {
    std::move(more.begin(), more.end(), std::back_inserter(steps));
  };
  add(steps_of_calls(db, calls));
  if (dispatch) {
    add({{.at = dispatch->created, .kind = "state", .title = "queued"}});
    const auto legs = store::DispatchLog(db).legs(dispatch->id);
    add(steps_of_legs(legs));
    add(specialist_steps(projects / row.project, legs, store::Approvals(db).of(dispatch->id)));
    add(steps_of_approvals(db, dispatch->id));
    add(steps_of_end(row, *dispatch));
  }
  for (const auto& call : deliveries) {
    const bool open = !is_settled(call.state);
    add({{.at = call.settled.value_or(call.created),
          .kind = "delivery",
          .title = to_string(call.kind) + " " + to_string(call.state),
          .detail = call.error.empty() ? call.key : call.key + ": " + call.error,
          .ok = open ? std::nullopt : std::optional(call.state == store::DeliveryState::delivered)}});
  }
  std::stable_sort(steps.begin(), steps.end(), [](const Step& a, const Step& b) { return a.at < b.at; });
  return steps;
}

json timeline_json(const std::vector<Step>& steps) {
  auto list = json::array();
  for (const auto& step : steps) {
    list.push_back({{"at", base::format_rfc3339(step.at)},
                    {"at_ms", base::to_unix_ms(step.at)},
                    {"kind", step.kind},
                    {"event", step.kind == "state" || step.kind == "leg" ? json(step.title) : json(nullptr)},
                    {"title", step.title},
                    {"detail", step.detail},
                    {"tool", or_null(step.tool)},
                    {"path", or_null(step.path)},
                    {"diff", or_null(step.diff)},
                    {"ok", step.ok ? json(*step.ok) : json(nullptr)},
                    {"by", or_null(step.by)},
                    {"known", or_null(step.known)},
                    {"ms", step.took ? json(step.took->count()) : json(nullptr)},
                    {"approval", step.approval ? json(*step.approval) : json(nullptr)}});
  }
  return list;
}

/// As it is now; null where it is gone, or no file that may be shown.
json size_of(const std::filesystem::path& project, const std::string& path) {
  try {
    return dispatch::project_file_size(project, path);
  } catch (const std::exception&) {
    return nullptr;
  }
}

json dispatch_json(const store::LogRow& row, const store::DispatchRecord& dispatch,
                   const std::filesystem::path& projects) {
  const auto facts = base::parse_json(dispatch.facts).value_or(json::object());
  auto files = json::array();
  for (const auto& file : base::json_list(facts, "files")) {
    const auto path = base::json_text(file, "path");
    files.push_back({{"path", path},
                     {"change", base::json_text(file, "change")},
                     {"bytes", size_of(projects / row.project, path)}});
  }
  return {{"id", chat::dispatch_name(dispatch.id)},
          {"project", row.project},
          {"slug", row.project},
          {"specialist", dispatch.specialist},
          {"mode", to_string(dispatch.action)},
          {"state", to_string(dispatch.state)},
          {"outcome", dispatch.outcome ? json(to_string(*dispatch.outcome)) : json(nullptr)},
          {"outcome_cause", or_null(cause_of(row))},
          {"queued", base::format_rfc3339(dispatch.created)},
          {"started", time_or_null(dispatch.started)},
          {"ended", time_or_null(dispatch.finished)},
          {"session", or_null(dispatch.session_id)},
          {"turns",
           base::json_integer(facts, "turns") ? json(*base::json_integer(facts, "turns")) : json(nullptr)},
          {"usd", dispatch.finished ? json(dispatch.usd) : json(nullptr)},
          {"files", files}};
}

/// What the secretary's model was shown of what is remembered; a text that was deleted since is null.
json notes_json(store::Database& db, store::DecisionId decision) {
  auto list = json::array();
  for (const auto& note : store::Notes(db).used_in(decision)) {
    list.push_back({{"id", note.id.value}, {"text", note.text ? json(*note.text) : json(nullptr)}});
  }
  return list;
}

/// The question that was answered with yes, or the answer to it: whoever pressed it, and when.
json confirmed_json(store::Database& db, const store::LogRow& row) {
  if (!row.follows) {
    return nullptr;
  }
  store::LogView view(db);
  const auto asked = view.row(*row.follows);
  return {{"decision", row.follows->value},
          {"person", row.user},
          {"name", row.person},
          {"at", base::format_rfc3339(row.at)},
          {"p", asked ? json(asked->p) : json(nullptr)}};
}

/// What of the members was written down as it happened, what only follows from what came after, and what
/// nobody knows.
json known_json(const store::LogRow& row, bool judged, bool has_steps, const json& object) {
  auto recorded = json::array({"message", "action", "p", "ask_at", "dispatch_at", "cause", "reason"});
  auto inferred = json::array({"outcome", "chat_name"});
  auto unknown = json::array();
  const auto sort = [&](const char* name, bool is_known) { (is_known ? recorded : unknown).push_back(name); };
  sort("signals", judged);
  sort("score", judged);
  sort("deliveries", !object.at("deliveries").empty());
  if (row.message.empty()) {
    recorded.erase(recorded.begin());
    unknown.push_back("message");  // taken out because of its age, or with its person
  }
  sort("cost", !object.at("cost").empty());
  if (row.dispatch) {
    const auto& dispatch = object.at("dispatch_detail");
    sort("task", !object.at("task").get<std::string>().empty());
    sort("timeline", has_steps);
    sort("result", !object.at("result").is_null() && !object.at("result").get<std::string>().empty());
    sort("dispatch_detail.session", !dispatch.at("session").is_null());
    sort("dispatch_detail.turns", !dispatch.at("turns").is_null());
    inferred.push_back("dispatch_detail.files");  // by comparing the folder before and after
  }
  for (const auto& verdict : object.at("verdicts")) {
    const auto source = store::parse<store::VerdictSource>(base::json_text(verdict, "source"));
    if (source && store::is_from_use(*source)) {
      inferred.push_back("verdicts");
      break;
    }
  }
  return {{"recorded", recorded}, {"inferred", inferred}, {"unknown", unknown}};
}

}  // namespace

std::optional<store::DecisionId> decision_of_id(store::Database& db, const std::string& id) {
  store::LogView view(db);
  const bool of_dispatch = id.starts_with("d-");
  const auto* end = id.data() + id.size();
  std::int64_t number = 0;
  const auto parsed = std::from_chars(id.data() + (of_dispatch ? 2 : 0), end, number);
  if (parsed.ec == std::errc() && parsed.ptr == end) {
    const auto known = of_dispatch          ? view.decision_of({number})
                       : view.row({number}) ? std::optional(store::DecisionId{number})
                                            : std::nullopt;
    if (known) {
      return known;
    }
  }
  if (const auto found = view.decision_about("", id)) {
    return found;
  }
  const auto colon = id.find(':');
  return colon == std::string::npos ? std::nullopt
                                    : view.decision_about(id.substr(0, colon), id.substr(colon + 1));
}

json detail_json(store::Database& db, const store::LogRow& row, const std::filesystem::path& projects) {
  store::LogView view(db);
  const auto dispatch =
      row.dispatch ? std::optional(store::DispatchLog(db).dispatch(*row.dispatch)) : std::nullopt;
  const auto judgement = store::RoutingLog(db).judgement(row.decision);
  const auto deliveries = view.deliveries(row);
  const auto calls = calls_of(db, row.decision);
  const auto steps = all_steps(db, row, dispatch, calls, projects, deliveries);
  auto object = to_json(row);
  object["posted"] = view.posted(row);
  object["timeline"] = timeline_json(steps);
  object["signals"] = judgement ? signals_json(db, *judgement) : json(nullptr);
  object["score"] = score_json(db, row, judgement);
  object["tools"] = calls_json(db, calls);
  object["proposed_by"] = object.at("proposal").is_null()        ? json(nullptr)
                          : turns::is_of_secretary(row.proposal) ? json("secretary")
                                                                 : json("person");
  object["notes"] = notes_json(db, row.decision);
  object["task"] = nullptr;
  object["result"] = dispatch ? json(dispatch->result) : or_null(view.posted(row));
  object["dispatch_detail"] = nullptr;
  object["confirmed_by"] = confirmed_json(db, row);
  object["approvals"] = approvals_json(db, dispatch);
  object["deliveries"] = deliveries_json(deliveries);
  object["cost"] = costs_json(view.costs(row));
  object["verdicts"] = verdicts_json(db, row.decision);
  if (dispatch) {
    const auto facts = base::parse_json(dispatch->facts).value_or(json::object());
    const auto told = base::json_integer(facts, "duration_ms");
    object["task"] = dispatch->prompt;
    object["kind"] = to_string(dispatch->action);
    object["specialist"] = dispatch->specialist;
    object["session"] = dispatch->session_id;
    object["worked_ms"] =
        told ? *told : store::time_worked(store::DispatchLog(db).legs(dispatch->id)).count();
    object["facts"] = facts;
    object["dispatch_detail"] = dispatch_json(row, *dispatch, projects);
  }
  const bool has_steps = std::any_of(steps.begin(), steps.end(), [](const Step& step) {
    return step.kind == "text" || (step.kind == "tool" && step.known.empty()) || step.kind == "edit" ||
           step.kind == "command";
  });
  object["known"] = known_json(row, judgement.has_value(), has_steps, object);
  if (!calls.empty()) {
    object["known"]["recorded"].push_back("tools");
    const auto effects = known_of(calls);
    for (const auto& [is, list] : {std::pair(effects.inferred, "inferred"), {effects.unknown, "unknown"}}) {
      if (is) {
        object["known"][list].push_back("tools.effect");
      }
    }
  }
  return object;
}

std::string recorded_diff(store::Database& db, const store::LogRow& row,
                          const std::filesystem::path& projects, const std::string& path) {
  std::string diff;
  if (row.dispatch) {
    for (const auto& step :
         specialist_steps(projects / row.project, store::DispatchLog(db).legs(*row.dispatch), {})) {
      diff += step.path == path ? step.diff : "";
    }
  }
  return diff;
}

}  // namespace bot::reporting
