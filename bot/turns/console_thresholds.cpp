#include "bot/turns/console_thresholds.h"

#include <algorithm>
#include <map>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "base/utf8.h"
#include "store/changes.h"
#include "store/routing_console.h"

namespace bot::turns {
namespace {

constexpr double kLargestPrice = 1e6;
constexpr std::size_t kLongestId = 256;

void check_prices(const router::Prices& prices) {
  for (const double price : {prices.needless_dispatch, prices.missed_dispatch, prices.question}) {
    if (!(price > 0 && price <= kLargestPrice)) {
      throw base::ConfigError(
          "prices are three numbers above 0: needless_dispatch, missed_dispatch and question");
    }
  }
}

/// Of what has a form that no service gives, such as blanks at an end, nobody would ever write.
bool is_id(const std::string& id) {
  return !id.empty() && id.size() <= kLongestId && base::trim(id) == id && base::strip_controls(id) == id &&
         base::to_valid_utf8(id) == id;
}

}  // namespace

void require_scope(const std::string& scope) {
  const auto is_named = [&](const std::string& kind) {
    if (!scope.starts_with(kind + " ")) {
      return false;
    }
    const auto name = scope.substr(kind.size() + 1);
    const auto colon = name.find(':');
    return colon != std::string::npos && is_id(name.substr(0, colon)) && is_id(name.substr(colon + 1));
  };
  if (scope != "global" && !is_named("chat") && !is_named("user")) {
    throw base::ConfigError(
        fmt::format("\"{}\" is no scope; write global, \"chat SECTION:ID\" or \"user SECTION:ID\"",
                    base::one_line(scope)));
  }
}

router::ConsoleThresholds checked(const ThresholdChange& change) {
  require_scope(change.scope);
  if (change.prices) {
    if (change.ask_at || change.dispatch_at) {
      throw base::ConfigError("prices give both thresholds; leave out ask_at and dispatch_at");
    }
    check_prices(*change.prices);
    const auto [ask_at, dispatch_at] = router::thresholds_for(*change.prices);
    return {ask_at, dispatch_at, change.prices};
  }
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
  return {change.ask_at, change.dispatch_at};
}

std::optional<std::int64_t> store_thresholds(store::Database& db, const ThresholdChange& change,
                                             base::Timestamp now) {
  const auto numbers = checked(change);
  store::RoutingConsole console(db);
  if (change.version && *change.version != console.version()) {
    return std::nullopt;
  }
  return console.add({0, change.scope, numbers.ask_at, numbers.dispatch_at, change.reason, change.by, now,
                      change.prices ? base::dump_json(to_json(change.prices)) : std::string()});
}

std::optional<std::int64_t> change_thresholds(store::Database& db, const ThresholdChange& change,
                                              base::Timestamp now) {
  store::Transaction transaction(db);
  const auto version = store_thresholds(db, change, now);
  if (version) {
    transaction.commit();
  }
  return version;
}

bool drop_thresholds(store::Database& db, const std::string& scope, const std::string& by,
                     const std::string& reason, base::Timestamp now) {
  require_scope(scope);
  store::RoutingConsole console(db);
  const auto stored = console.in_force();
  if (std::none_of(stored.begin(), stored.end(),
                   [&](const auto& setting) { return setting.scope == scope; })) {
    return false;
  }
  console.add({0, scope, {}, {}, reason, by, now, {}});
  return true;
}

nlohmann::json to_json(const std::optional<router::Prices>& prices) {
  return prices ? nlohmann::json{{"needless_dispatch", prices->needless_dispatch},
                                 {"missed_dispatch", prices->missed_dispatch},
                                 {"question", prices->question}}
                : nlohmann::json(nullptr);
}

nlohmann::json stored_thresholds(store::Database& db, const std::string& scope) {
  const auto number = [](const std::optional<double>& value) {
    return value ? nlohmann::json(*value) : nlohmann::json(nullptr);
  };
  for (const auto& setting : store::RoutingConsole(db).in_force()) {
    if (setting.scope == scope) {
      return {{"ask_at", number(setting.ask_at)},
              {"dispatch_at", number(setting.dispatch_at)},
              {"prices", to_json(numbers_of(setting).prices)}};
    }
  }
  return nullptr;
}

bool reset_thresholds(store::Database& db, const std::string& scope, base::Timestamp now) {
  store::Transaction transaction(db);
  auto change = store::change_by_shell(now, "routing.reset", scope);
  const auto before = stored_thresholds(db, scope);
  const bool dropped = drop_thresholds(db, scope, change.by, "reset", now);
  if (dropped) {
    change.before = base::dump_json(before);
    store::Changes(db).add(change);
    transaction.commit();
  }
  return dropped;
}

router::ConsoleThresholds numbers_of(const store::ConsoleSetting& setting) {
  router::ConsoleThresholds numbers{setting.ask_at, setting.dispatch_at};
  if (const auto json = base::parse_json(setting.prices)) {
    const auto price = [&](const char* key) { return base::json_number(*json, key).value_or(0); };
    numbers.prices = router::Prices{price("needless_dispatch"), price("missed_dispatch"), price("question")};
  }
  return numbers;
}

router::RoutingPolicy with_console(router::RoutingPolicy policy, store::Database& db) {
  std::map<std::string, router::ConsoleThresholds> by_scope;
  for (const auto& setting : store::RoutingConsole(db).in_force()) {
    by_scope[setting.scope] = numbers_of(setting);
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
