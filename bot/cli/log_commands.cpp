#include "bot/cli/log_commands.h"

#include <algorithm>
#include <charconv>
#include <iostream>

#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/error.h"
#include "base/json.h"
#include "base/log.h"
#include "base/utf8.h"
#include "bot/runs/shell_log.h"
#include "bot/runs/wording.h"
#include "bot/runtime/settings.h"
#include "dispatch/task/event_log.h"
#include "dispatch/task/transcript.h"
#include "store/approvals.h"
#include "store/dispatch_log.h"
#include "store/log_view.h"
#include "store/people.h"

namespace bot::cli {
namespace {

using nlohmann::json;

constexpr std::size_t kNarrow = 80, kWide = 200;

/// The open log, with runs settled whose process has vanished.
struct OpenLog {
  explicit OpenLog(const LogOptions& options)
      : settings(
            (base::set_log_level(base::LogLevel::warning), runtime::load_shell_settings(options.config))),
        db(settings.database),
        view(db) {
    runs::settle_lost_shell_runs(db, settings.dispatch.projects_dir);
  }

  runtime::ShellSettings settings;
  store::Database db;
  store::LogView view;
};

/// "2026-11-22", "7d", "24h" or "30m" ago.
base::Timestamp parse_since(const std::string& text) {
  const auto now = base::SystemClock().now();
  long number = 0;
  const auto* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  if (parsed.ec == std::errc() && parsed.ptr + 1 == end && number >= 0 && number < 100'000) {
    switch (*parsed.ptr) {
      case 'd':
        return now - std::chrono::hours(24 * number);
      case 'h':
        return now - std::chrono::hours(number);
      case 'm':
        return now - std::chrono::minutes(number);
      default:
        break;
    }
  }
  std::tm day{};
  const auto* rest = ::strptime(text.c_str(), "%Y-%m-%d", &day);
  if (rest == nullptr || *rest != '\0') {
    throw base::ConfigError(fmt::format(
        "--since: \"{}\" is neither a day such as 2026-11-22 nor an age such as 7d, 24h or 30m", text));
  }
  day.tm_isdst = -1;
  return base::from_unix_ms(static_cast<std::int64_t>(::mktime(&day)) * 1000);
}

store::LogFilter filter_of(const LogOptions& options, int limit) {
  store::LogFilter filter{options.chat, options.project, options.outcome, {}, limit};
  if (!options.since.empty()) {
    filter.since = parse_since(options.since);
  }
  return filter;
}

std::string name_of(store::DispatchId id) {
  return fmt::format("d-{}", id.value);
}

json to_json(const store::LogRow& row) {
  json object = {{"decision", row.decision.value},
                 {"at", base::to_unix_ms(row.at)},
                 {"chat", row.chat},
                 {"user", row.user},
                 {"person", row.person},
                 {"message", row.message},
                 {"action", to_string(row.action)},
                 {"p", row.p},
                 {"ask_at", row.ask_at},
                 {"dispatch_at", row.dispatch_at},
                 {"layer", row.layer},
                 {"cause", row.cause},
                 {"reason", row.reason},
                 {"proposal", base::parse_json(row.proposal).value_or(json(nullptr))},
                 {"question", row.question ? json(to_string(*row.question)) : json(nullptr)},
                 {"dispatch", row.dispatch ? json(name_of(*row.dispatch)) : json(nullptr)},
                 {"project", row.project.empty() ? json(nullptr) : json(row.project)},
                 {"outcome", row.outcome},
                 {"usd", row.usd}};
  return object;
}

std::size_t terminal_width() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    return size.ws_col;
  }
  // A pipe: as COLUMNS says, else wide enough to grep.
  const char* columns = std::getenv("COLUMNS");
  const auto width = columns != nullptr ? std::strtoul(columns, nullptr, 10) : 0;
  return width > 0 ? std::min<std::size_t>(width, 1000) : kWide;
}

