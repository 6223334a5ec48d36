#include <algorithm>
#include <iostream>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/money.h"
#include "base/utf8.h"
#include "bot/chat/platform.h"
#include "bot/cli/log_commands.h"
#include "bot/cli/log_reading.h"
#include "bot/reporting/log_items.h"
#include "bot/texts/why.h"
#include "store/log_words.h"
#include "store/review_queue.h"

namespace bot::cli {
namespace {

using nlohmann::json;

constexpr std::size_t kNarrow = 80, kWide = 200;

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

void print_json(const std::vector<store::LogRow>& rows) {
  auto array = json::array();
  for (const auto& row : rows) {
    array.push_back(reporting::to_json(row));
  }
  std::cout << base::dump_json(array) << "\n";
}

/// In front of the message: why a run was blocked or went wrong.
std::string why(const store::LogRow& row) {
  const auto cause = reporting::cause_of(row);
  return cause.empty() ? "" : "[" + cause + "] ";
}

void print_table(const OpenLog& log, const std::vector<store::LogRow>& rows) {
  const auto width = std::max(kNarrow, terminal_width());
  // What the fixed columns leave goes to person, chat, project and, twice as much, the message.
  const std::size_t fixed = 6 + 17 + 12 + 5 + 9 + 8;
  const auto share = (width - fixed) / 5;
  const auto line = [&](const std::string& id, const std::string& at, const std::string& person,
                        const std::string& chat, const std::string& p, const std::string& outcome,
                        const std::string& usd, const std::string& project, const std::string& message) {
    auto text =
        fmt::format("{} {} {} {} {} {} {} {} ", cell(id, 6), cell(at, 16), cell(person, share),
                    cell(chat, share), cell(p, 4), cell(outcome, 11), cell(usd, 8), cell(project, share));
    text += cell(message, width - (fixed - 1) - 3 * share);
    std::cout << text.substr(0, text.find_last_not_of(' ') + 1) << "\n";
  };
  line("ID", "TIME", "PERSON", "CHAT", "P", "OUTCOME", "COST", "PROJECT", "MESSAGE");
  for (const auto& row : rows) {
    line(row.dispatch ? chat::dispatch_name(*row.dispatch) : std::to_string(row.decision.value),
         log.minute(row.at), row.person, row.chat, texts::probability(row.p), row.outcome,
         row.usd > 0 ? base::format_usd(row.usd) : "", row.project, why(row) + row.message);
  }
}

/// Decisions whose words a step adds to the index, where no serve has done it.
constexpr int kIndexedAtOnce = 500;
/// What is waited for from whoever reads `log review`.
constexpr int kReviewDays = 90;

}  // namespace

int show_log_review(const LogOptions& options) {
  OpenLog log(options);
  const auto since = filter_of(options, 0, log.settings.timezone)
                         .since.value_or(base::SystemClock().now() - std::chrono::hours(24 * kReviewDays));
  const auto queue = store::ReviewQueue(log.db).look(since);
  auto array = json::array();
  for (const auto& item : queue.waiting) {
    const auto row = log.view.row(item.decision).value();
    const auto why = fmt::format("{}", fmt::join(item.why, ", "));
    if (options.json) {
      array.push_back(reporting::to_json(row));
      array.back()["why"] = item.why;
    } else {
      std::cout << fmt::format("{:>6} {} {:<11} {}: {}\n", row.decision.value, log.minute(row.at),
                               row.outcome, why, base::ellipsize(base::one_line(row.message), 200));
    }
  }
  if (options.json) {
    std::cout << base::dump_json(array) << "\n";
  } else {
    std::cout << fmt::format(
        "{} to be judged, {} judged. frontdesk log verdict ID right|should_answer|"
        "should_dispatch|bad_result\n",
        queue.waiting.size(), queue.judged);
  }
  return 0;
}

int show_log_list(const LogOptions& options) {
  OpenLog log(options);
  while (!options.words.empty() && store::LogWords(log.db).add(kIndexedAtOnce)) {
  }
  const auto rows = log.view.rows(filter_of(options, options.limit, log.settings.timezone));
  if (options.json) {
    print_json(rows);
  } else if (rows.empty()) {
    const bool filtered = !options.words.empty() || !(options.chat + options.user + options.project +
                                                      options.outcome + options.since + options.until)
                                                         .empty();
    std::cout << (filtered ? "No decisions match.\n" : "No decisions yet.\n");
  } else {
    print_table(log, rows);
  }
  return 0;
}

}  // namespace bot::cli
