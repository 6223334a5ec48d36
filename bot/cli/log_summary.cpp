#include <algorithm>
#include <iostream>
#include <map>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/json.h"
#include "base/money.h"
#include "base/rfc3339.h"
#include "base/utf8.h"
#include "bot/chat/platform.h"
#include "bot/cli/log_commands.h"
#include "bot/cli/log_reading.h"
#include "store/approvals.h"
#include "store/people.h"

namespace bot::cli {
namespace {

using nlohmann::json;

/// What the decisions of one person, chat, day or project come to.
struct Sums {
  std::int64_t n = 0, answer = 0, ask = 0, dispatch = 0;
  double usd = 0;
};

std::string key_of(const store::LogRow& row, const std::string& by) {
  return by == "user"      ? row.user
         : by == "chat"    ? row.chat
         : by == "project" ? row.project
                           : base::format_minute(row.at, "").substr(0, std::string("2026-11-27").size());
}

std::map<std::string, Sums> sums_of(const std::vector<store::LogRow>& rows, const std::string& by) {
  std::map<std::string, Sums> all;
  for (const auto& row : rows) {
    auto& sums = all[key_of(row, by)];
    ++sums.n;
    auto& count = row.action == store::DecisionAction::answer ? sums.answer
                  : row.action == store::DecisionAction::ask  ? sums.ask
                                                              : sums.dispatch;
    ++count;
    sums.usd += row.usd;
  }
  return all;
}

const char* heading(const std::string& by) {
  return by == "user" ? "USER" : by == "chat" ? "CHAT" : by == "project" ? "PROJECT" : "DAY";
}

/// An approval with what is said of the decision whose run asked for it.
struct Asked {
  store::LogRow row;
  store::Approval approval;
};

std::string settled_by(OpenLog& log, const store::Approval& approval) {
  if (!approval.by) {
    return {};
  }
  const auto person = store::People(log.db).get(*approval.by);
  return person.section + ":" + person.user_id;
}

/// Newest first.
std::vector<Asked> approvals_of(OpenLog& log, const LogOptions& options) {
  std::vector<Asked> all;
  const auto words = words_of(options.grep);
  for (const auto& row : log.view.rows(filter_of(options, 0))) {
    for (const auto& approval :
         row.dispatch ? store::Approvals(log.db).of(*row.dispatch) : std::vector<store::Approval>()) {
      const auto text = base::ascii_lower(approval.tool + " " + approval.detail + " " + approval.comment +
                                          " " + to_string(approval.state) + " " + approval.questions);
      if (std::all_of(words.begin(), words.end(), [&](const std::string& word) {
            return text.find(base::ascii_lower(word)) != std::string::npos;
          })) {
        all.push_back({row, approval});
      }
    }
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Asked& a, const Asked& b) { return a.approval.asked > b.approval.asked; });
  return all;
}

json to_json(OpenLog& log, const Asked& asked) {
  const auto& [row, approval] = asked;
  const auto by = settled_by(log, approval);
  return {{"id", approval.id},
          {"at", base::format_rfc3339(approval.asked)},
          {"settled_at", approval.settled ? json(base::format_rfc3339(*approval.settled)) : json(nullptr)},
          {"dispatch", chat::dispatch_name(approval.dispatch)},
          {"decision", row.decision.value},
          {"chat", row.chat},
          {"person", row.user},
          {"project", row.project},
          {"kind", to_string(approval.kind)},
          {"tool", approval.tool},
          {"detail", approval.detail},
          {"state", to_string(approval.state)},
          {"by", by.empty() ? json(nullptr) : json(by)},
          {"comment", approval.comment}};
}

}  // namespace

int show_log_summary(const LogOptions& options) {
  OpenLog log(options);
  const auto all = sums_of(log.view.rows(filter_of(options, 0)), options.by);
  if (options.json) {
    auto array = json::array();
    for (const auto& [key, sums] : all) {
      array.push_back({{"key", key.empty() ? json(nullptr) : json(key)},
                       {"n", sums.n},
                       {"answer", sums.answer},
                       {"ask", sums.ask},
                       {"dispatch", sums.dispatch},
                       {"usd", sums.usd}});
    }
    std::cout << base::dump_json(array) << "\n";
    return 0;
  }
  if (all.empty()) {
    std::cout << "No decisions match.\n";
    return 0;
  }
  std::cout << fmt::format("{:<32} {:>9} {:>9} {:>9} {:>10} {:>9}\n", heading(options.by), "DECISIONS",
                           "ANSWERED", "ASKED", "DISPATCHED", "COST");
  for (const auto& [key, sums] : all) {
    std::cout << fmt::format("{:<32} {:>9} {:>9} {:>9} {:>10} {:>9}\n",
                             key.empty() ? "(none)" : base::one_line(key), sums.n, sums.answer, sums.ask,
                             sums.dispatch, base::format_usd(sums.usd));
  }
  return 0;
}

int show_log_approvals(const LogOptions& options) {
  OpenLog log(options);
  const auto all = approvals_of(log, options);
  if (options.json) {
    auto array = json::array();
    for (const auto& asked : all) {
      array.push_back(to_json(log, asked));
    }
    std::cout << base::dump_json(array) << "\n";
    return 0;
  }
  if (all.empty()) {
    std::cout << "No approvals match.\n";
  }
  for (const auto& [row, approval] : all) {
    const auto by = settled_by(log, approval);
    std::cout << fmt::format("{} {} {} {} {}{}: {}\n", base::format_minute(approval.asked, ""),
                             chat::dispatch_name(approval.dispatch), row.project, to_string(approval.kind),
                             to_string(approval.state), by.empty() ? "" : " by " + by,
                             base::ellipsize(base::one_line(approval.tool + " " + approval.detail), 300));
  }
  return 0;
}

}  // namespace bot::cli
