#include "store/people.h"

#include "base/crypto.h"
#include "base/error.h"
#include "base/id.h"
#include "store/statement.h"

namespace store {
namespace {

Person read_person(Statement& row) {
  Person person;
  row.read(person.id, person.section, person.user_id, person.name);
  return person;
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
  return Statement(
             db_,
             "INSERT INTO people(section, user_id, name, first_seen) VALUES (?, ?, ?, ?) "
             "ON CONFLICT(section, user_id) DO UPDATE SET name = iif(excluded.name = '', name, excluded.name) "
             "RETURNING id, section, user_id, name",
             section, user_id, name, now)
      .first(read_person)
      .value();
}

Person People::get(PersonId id) {
  auto found =
      Statement(db_, "SELECT id, section, user_id, name FROM people WHERE id = ?", id).first(read_person);
  if (!found) {
    throw base::PermanentError("there is no such person");
  }
  return *std::move(found);
}

std::optional<Person> People::find(const std::string& section, const std::string& user_id) {
  return Statement(db_, "SELECT id, section, user_id, name FROM people WHERE section = ? AND user_id = ?",
                   section, user_id)
      .first(read_person);
}

bool People::is_admitted(PersonId id, const std::string& place) {
  return Statement(db_,
                   "SELECT 1 FROM admissions WHERE person_id = ? AND place = ? AND admitted_at IS NOT NULL",
                   id, place)
      .any();
}

void People::move_place(const std::string& section, const std::string& from, const std::string& to) {
  Statement(db_,
            "UPDATE OR IGNORE admissions SET place = ?3 WHERE place = ?2 AND person_id IN "
            "(SELECT id FROM people WHERE section = ?1)",
            section, from, to)
      .execute();
}

bool People::note_refusal(PersonId id, const std::string& place, base::Timestamp now, base::Timestamp since) {
  return Statement(db_,
                   "INSERT INTO admissions(person_id, place, refused_at) VALUES (?1, ?2, ?3) "
                   "ON CONFLICT DO UPDATE SET refused_at = ?3 WHERE refused_at IS NULL OR refused_at < ?4",
                   id, place, now, since)
             .execute() > 0;
}

std::string People::new_pairing_code(PersonId id, const std::string& place, base::Timestamp expires) {
  const auto bytes = base::random_bytes(8);
  std::string code;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    code += i == 4 ? "-" : "";
    code += kCodeAlphabet[static_cast<unsigned char>(bytes[i]) % kCodeAlphabet.size()];
  }
  Statement(db_, "DELETE FROM pairing_codes WHERE person_id = ? AND place = ?", id, place).execute();
  Statement(db_, "INSERT INTO pairing_codes(code_hash, person_id, expires_at, place) VALUES (?, ?, ?, ?)",
            hash_of(code), id, expires, place)
      .execute();
  return code;
}

std::optional<People::Admitted> People::admit(const std::string& code, base::Timestamp now,
                                              const std::optional<std::string>& section) {
  struct Code {
    PersonId person;
    base::Timestamp expires;
    std::string place;
  };
  const auto used = Statement(db_,
                              "DELETE FROM pairing_codes WHERE code_hash = ?1 "
                              "AND (?2 IS NULL OR person_id IN (SELECT id FROM people WHERE section = ?2)) "
                              "RETURNING person_id, expires_at, place",
                              hash_of(code), section)
                        .first([](Statement& row) {
                          Code c;
                          row.read(c.person, c.expires, c.place);
                          return c;
                        });
  if (!used || used->expires <= now) {
    return std::nullopt;
  }
  Statement(db_,
            "INSERT INTO admissions(person_id, place, admitted_at) VALUES (?1, ?2, ?3) "
            "ON CONFLICT DO UPDATE SET admitted_at = ?3",
            used->person, used->place, now)
      .execute();
  return Admitted{get(used->person), used->place};
}

}  // namespace store