/// A cell of exactly that many characters.
std::string cell(const std::string& text, std::size_t width) {
  std::string out;
  std::size_t characters = 0;
  const auto line = base::one_line(text);
  for (std::size_t i = 0; i < line.size();) {
    std::size_t next = i + 1;
    while (next < line.size() && (static_cast<unsigned char>(line[next]) & 0xC0) == 0x80) {
      ++next;
    }
    if (characters + 1 == width && next < line.size()) {
      out += "…";
      ++characters;
      break;
    }
    if (characters == width) {
      break;
    }
    out.append(line, i, next - i);
    ++characters;
    i = next;
  }
  return out + std::string(width - characters, ' ');
}

}  // namespace

int show_log_list(const LogOptions& options) {
  OpenLog log(options);
  const auto rows = log.view.rows(filter_of(options, options.limit));
  if (options.json) {
    auto array = json::array();
    for (const auto& row : rows) {
      array.push_back(to_json(row));
    }
    std::cout << base::dump_json(array) << "\n";
    return 0;
  }
  if (rows.empty()) {
    std::cout << "Nothing is logged" << (filter_of(options, 0).since ? " for that time" : "") << ".\n";
    return 0;
  }
  const auto width = std::max(kNarrow, terminal_width());
  // What the fixed columns leave goes to the chat and, twice as much, to project and message.
  const std::size_t fixed = 6 + 17 + 12 + 5 + 8 + 7;
  const auto share = (width - fixed) / 4;
  const auto line = [&](const std::string& id, const std::string& at, const std::string& chat,
                        const std::string& p, const std::string& outcome, const std::string& usd,
                        const std::string& project, const std::string& message) {
    auto text = fmt::format("{} {} {} {} {} {} {} ", cell(id, 6), cell(at, 16), cell(chat, share), cell(p, 4),
                            cell(outcome, 11), cell(usd, 7), cell(project, share));
    text += cell(message, width - (fixed - 1) - 2 * share);
    std::cout << text.substr(0, text.find_last_not_of(' ') + 1) << "\n";
  };
  line("ID", "TIME", "CHAT", "P", "OUTCOME", "COST", "PROJECT", "MESSAGE");
  for (const auto& row : rows) {
    line(row.dispatch ? name_of(*row.dispatch) : std::to_string(row.decision.value),
         base::format_minute(row.at, ""), row.chat, fmt::format("{:.2f}", row.p), row.outcome,
         row.usd > 0 ? fmt::format("${:.2f}", row.usd) : "", row.project, row.message);
  }
  return 0;
}

