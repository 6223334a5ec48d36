#include "bot/cli/log_reading.h"

#include <charconv>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "base/log.h"
#include "bot/chat/platform.h"
#include "bot/runs/shell_log.h"

namespace bot::cli {
namespace {

using nlohmann::json;

runtime::ShellSettings load_quietly(const std::string& config) {
  base::set_log_level(base::LogLevel::warning);
  return runtime::load_shell_settings(config);
}

/// "2026-11-22", or "7d", "24h" or "30m" ago.
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
        "--since: \"{}\" is not a date such as 2026-11-22 or an age such as 7d, 24h or 30m", text));
  }
  day.tm_isdst = -1;
  return base::from_unix_ms(static_cast<std::int64_t>(::mktime(&day)) * 1000);
}

}  // namespace

OpenLog::OpenLog(const LogOptions& options)
    : settings(load_quietly(options.config)), db(settings.database), view(db) {
  runs::settle_lost_shell_runs(db, settings.dispatch.projects_dir);
}

store::LogFilter filter_of(const LogOptions& options, int limit) {
  store::LogFilter filter{options.chat, options.project, options.outcome, {}, limit};
  if (!options.since.empty()) {
    filter.since = parse_since(options.since);
  }
  return filter;
}

std::optional<store::DecisionId> decision_of_id(OpenLog& log, const std::string& id, const char* command) {
  const bool of_dispatch = id.starts_with("d-");
  const auto* end = id.data() + id.size();
  std::int64_t number = 0;
  if (const auto parsed = std::from_chars(id.data() + (of_dispatch ? 2 : 0), end, number);
      parsed.ec != std::errc() || parsed.ptr != end) {
    throw base::ConfigError(
        fmt::format("{}: \"{}\" is not an ID; write d-17 for a dispatch or 42 for a decision", command, id));
  }
  if (of_dispatch) {
    return log.view.decision_of({number});
  }
  const store::DecisionId decision{number};
  return log.view.row(decision) ? std::optional(decision) : std::nullopt;
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
                 {"dispatch", row.dispatch ? json(chat::dispatch_name(*row.dispatch)) : json(nullptr)},
                 {"project", row.project.empty() ? json(nullptr) : json(row.project)},
                 {"outcome", row.outcome},
                 {"usd", row.usd}};
  return object;
}

}  // namespace bot::cli
