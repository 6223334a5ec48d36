#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "store/database.h"

namespace store {

/// One browser in which somebody is signed in.
struct SessionRecord {
  std::int64_t id = 0;
  std::string user;  ///< the name that they signed in with
  base::Timestamp began;
  base::Timestamp seen;  ///< to the minute
  std::string address;   ///< whom they signed in from
};

/// Who is signed in to the pages. Of the secret in a browser's cookie only a hash is kept; it is random and
/// long, so that the hash needs no salt. Thread rule: that of the Database.
class Sessions {
 public:
  /// A session ends so long after its last request, and so long after it began.
  static constexpr std::chrono::hours kIdle{7 * 24};
  static constexpr std::chrono::hours kLongest{30 * 24};
  /// At most so many; the one that was seen longest ago makes room.
  static constexpr int kMost = 1'000;

  explicit Sessions(Database& db) : db_(db) {}

  /// Begins one, and forgets those that have ended by themselves. Returns its id.
  std::int64_t add(const std::string& secret, const std::string& user, const std::string& address,
                   base::Timestamp now);
  /// The one of that secret that has not ended.
  std::optional<SessionRecord> find(const std::string& secret, base::Timestamp now);
  /// Those that have not ended, the last seen first.
  std::vector<SessionRecord> open(base::Timestamp now);
  std::optional<SessionRecord> get(std::int64_t id, base::Timestamp now);
  void note_seen(std::int64_t id, base::Timestamp now);
  /// Whether there was one.
  bool end(std::int64_t id);

  /// The hash of the password that each user had when they signed in first; empty of who had none.
  std::map<std::string, std::string> users();
  void keep_user(const std::string& user, const std::string& password_hash);
  /// Ends all sessions of that user and forgets the password. Returns how many there were.
  int drop_user(const std::string& user);

 private:
  Database& db_;
};

}  // namespace store
