#include <algorithm>
#include <iostream>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "base/log.h"
#include "base/money.h"
#include "base/utf8.h"
#include "bot/chat/platform.h"
#include "bot/cli/log_commands.h"
#include "bot/cli/log_reading.h"
#include "bot/reporting/called_tools.h"
#include "bot/reporting/log_detail.h"
#include "bot/reporting/log_items.h"
#include "bot/reporting/log_steps.h"
#include "bot/texts/approvals.h"
#include "bot/texts/why.h"
#include "bot/turns/routing_outcomes.h"
#include "dispatch/task/transcript.h"
#include "store/approvals.h"
#include "store/dispatch_log.h"
#include "store/notes.h"
#include "store/people.h"
#include "store/routing_log.h"

namespace bot::cli {
namespace {

using nlohmann::json;

/// What is known of one decision; without a dispatch where none followed it.
struct Entry {
  store::LogRow row;
  std::optional<store::DispatchRecord> dispatch;
};

std::optional<Entry> find_entry(OpenLog& log, const std::string& id) {
  const auto decision = reporting::decision_of_id(log.db, id);
  const auto row = decision ? log.view.row(*decision) : std::nullopt;
  if (!row) {
    return std::nullopt;
  }
  Entry entry{*row, std::nullopt};
  if (row->dispatch) {
    entry.dispatch = store::DispatchLog(log.db).dispatch(*row->dispatch);
  }
  return entry;
}

std::chrono::milliseconds worked(OpenLog& log, const store::DispatchRecord& dispatch);

void print_block(const std::string& title, const std::string& text) {
  if (base::trim(text).empty()) {
    return;
  }
  std::cout << "\n" << title << "\n";
  const auto clean = base::strip_controls(text);
  for (std::size_t begin = 0; begin < clean.size();) {
    const auto end = std::min(clean.find('\n', begin), clean.size());
    std::cout << "  " << clean.substr(begin, end - begin) << "\n";
    begin = end + 1;
  }
}

/// What is said of an event in the list of steps; empty where it is no step.
std::string step_of(const dispatch::Event& event) {
  using Kind = dispatch::Event::Kind;
  switch (event.kind) {
    case Kind::session_begun:
      return "session " + event.text;
    case Kind::tool_used:
      return event.tool + " " + event.text;
    case Kind::said:
      return "said: " + base::ellipsize(base::one_line(event.text), 200);
    case Kind::retrying:
      return event.text;
    case Kind::asks:
    case Kind::added:
    case Kind::withdrawn:
    case Kind::background:
    case Kind::used:
    case Kind::still_working:
      break;
  }
  return {};
}

/// The specialist's steps in all processes that worked on it, each with the seconds since its start.
std::string steps_text(OpenLog& log, const store::LogRow& row, const store::DispatchRecord& dispatch) {
  const auto folder = log.settings.dispatch.projects_dir / row.project;
  const auto start = dispatch.started.value_or(dispatch.created);
  std::string text;
  const auto add = [&](base::Timestamp at, const std::string& what) {
    const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(at - start);
    text += fmt::format("{:>8.1f} s  {}\n", static_cast<double>(since.count()) / 1000, what);
  };
  const auto approvals = store::Approvals(log.db).of(dispatch.id);
  auto legs = store::DispatchLog(log.db).legs(dispatch.id);
  std::erase_if(legs, [](const store::Leg& leg) { return leg.record.empty(); });
  for (const auto& leg : legs) {
    if (&leg != &legs.front()) {
      add(leg.started, "started again");
    }
    auto at = leg.started;
    dispatch::Transcript transcript(folder, {}, [&](const dispatch::Event& event) {
      if (const auto what = step_of(event); !what.empty()) {
        add(at, what);
      }
    });
    for (const auto& entry : reporting::events_as_they_ran(folder, leg, approvals)) {
      at = entry.at;
      transcript.take(entry.event);
    }
    if (leg.interrupted && leg.ended) {
      add(*leg.ended, "interrupted");
    }
  }
  return text;
}

std::string costs_text(const std::vector<store::CostRow>& costs) {
  std::string text;
  for (const auto& cost : costs) {
    text +=
        fmt::format("{}: {}, {}, tokens: {} in, {} cached, {} out\n", to_string(cost.purpose),
                    base::format_usd_closely(cost.usd), cost.model.empty() ? "model unknown" : cost.model,
                    cost.input_tokens, cost.cache_read_tokens + cost.cache_write_tokens, cost.output_tokens);
  }
  return text;
}

std::string proposal_text(const std::string& proposal) {
  std::string text;
  if (const auto object = base::parse_json(proposal); object && object->is_object()) {
    for (const auto& [key, value] : object->items()) {
      text +=
          fmt::format("{}: {}\n", key, value.is_string() ? value.get<std::string>() : base::dump_json(value));
    }
  }
  return text;
}

std::string decision_text(const store::LogRow& row) {
  return fmt::format("{}: p {}, ask_at {:.2f} ({}), dispatch_at {:.2f} ({}); {}\n{}{}", to_string(row.action),
                     texts::probability(row.p), row.ask_at, reporting::origin_of(row.ask_from, row),
                     row.dispatch_at, reporting::origin_of(row.dispatch_from, row), row.cause, row.reason,
                     row.question ? "\nQuestion: " + to_string(*row.question) : "");
}

/// How long it has worked, in all its processes.
std::chrono::milliseconds worked(OpenLog& log, const store::DispatchRecord& dispatch) {
  const auto facts = base::parse_json(dispatch.facts).value_or(json::object());
  const auto told = base::json_integer(facts, "duration_ms");
  return told ? std::chrono::milliseconds(*told)
              : store::time_worked(store::DispatchLog(log.db).legs(dispatch.id));
}

std::string dispatch_text(OpenLog& log, const store::LogRow& row, const store::DispatchRecord& dispatch) {
  const auto time = [&log](const std::optional<base::Timestamp>& at) {
    return at ? log.minute(*at) : std::string("not yet");
  };
  return fmt::format("{} in {} with {}: {}\nQueued {}, started {}, finished {}{}\nWorked {}\nSession {}\n",
                     to_string(dispatch.action), row.project, dispatch.specialist, row.outcome,
                     log.minute(dispatch.created), time(dispatch.started), time(dispatch.finished),
                     dispatch.attempts > 1 ? fmt::format(", {} attempts", dispatch.attempts) : "",
                     base::format_duration(worked(log, dispatch)),
                     dispatch.session_id.empty() ? "none" : dispatch.session_id);
}

/// What happened when, from the decision on.
std::vector<std::pair<base::Timestamp, std::string>> timeline(OpenLog& log, const Entry& entry) {
  std::vector<std::pair<base::Timestamp, std::string>> events = {{entry.row.at, "decided"}};
  if (!entry.dispatch) {
    return events;
  }
  const auto& dispatch = *entry.dispatch;
  events.emplace_back(dispatch.created, "queued");
  bool begun = false;
  for (const auto& leg : store::DispatchLog(log.db).legs(dispatch.id)) {
    events.emplace_back(leg.started, begun ? "started again" : "started");
    begun = true;
    if (leg.interrupted && leg.ended) {
      events.emplace_back(*leg.ended, "interrupted");
    }
  }
  if (dispatch.finished) {
    events.emplace_back(*dispatch.finished, entry.row.outcome);
  }
  return events;
}

std::string timeline_text(OpenLog& log, const Entry& entry) {
  std::string text;
  for (const auto& [at, event] : timeline(log, entry)) {
    text += log.minute(at) + "  " + event + "\n";
  }
  return text;
}

std::string named(const store::Person& person) {
  const auto name = base::one_line(person.name);
  const auto id = reporting::user_of(person);
  return name.empty() ? id : fmt::format("{} ({})", name, id);
}

std::string approvals_text(OpenLog& log, store::DispatchId dispatch) {
  std::string text;
  for (const auto& approval : store::Approvals(log.db).of(dispatch)) {
    const auto by = approval.by ? store::People(log.db).get(*approval.by) : store::Person();
    text += fmt::format("{} {} {}: {}{}{}{}\n", log.minute(approval.asked), to_string(approval.kind),
                        approval.tool, to_string(approval.state), approval.by ? " by " + named(by) : "",
                        approval.settled ? " at " + log.minute(*approval.settled) : "",
                        approval.comment.empty() ? "" : ": " + base::one_line(approval.comment));
    text += store::allowed_instead(approval).empty() ? approval.detail : texts::in_place_of(approval.detail);
    text += approval.detail.empty() ? "" : "\n";
    text += approval.state == store::ApprovalState::allowed_for_task
                ? texts::holds_for_task(approval.rules) + "\n"
                : std::string();
    text += approval.kind == store::ApprovalKind::question ? approval.answers + "\n" : "";
  }
  return text;
}

/// What each signal put into p, in log-odds, the weightiest first, and what the thresholds were moved by.
std::string signals_text(OpenLog& log, store::DecisionId decision) {
  store::RoutingLog routing(log.db);
  const auto judgement = routing.judgement(decision);
  if (!judgement) {
    return {};
  }
  std::string text;
  for (const auto& [name, part] : turns::parts_of_p(log.db, *judgement)) {
    text += fmt::format("{:+.2f}  {}\n", part, name);
  }
  const auto signals = base::parse_json(judgement->signals).value_or(json::object());
  text += fmt::format("weights {}, calibration {}\n", base::json_text(signals, "weights"),
                      base::json_text(signals, "calibration"));
  return text + (judgement->adjustment.empty() ? "" : judgement->adjustment + "\n");
}

/// What the secretary's model was shown of what is remembered.
std::string notes_text(OpenLog& log, store::DecisionId decision) {
  std::string text;
  for (const auto& note : store::Notes(log.db).used_in(decision)) {
    text +=
        fmt::format("{}: {}\n", note.id.value, note.text ? base::one_line(*note.text) : "(deleted since)");
  }
  return text;
}

/// What the secretary did itself, and who said to what that it may be done.
std::string tools_text(OpenLog& log, store::DecisionId decision) {
  const auto indented = [](const std::string& text) {
    return "  " + base::ellipsize(base::one_line(base::redacted(text)), 600) + "\n";
  };
  std::string text;
  for (const auto& call : reporting::calls_of(log.db, decision)) {
    const auto took = reporting::time_taken(call);
    const auto by = call.by ? named(store::People(log.db).get(*call.by)) : std::string();
    text += fmt::format("{} {}/{}, {}: {}{}{}\n", log.minute(call.begun.value_or(call.made)), call.server,
                        call.tool, call.expires ? "asked" : "allowed", reporting::state_text(call),
                        by.empty() ? "" : ", by " + by,
                        took ? fmt::format(", {:.1f} s", static_cast<double>(took->count()) / 1000) : "");
    text += indented(call.arguments);
    text += call.result.empty() ? "" : indented(call.result);
    text += call.comment.empty() ? "" : indented(call.comment);
    const auto read = reporting::read_back_text(call);
    for (std::size_t from = 0; from < read.size();) {
      const auto end = std::min(read.find('\n', from), read.size());
      text += indented(read.substr(from, end - from));
      from = end + 1;
    }
  }
  return text;
}

/// Who said afterwards what of it, and by what.
std::string verdicts_text(OpenLog& log, store::DecisionId decision) {
  std::string text;
  for (const auto& verdict : store::RoutingLog(log.db).verdicts(decision)) {
    text += fmt::format("{} {} by {} ({}){}\n", log.minute(verdict.at), to_string(verdict.verdict),
                        verdict.by                 ? named(store::People(log.db).get(*verdict.by))
                        : verdict.reviewer.empty() ? "the operator"
                                                   : verdict.reviewer,
                        to_string(verdict.source),
                        verdict.note.empty() ? "" : ": " + base::one_line(verdict.note));
  }
  return text;
}

std::string deliveries_text(const OpenLog& log, const std::vector<store::DeliveryRow>& deliveries) {
  std::string text;
  for (const auto& call : deliveries) {
    text += fmt::format("{} {} {} {}{}\n", log.minute(call.created), to_string(call.kind), call.key,
                        to_string(call.state), call.error.empty() ? "" : ": " + call.error);
  }
  return text;
}

void print_dispatch(OpenLog& log, const store::LogRow& row, const store::DispatchRecord& dispatch) {
  print_block(fmt::format("Dispatch {}", chat::dispatch_name(dispatch.id)),
              dispatch_text(log, row, dispatch));
  print_block("Task", dispatch.prompt);
  print_block("Steps", steps_text(log, row, dispatch));
  print_block("Approvals and questions", approvals_text(log, dispatch.id));
  print_block("Facts", base::parse_json(dispatch.facts)
                           .value_or(json::object())
                           .dump(1, ' ', false, json::error_handler_t::replace));
  print_block("Specialist's result", dispatch.result);
}

void print_text(OpenLog& log, const Entry& entry) {
  const auto& [row, dispatch] = entry;
  std::cout << fmt::format("Decision {}, {}, in {}, for {} ({})\n", row.decision.value, log.minute(row.at),
                           base::one_line(row.chat), base::one_line(row.person), base::one_line(row.user));
  print_block("Message", row.message);
  print_block(
      turns::is_of_secretary(row.proposal) ? "Secretary's proposal" : "Task of the person's own words",
      proposal_text(row.proposal));
  print_block("Decision", decision_text(row));
  print_block("Signals", signals_text(log, row.decision));
  print_block("Notes", notes_text(log, row.decision));
  print_block("Tools", tools_text(log, row.decision));
  if (dispatch) {
    print_dispatch(log, row, *dispatch);
    print_block("Timeline", timeline_text(log, entry));
  }
  print_block("Verdicts", verdicts_text(log, row.decision));
  print_block("Posted", log.view.posted(row));
  print_block("Deliveries", deliveries_text(log, log.view.deliveries(row)));
  print_block("Cost", costs_text(log.view.costs(row)));
}

}  // namespace

int show_log_entry(const LogOptions& options) {
  OpenLog log(options);
  const auto entry = find_entry(log, options.id);
  if (!entry) {
    std::cerr << fmt::format("frontdesk: {} is not in the log.\n", options.id);
    return 1;
  }
  if (options.json) {
    std::cout << base::dump_json(
                     reporting::detail_json(log.db, entry->row, log.settings.dispatch.projects_dir))
              << "\n";
  } else {
    print_text(log, *entry);
  }
  return 0;
}

}  // namespace bot::cli
