#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "store/database.h"

namespace store {

/// How far the chain goes: the number of its last entry and that one's hash in hexadecimal; 0 and zeros of an
/// empty one.
struct ChainHead {
  std::int64_t entries = 0;
  std::string hash;
};

/// A row that does not fit. `table` is one that is chained, or "chain".
struct ChainProblem {
  std::string table;
  std::int64_t id = 0;
  std::string what;
};

struct ChainReport {
  ChainHead head;
  std::map<std::string, std::int64_t> rows;  ///< chained rows by table
  /// Rows that were there before the chain covered their table, by that, and the entry from which on it
  /// shows what was done to them.
  struct Before {
    std::int64_t rows = 0, entry = 0;
  };
  std::map<std::string, Before> before;
  std::int64_t pruned = 0, erased = 0;  ///< rows whose texts were taken out
  std::int64_t problems = 0;
  std::optional<ChainProblem> first;  ///< the one with the oldest entry
};

/// Verifies the hash chain, see chain.h. Reads only. Thread rule: that of the Database.
class ChainCheck {
 public:
  explicit ChainCheck(Database& db) : db_(db) {}

  ChainHead head();
  /// What is wrong with a chain that is to hold `head`; nothing where it does.
  std::optional<ChainProblem> missing(const ChainHead& head);
  /// Links, then rows, in one read transaction: it may run beside a `serve`.
  ChainReport verify();
  /// Any thread, while the object and its Database live: verify() ends with an exception.
  void interrupt();

 private:
  Database& db_;
};

}  // namespace store
