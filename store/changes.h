#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "store/database.h"

namespace store {

/// What a person changed in the console.
struct Change {
  std::int64_t id = 0;  ///< set when it is stored
  base::Timestamp at;
  std::string by;           ///< the name that the person signed in with: "admin", "ada"
  std::string role;         ///< "viewer", "operator" or "admin", as it was then
  std::string what;         ///< a resource and a verb: "routing.set", "person.role", "delivery.arrived"
  std::string scope = {};   ///< what it was done to: "global", "chat tg:1", "decision 17", "person tg:1"
  std::string before = {};  ///< JSON without secrets; empty where there was nothing
  std::string after = {};   ///< the same
  std::string reason = {};  ///< in that person's words
};

/// One by whoever called a command in the shell, who may do everything.
Change change_by_shell(base::Timestamp at, const std::string& what, const std::string& scope);

/// The log of changes. It only grows, and the hash chain covers it (store/chain.h). Thread rule: that of the
/// Database.
class Changes {
 public:
  explicit Changes(Database& db) : db_(db) {}

  /// Stores it and returns its id. To be called in the transaction of what it tells of.
  std::int64_t add(const Change& change);

  /// The newest `limit` with an id below `before`, or of all, newest first.
  std::vector<Change> newest(int limit, std::optional<std::int64_t> before = {});

 private:
  Database& db_;
};

}  // namespace store
