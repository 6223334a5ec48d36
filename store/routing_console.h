#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "store/database.h"

namespace store {

/// Thresholds that somebody set in the console for one scope: "global", "chat S:ID" or "user S:ID".
struct ConsoleSetting {
  std::int64_t version = 0;  ///< counts every change of any scope; set when it is stored
  std::string scope;
  std::optional<double> ask_at = {};
  std::optional<double> dispatch_at = {};
  std::string reason = {};
  std::string by = {};  ///< the name of who did it
  base::Timestamp at = {};
  std::string prices = {};  ///< that the numbers were compiled from, as JSON; empty: none
};

/// What was set in the console, above the same scope of the file. Nothing is overwritten: the last change of
/// a scope is in force. Thread rule: that of the Database.
class RoutingConsole {
 public:
  explicit RoutingConsole(Database& db) : db_(db) {}

  /// One for each scope that has any, by scope.
  std::vector<ConsoleSetting> in_force();
  /// Every change, oldest first; one without numbers is a reset.
  std::vector<ConsoleSetting> changes();
  /// The newest `limit` with a version below `before`, or of all, newest first.
  std::vector<ConsoleSetting> changes_before(std::optional<std::int64_t> before, int limit);
  /// Of the last change; 0 where there was none.
  std::int64_t version();
  /// Stores a change and returns its version.
  std::int64_t add(const ConsoleSetting& change);

 private:
  Database& db_;
};

}  // namespace store