namespace {

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
    text += fmt::format("{}: ${:.4f}, {}, {} in, {} cached, {} out\n", to_string(cost.purpose), cost.usd,
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
      object["kind"] = to_string(dispatch->action);
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
  print_block("Decision", fmt::format("{}: p {:.2f}, ask from {:.2f}, dispatch from {:.2f} ({}); {}\n{}{}",
                                      to_string(row->action), row->p, row->ask_at, row->dispatch_at,
                                      row->layer, row->cause, row->reason,
                                      row->question ? "\nQuestion: " + to_string(*row->question) : ""));
  if (dispatch) {
    const auto time = [](const std::optional<base::Timestamp>& at) {
      return at ? base::format_minute(*at, "") : std::string("not yet");
    };
    print_block(fmt::format("Dispatch {}", name_of(dispatch->id)),
                fmt::format("{} in {} with {}: {}\nOrdered {}, begun {}, finished {}{}\nSession {}\n",
                            to_string(dispatch->action), row->project, dispatch->specialist, row->outcome,
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
          "{} {} {}: {}{}{}{}\n", base::format_minute(approval.asked, ""), to_string(approval.kind),
          approval.tool, to_string(approval.state),
          approval.by ? fmt::format(" by {} ({}:{})", base::one_line(by.name), by.section, by.user_id) : "",
          approval.settled ? " at " + base::format_minute(*approval.settled, "") : "",
          approval.comment.empty() ? "" : ": " + base::one_line(approval.comment));
      approvals += approval.detail.empty() ? "" : approval.detail + "\n";
      approvals += approval.kind == store::ApprovalKind::question ? approval.answers + "\n" : "";
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
    deliveries += fmt::format("{} {} {} {}{}\n", base::format_minute(call.created, ""), to_string(call.kind),
                              call.key, to_string(call.state), call.error.empty() ? "" : ": " + call.error);
  }
  print_block("Deliveries", deliveries);
  if (dispatch) {
    print_block("Cost", costs_text(log.view.costs(dispatch->id)));
  }
  return 0;
}

namespace {

/// RFC 4180; a cell that a spreadsheet would take for a formula gets an apostrophe.
std::string csv_cell(const json& value) {
  auto text = value.is_string() ? value.get<std::string>() : value.is_null() ? "" : base::dump_json(value);
  if (value.is_string() && !text.empty() &&
      std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos) {
    text.insert(0, 1, '\'');
  }
  if (text.find_first_of(",\"\r\n") == std::string::npos) {
    return text;
  }
  std::string quoted = "\"";
  for (const char c : text) {
    quoted += c == '"' ? "\"\"" : std::string(1, c);
  }
  return quoted + "\"";
}

}  // namespace

int export_log(const LogOptions& options) {
  OpenLog log(options);
  auto rows = log.view.rows(filter_of(options, 0));
  std::reverse(rows.begin(), rows.end());
  constexpr std::array kColumns = {"decision", "at",      "chat",    "user",     "person",
                                   "message",  "action",  "p",       "ask_at",   "dispatch_at",
                                   "layer",    "cause",   "reason",  "proposal", "question",
                                   "dispatch", "project", "outcome", "usd"};
  if (options.format == "csv") {
    for (std::size_t i = 0; i < kColumns.size(); ++i) {
      std::cout << (i == 0 ? "" : ",") << kColumns.at(i);
    }
    std::cout << "\r\n";
  }
  for (const auto& row : rows) {
    const auto object = to_json(row);
    if (options.format == "jsonl") {
      std::cout << base::dump_json(object) << "\n";
      continue;
    }
    for (std::size_t i = 0; i < kColumns.size(); ++i) {
      std::cout << (i == 0 ? "" : ",") << csv_cell(object.at(kColumns.at(i)));
    }
    std::cout << "\r\n";
  }
  return 0;
}

int show_savings(const LogOptions& options) {
  OpenLog log(options);
  const auto costs = log.view.costs_since(filter_of(options, 0).since);
  double secretary = 0, specialist = 0, instead = 0, most = -1;
  std::int64_t turns = 0, runs = 0;
  std::string model;
  for (const auto& cost : costs) {
    if (cost.purpose == store::Purpose::specialist) {
      specialist += cost.usd;
      runs += cost.calls;
      if (cost.usd > most && dispatch::price_of(cost.model).output > 0) {
        most = cost.usd;
        model = cost.model;
      }
    } else {
      secretary += cost.usd;
      turns += cost.calls;
    }
  }
  const auto price = dispatch::price_of(model.empty() ? "opus" : model);
  for (const auto& cost : costs) {
    instead += cost.purpose == store::Purpose::specialist
                   ? cost.usd
                   : price.usd({cost.input_tokens, cost.cache_read_tokens, cost.cache_write_tokens,
                                cost.output_tokens});
  }
  const auto total = secretary + specialist;
  const auto saved = instead - total;
  if (options.json) {
    std::cout << base::dump_json({{"secretary_calls", turns},
                                  {"secretary_usd", secretary},
                                  {"specialist_runs", runs},
                                  {"specialist_usd", specialist},
                                  {"total_usd", total},
                                  {"specialist_model", model.empty() ? json(nullptr) : json(model)},
                                  {"every_turn_on_specialist_usd", instead},
                                  {"saved_usd", saved}})
              << "\n";
    return 0;
  }
  std::cout << fmt::format(
      "Secretary:   {:>6} calls  ${:.4f}\nSpecialists: {:>6} runs   ${:.4f}\nTogether:                  "
      "${:.4f}\n"
      "Had the secretary's calls been made on {} (${:.2f} and ${:.2f} per million tokens): ${:.4f}\n"
      "Saved: ${:.4f}{}\n",
      turns, secretary, runs, specialist, total, model.empty() ? "an Opus model" : model, price.input,
      price.output, instead, saved, instead > 0 ? fmt::format(" ({:.0f} %)", 100 * saved / instead) : "");
  std::cout
      << "An estimate: the same tokens at the other model's list price, cached ones at its cache prices.\n";
  return 0;
}

}  // namespace bot::cli
