#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "config/section.h"
#include "dispatch/task/transcript.h"
#include "store/database.h"
#include "store/ids.h"
#include "store/log_view.h"

namespace bot::reporting {

/// What was paid, and what the same tokens would have cost had the specialist's model answered everything.
struct Savings {
  double secretary_usd = 0, specialist_usd = 0;
  std::int64_t calls = 0;  ///< of the secretary
  std::int64_t runs = 0;   ///< of specialists
  std::string model;  ///< the configured one, or the dearest that a specialist used and whose price is known
  dispatch::TokenPrice price;
  double instead_usd = 0;
  std::vector<std::string> unpriced;  ///< models that were counted as free
  std::int64_t unpriced_calls = 0;
  std::set<store::PersonId> people;  ///< of a day

  double total_usd() const { return secretary_usd + specialist_usd; }
  double saved_usd() const { return instead_usd - total_usd(); }
};

/// Model and prices that the configuration gives the usual specialist; empty and zero where it gives none.
struct SpecialistPrice {
  std::string model;
  dispatch::TokenPrice price;
};
/// Of [specialist]. Throws base::ConfigError.
SpecialistPrice price_of_specialist(config::Section specialists, const std::string& usual);

/// "2026-11-27" in that zone (empty: the machine's).
std::string day_of(base::Timestamp at, const std::string& zone);

struct SavingsByDay {
  Savings all;
  std::map<std::string, Savings> days;  ///< by "2026-11-27", at the prices of the whole time
};
/// What was paid since then, and what it would have cost had the specialist's model answered everything. A
/// day is one of `zone` (empty: the machine's). Thread rule: that of the Database.
SavingsByDay savings_since(store::Database& db, std::optional<base::Timestamp> since,
                           const SpecialistPrice& configured, const std::string& zone);

}  // namespace bot::reporting
