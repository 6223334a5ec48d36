#include <algorithm>
#include <charconv>
#include <iostream>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "base/utf8.h"
#include "bot/cli/log_commands.h"
#include "bot/cli/log_reading.h"
#include "dispatch/task/event_log.h"
#include "dispatch/task/transcript.h"
#include "store/approvals.h"
#include "store/dispatch_log.h"
#include "store/people.h"

namespace bot::cli {
namespace {

using nlohmann::json;

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

std::string timeline(const OpenLog& log, const store::LogRow& row, const store::DispatchRecord& dispatch) {
  const auto folder = log.settings.dispatch.projects_dir / row.project;
  const auto entries =
      dispatch.record.empty()
          ? std::vector<dispatch::EventLog::Entry>()
          : dispatch::EventLog::read(folder / ".dispatch-logs" / (dispatch.record + "-events.jsonl"));
  std::string text;
  base::Timestamp at = row.at;
  dispatch::Transcript transcript(folder, {}, [&](const dispatch::Event& event) {
    std::string what;
    switch (event.kind) {
      case dispatch::Event::Kind::session_begun:
        what = "session " + event.text;
        break;
      case dispatch::Event::Kind::tool_used:
        what = event.tool + " " + event.text;
        break;
      case dispatch::Event::Kind::said:
        what = "said: " + base::ellipsize(base::one_line(event.text), 200);
        break;
      case dispatch::Event::Kind::retrying:
        what = event.text;
        break;
      case dispatch::Event::Kind::asks:
      case dispatch::Event::Kind::added:
      case dispatch::Event::Kind::withdrawn:
      case dispatch::Event::Kind::used:
      case dispatch::Event::Kind::still_working:
        return;
    }
    const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(
        at - dispatch.started.value_or(dispatch.created));
    text += fmt::format("{:>8.1f} s  {}\n", static_cast<double>(since.count()) / 1000, what);
  });
  for (const auto& entry : entries) {
    at = entry.at;
    transcript.take(entry.event);
  }
  return text;
}

std::string costs_text(const std::vector<store::CostRow>& costs) {
  std::string text;
  for (const auto& cost : costs) {
    text += fmt::format("{}: ${:.4f}, {}, {} in, {} cached, {} out\n", cost.purpose, cost.usd,
                        cost.model.empty() ? "model not told" : cost.model, cost.input_tokens,
                        cost.cache_read_tokens + cost.cache_write_tokens, cost.output_tokens);
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

}  // namespace

int show_log_entry(const LogOptions& options) {
  const auto* first = options.id.data() + (options.id.starts_with("d-") ? 2 : 0);
  const auto* end = options.id.data() + options.id.size();
  std::int64_t number = 0;
  if (const auto parsed = std::from_chars(first, end, number);
      parsed.ec != std::errc() || parsed.ptr != end) {
    throw base::ConfigError(fmt::format(
        "log show: \"{}\" is neither a dispatch such as d-17 nor a decision such as 42", options.id));
  }
  OpenLog log(options);
  const auto decision = options.id.starts_with("d-") ? log.view.decision_of({number})
                                                     : std::optional(store::DecisionId{number});
  const auto row = decision ? log.view.row(*decision) : std::nullopt;
  if (!row) {
    std::cerr << fmt::format("frontdesk: there is no {} in the log.\n", options.id);
    return 1;
  }
  std::optional<store::DispatchRecord> dispatch;
  if (row->dispatch) {
    dispatch = store::DispatchLog(log.db).dispatch(*row->dispatch);
  }
  if (options.json) {
    auto object = to_json(*row);
    object["posted"] = log.view.posted(*row);
    if (dispatch) {
      object["task"] = dispatch->prompt;
      object["kind"] = dispatch->action;
      object["specialist"] = dispatch->specialist;
      object["session"] = dispatch->session_id;
      object["result"] = dispatch->result;
      object["facts"] = base::parse_json(dispatch->facts).value_or(json::object());
    }
    std::cout << base::dump_json(object) << "\n";
    return 0;
  }
  std::cout << fmt::format("Decision {} of {} in {}, by {} ({})\n", row->decision.value,
                           base::format_minute(row->at, ""), base::one_line(row->chat),
                           base::one_line(row->person), base::one_line(row->user));
  print_block("Message", row->message);
  print_block("Proposal of the secretary", proposal_text(row->proposal));
  print_block("Decision",
              fmt::format("{}: p {:.2f}, ask from {:.2f}, dispatch from {:.2f} ({}); {}\n{}{}", row->action,
                          row->p, row->ask_at, row->dispatch_at, row->layer, row->cause, row->reason,
                          row->question.empty() ? "" : "\nQuestion: " + row->question));
  if (dispatch) {
    const auto time = [](const std::optional<base::Timestamp>& at) {
      return at ? base::format_minute(*at, "") : std::string("not yet");
    };
    print_block(fmt::format("Dispatch {}", name_of(dispatch->id)),
                fmt::format("{} in {} with {}: {}\nOrdered {}, begun {}, finished {}{}\nSession {}\n",
                            dispatch->action, row->project, dispatch->specialist, row->outcome,
                            base::format_minute(dispatch->created, ""), time(dispatch->started),
                            time(dispatch->finished),
                            dispatch->attempts > 1 ? fmt::format(", {} attempts", dispatch->attempts) : "",
                            dispatch->session_id.empty() ? "none" : dispatch->session_id));
    print_block("Task", dispatch->prompt);
    print_block("Steps", timeline(log, *row, *dispatch));
    std::string approvals;
    for (const auto& approval : store::Approvals(log.db).of(dispatch->id)) {
      const auto by = approval.by ? store::People(log.db).get(*approval.by) : store::Person();
      approvals += fmt::format(
          "{} {} {}: {}{}{}{}\n", base::format_minute(approval.asked, ""), approval.kind, approval.tool,
          approval.state,
          approval.by ? fmt::format(" by {} ({}:{})", base::one_line(by.name), by.section, by.user_id) : "",
          approval.settled ? " at " + base::format_minute(*approval.settled, "") : "",
          approval.comment.empty() ? "" : ": " + base::one_line(approval.comment));
      approvals += approval.detail.empty() ? "" : approval.detail + "\n";
      approvals += approval.kind == "question" ? approval.answers + "\n" : "";
    }
    print_block("Asked", approvals);
    print_block("Facts", base::parse_json(dispatch->facts)
                             .value_or(json::object())
                             .dump(1, ' ', false, json::error_handler_t::replace));
    print_block("The specialist's own result", dispatch->result);
  }
  print_block("Posted", log.view.posted(*row));
  std::string deliveries;
  for (const auto& call : log.view.deliveries(*row)) {
    deliveries += fmt::format("{} {} {} {}{}\n", base::format_minute(call.created, ""), call.kind, call.key,
                              call.state, call.error.empty() ? "" : ": " + call.error);
  }
  print_block("Deliveries", deliveries);
  if (dispatch) {
    print_block("Cost", costs_text(log.view.costs(dispatch->id)));
  }
  return 0;
}

}  // namespace bot::cli
