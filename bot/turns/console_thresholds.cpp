#include "bot/turns/console_thresholds.h"

#include <algorithm>
#include <map>

#include <fmt/core.h>

#include "base/error.h"
#include "base/utf8.h"
#include "store/routing_console.h"

namespace bot::turns {
namespace {

void check_scope(const std::string& scope) {
  const auto is_named = [&](const std::string& kind) {
    if (!scope.starts_with(kind + " ")) {
      return false;
    }
    const auto name = scope.substr(kind.size() + 1);
    const auto colon = name.find(':');
    return colon != std::string::npos && colon > 0 && colon + 1 < name.size();
  };
  if (scope != "global" && !is_named("chat") && !is_named("user")) {
    throw base::ConfigError(
        fmt::format("\"{}\" is no scope; write global, \"chat SECTION:ID\" or \"user SECTION:ID\"",
                    base::one_line(scope)));
  }
}

void check(const ThresholdChange& change) {
  check_scope(change.scope);
  const auto is_wrong = [](const std::optional<double>& value) {
    return value && !(*value >= 0 && *value <= 1);
  };
  if (is_wrong(change.ask_at) || is_wrong(change.dispatch_at)) {
    throw base::ConfigError("a threshold is a number from 0 to 1");
  }
  if (!change.ask_at && !change.dispatch_at) {
    throw base::ConfigError("there is neither ask_at nor dispatch_at");
  }
  if (change.ask_at && change.dispatch_at && *change.ask_at > *change.dispatch_at) {
    throw base::ConfigError("ask_at must not be above dispatch_at");
  }
}

}  // namespace

std::optional<std::int64_t> change_thresholds(store::Database& db, const ThresholdChange& change,
                                              base::Timestamp now) {
  check(change);
  store::Transaction transaction(db);
  store::RoutingConsole console(db);
  if (change.version && *change.version != console.version()) {
    return std::nullopt;
  }
  const auto version =
      console.add({0, change.scope, change.ask_at, change.dispatch_at, change.reason, change.by, now});
  transaction.commit();
  return version;
}

bool reset_thresholds(store::Database& db, const std::string& scope, const std::string& by,
                      base::Timestamp now) {
  check_scope(scope);
  store::Transaction transaction(db);
  store::RoutingConsole console(db);
  const auto stored = console.in_force();
  if (std::none_of(stored.begin(), stored.end(),
                   [&](const auto& setting) { return setting.scope == scope; })) {
    return false;
  }
  console.add({0, scope, {}, {}, "reset", by, now});
  transaction.commit();
  return true;
}

router::RoutingPolicy with_console(router::RoutingPolicy policy, store::Database& db) {
  std::map<std::string, router::ConsoleThresholds> by_scope;
  for (const auto& setting : store::RoutingConsole(db).in_force()) {
    by_scope[setting.scope] = {setting.ask_at, setting.dispatch_at};
  }
  policy.set_console(std::move(by_scope));
  return policy;
}

std::string console_text(store::Database& db) {
  std::string text;
  for (const auto& setting : store::RoutingConsole(db).in_force()) {
    text += fmt::format("{}:{}{}, by {} on {}{}\n", setting.scope,
                        setting.ask_at ? fmt::format(" ask_at = {:.2f}", *setting.ask_at) : "",
                        setting.dispatch_at ? fmt::format(" dispatch_at = {:.2f}", *setting.dispatch_at) : "",
                        setting.by, base::format_minute(setting.at, ""),
                        setting.reason.empty() ? "" : ": " + base::one_line(setting.reason));
  }
  return text;
}

}  // namespace bot::turns
