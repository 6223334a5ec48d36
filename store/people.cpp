#include "store/people.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include "base/crypto.h"
#include "base/error.h"
#include "base/id.h"

namespace store {
namespace {

Person read(SQLite::Statement& row) {
  return {PersonId{row.getColumn(0).getInt64()}, row.getColumn(1).getString(), row.getColumn(2).getString(),
          row.getColumn(3).getString()};
}

// Letters and digits that are not mistaken for each other when read aloud or copied by hand.
constexpr std::string_view kCodeAlphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
static_assert(kCodeAlphabet.size() == 32);

std::string hash_of(const std::string& code) {
  std::string normal;
  for (const char c : code) {
    if (c >= 'a' && c <= 'z') {
      normal.push_back(static_cast<char>(c - 'a' + 'A'));
    } else if (c != '-' && c != ' ') {
      normal.push_back(c);
    }
  }
  return base::to_hex(base::sha256("pairing:" + normal));
}

}  // namespace

Person People::remember(const std::string& section, const std::string& user_id, const std::string& name,
                        base::Timestamp now) {
  SQLite::Statement s(
      db_.handle(),
      "INSERT INTO people(section, user_id, name, first_seen) VALUES (?, ?, ?, ?) "
      "ON CONFLICT(section, user_id) DO UPDATE SET name = iif(excluded.name = '', name, excluded.name) "
      "RETURNING id, section, user_id, name");
  s.bind(1, section);
  s.bind(2, user_id);
  s.bind(3, name);
  s.bind(4, base::to_unix_ms(now));
  s.executeStep();
  auto person = read(s);
  s.executeStep();  // RETURNING writes when the statement is run to its end
  return person;
}

Person People::get(PersonId id) {
  SQLite::Statement s(db_.handle(), "SELECT id, section, user_id, name FROM people WHERE id = ?");
  s.bind(1, id.value);
  if (!s.executeStep()) {
    throw base::PermanentError("there is no such person");
  }
  return read(s);
}

std::optional<Person> People::find(const std::string& section, const std::string& user_id) {
  SQLite::Statement s(db_.handle(),
                      "SELECT id, section, user_id, name FROM people WHERE section = ? AND user_id = ?");
  s.bind(1, section);
  s.bind(2, user_id);
  return s.executeStep() ? std::optional(read(s)) : std::nullopt;
}

bool People::is_admitted(PersonId id, const std::string& place) {
  SQLite::Statement s(
      db_.handle(), "SELECT 1 FROM admissions WHERE person_id = ? AND place = ? AND admitted_at IS NOT NULL");
  s.bind(1, id.value);
  s.bind(2, place);
  return s.executeStep();
}

void People::move_place(const std::string& section, const std::string& from, const std::string& to) {
  SQLite::Statement s(db_.handle(),
                      "UPDATE OR IGNORE admissions SET place = ?3 WHERE place = ?2 AND person_id IN "
                      "(SELECT id FROM people WHERE section = ?1)");
  s.bind(1, section);
  s.bind(2, from);
  s.bind(3, to);
  s.exec();
}

bool People::note_refusal(PersonId id, const std::string& place, base::Timestamp now, base::Timestamp since) {
  SQLite::Statement s(
      db_.handle(),
      "INSERT INTO admissions(person_id, place, refused_at) VALUES (?1, ?2, ?3) "
      "ON CONFLICT DO UPDATE SET refused_at = ?3 WHERE refused_at IS NULL OR refused_at < ?4");
  s.bind(1, id.value);
  s.bind(2, place);
  s.bind(3, base::to_unix_ms(now));
  s.bind(4, base::to_unix_ms(since));
  return s.exec() > 0;
}

std::string People::new_pairing_code(PersonId id, const std::string& place, base::Timestamp expires) {
  const auto bytes = base::random_bytes(8);
  std::string code;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    code += i == 4 ? "-" : "";
    code += kCodeAlphabet[static_cast<unsigned char>(bytes[i]) % kCodeAlphabet.size()];
  }
  SQLite::Statement drop(db_.handle(), "DELETE FROM pairing_codes WHERE person_id = ? AND place = ?");
  drop.bind(1, id.value);
  drop.bind(2, place);
  drop.exec();
  SQLite::Statement s(
      db_.handle(), "INSERT INTO pairing_codes(code_hash, person_id, expires_at, place) VALUES (?, ?, ?, ?)");
  s.bind(1, hash_of(code));
  s.bind(2, id.value);
  s.bind(3, base::to_unix_ms(expires));
  s.bind(4, place);
  s.exec();
  return code;
}

std::optional<People::Admitted> People::admit(const std::string& code, base::Timestamp now,
                                              const std::optional<std::string>& section) {
  SQLite::Statement s(db_.handle(),
                      "DELETE FROM pairing_codes WHERE code_hash = ?1 "
                      "AND (?2 IS NULL OR person_id IN (SELECT id FROM people WHERE section = ?2)) "
                      "RETURNING person_id, expires_at, place");
  s.bind(1, hash_of(code));
  if (section) {
    s.bind(2, *section);
  }
  if (!s.executeStep()) {
    return std::nullopt;
  }
  const PersonId id{s.getColumn(0).getInt64()};
  const auto expires = s.getColumn(1).getInt64();
  const auto place = s.getColumn(2).getString();
  s.executeStep();
  if (expires <= base::to_unix_ms(now)) {
    return std::nullopt;
  }
  SQLite::Statement admit(db_.handle(),
                          "INSERT INTO admissions(person_id, place, admitted_at) VALUES (?1, ?2, ?3) "
                          "ON CONFLICT DO UPDATE SET admitted_at = ?3");
  admit.bind(1, id.value);
  admit.bind(2, place);
  admit.bind(3, base::to_unix_ms(now));
  admit.exec();
  return Admitted{get(id), place};
}

}  // namespace store
