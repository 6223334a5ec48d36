#include "store/sessions.h"

#include "base/crypto.h"
#include "store/statement.h"

namespace store {
namespace {

constexpr const char* kColumns = "SELECT id, user, began_at, seen_at, address FROM sessions ";
constexpr const char* kIsOpen = "seen_at > ?1 AND began_at > ?2 ";

std::string hash_of(const std::string& secret) {
  return base::to_hex(base::sha256(secret));
}

SessionRecord read_session(Statement& row) {
  SessionRecord s;
  row.read(s.id, s.user, s.began, s.seen, s.address);
  return s;
}

}  // namespace

std::int64_t Sessions::add(const std::string& secret, const std::string& user, const std::string& address,
                           base::Timestamp now) {
  Statement(db_, "DELETE FROM sessions WHERE seen_at <= ? OR began_at <= ?", now - kIdle, now - kLongest)
      .execute();
  Statement(
      db_,
      "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions ORDER BY seen_at DESC LIMIT -1 OFFSET ?)",
      kMost - 1)
      .execute();
  Statement(db_, "INSERT INTO sessions(secret_hash, user, began_at, seen_at, address) VALUES (?, ?, ?, ?, ?)",
            hash_of(secret), user, now, now, address)
      .execute();
  return db_.last_row_id();
}

std::optional<SessionRecord> Sessions::find(const std::string& secret, base::Timestamp now) {
  return Statement(db_, std::string(kColumns) + "WHERE " + kIsOpen + "AND secret_hash = ?3", now - kIdle,
                   now - kLongest, hash_of(secret))
      .first(read_session);
}

std::vector<SessionRecord> Sessions::open(base::Timestamp now) {
  return Statement(db_, std::string(kColumns) + "WHERE " + kIsOpen + "ORDER BY seen_at DESC, id DESC",
                   now - kIdle, now - kLongest)
      .all(read_session);
}

std::optional<SessionRecord> Sessions::get(std::int64_t id, base::Timestamp now) {
  return Statement(db_, std::string(kColumns) + "WHERE " + kIsOpen + "AND id = ?3", now - kIdle,
                   now - kLongest, id)
      .first(read_session);
}

void Sessions::note_seen(std::int64_t id, base::Timestamp now) {
  Statement(db_, "UPDATE sessions SET seen_at = max(seen_at, ?) WHERE id = ?", now, id).execute();
}

bool Sessions::end(std::int64_t id) {
  return Statement(db_, "DELETE FROM sessions WHERE id = ?", id).execute() > 0;
}

std::map<std::string, std::string> Sessions::users() {
  std::map<std::string, std::string> users;
  Statement rows(db_, "SELECT user, password_hash FROM session_users");
  while (rows.next()) {
    std::string user, hash;
    rows.read(user, hash);
    users.emplace(std::move(user), std::move(hash));
  }
  return users;
}

void Sessions::keep_user(const std::string& user, const std::string& password_hash) {
  Statement(db_,
            "INSERT INTO session_users VALUES (?, ?) ON CONFLICT (user) DO UPDATE SET password_hash = "
            "excluded.password_hash",
            user, password_hash)
      .execute();
}

int Sessions::drop_user(const std::string& user) {
  Statement(db_, "DELETE FROM session_users WHERE user = ?", user).execute();
  return Statement(db_, "DELETE FROM sessions WHERE user = ?", user).execute();
}

}  // namespace store
