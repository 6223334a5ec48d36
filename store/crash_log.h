#pragma once

#include <string>
#include <vector>

#include "base/fault.h"
#include "store/database.h"

namespace store {

/// One death of the program by its own fault, for the operator.
struct Crash {
  base::Fault fault;
  std::string work;     ///< what ran then: "turn of message 12, dispatch d-3"; may be empty
  bool proven = false;  ///< one of them ran alone, and is not tried again
};

/// The deaths of the program by its own fault. Thread rule: that of the Database.
class CrashLog {
 public:
  explicit CrashLog(Database& db) : db_(db) {}

  bool knows(const base::Fault& fault);
  void add(const Crash& crash);
  /// The newest first.
  std::vector<Crash> since(base::Timestamp time);

 private:
  Database& db_;
};

}  // namespace store
