#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "base/clock.h"
#include "router/routing_policy.h"
#include "store/database.h"
#include "store/routing_console.h"

namespace bot::turns {

// Thresholds that are set while the program runs. They are kept in the database above the same scope of the
// file and count from the next turn on. Thread rule: that of the Database.

/// A change of one scope: "global", "chat S:ID" or "user S:ID".
struct ThresholdChange {
  std::string scope;
  std::optional<double> ask_at = {};  ///< nothing: as the file has it
  std::optional<double> dispatch_at = {};
  std::string reason = {};
  std::string by = {};  ///< the name of who does it
  /// What whoever does it has seen; where that is outdated nothing is stored. Nothing: whatever it is.
  std::optional<std::int64_t> version = {};
  /// In place of the two numbers, which are compiled from them.
  std::optional<router::Prices> prices = {};
};

/// Stores it in the caller's transaction and returns its version; nothing where `version` is outdated. Throws
/// base::ConfigError, which says what makes no sense.
std::optional<std::int64_t> store_thresholds(store::Database& db, const ThresholdChange& change,
                                             base::Timestamp now);
/// The same in a transaction of its own.
std::optional<std::int64_t> change_thresholds(store::Database& db, const ThresholdChange& change,
                                              base::Timestamp now);

/// Throws base::ConfigError where a text is no scope.
void require_scope(const std::string& scope);

/// Throws base::ConfigError, which says what makes no sense of a change; the two numbers that it stands for.
router::ConsoleThresholds checked(const ThresholdChange& change);

/// Drops what is stored for the scope, in the caller's transaction; false where nothing is. Throws
/// base::ConfigError for one that is none.
bool drop_thresholds(store::Database& db, const std::string& scope, const std::string& by,
                     const std::string& reason, base::Timestamp now);
/// The same in a transaction of its own, for whoever calls a command in the shell, with its line in the log
/// of changes.
bool reset_thresholds(store::Database& db, const std::string& scope, base::Timestamp now);

/// What is stored for a scope, as the log of changes keeps it; null: nothing.
nlohmann::json stored_thresholds(store::Database& db, const std::string& scope);
nlohmann::json to_json(const std::optional<router::Prices>& prices);

/// The numbers and prices of a stored setting.
router::ConsoleThresholds numbers_of(const store::ConsoleSetting& setting);

/// The operator's policy with what is stored above it.
router::RoutingPolicy with_console(router::RoutingPolicy policy, store::Database& db);

/// One line for each scope that has something stored, for an operator.
std::string console_text(store::Database& db);

}  // namespace bot::turns
