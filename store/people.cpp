#include "store/people.h"

#include "base/crypto.h"
#include "base/error.h"
#include "base/id.h"
#include "store/conversations.h"
#include "store/statement.h"

namespace store {
namespace {

Person read_person(Statement& row) {
  Person person;
  row.read(person.id, person.section, person.user_id, person.name);
  return person;
}

std::string select_request(const char* rest) {
  return std::string(
             "SELECT r.id, p.id, p.section, p.user_id, p.name, r.place, "
             "coalesce(a.refused_at, 0), r.expires_at FROM pairing_requests r JOIN people p ON p.id = r.person_id "
             "LEFT JOIN admissions a ON a.person_id = p.id AND a.place = r.place ") +
         rest;
}

PairingRequest read_request(Statement& row) {
  PairingRequest r;
  row.read(r.id, r.person.id, r.person.section, r.person.user_id, r.person.name, r.place, r.made, r.expires);
  return r;
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
  // Most are known by that name, and then nothing is written.
  if (auto known = find(section, user_id); known && (name.empty() || known->name == name)) {
    return *std::move(known);
  }
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

Person People::of_console(const std::string& name, base::Timestamp now) {
  return remember(kConsoleSection, name, name, now);
}

People::Standing People::standing(PersonId id) {
  return Statement(db_, "SELECT role, blocked_at, erased_at FROM people WHERE id = ?", id)
      .first([](Statement& row) {
        Standing standing;
        row.read(standing.role, standing.blocked, standing.erased);
        return standing;
      })
      .value_or(Standing());
}

void People::set_role(PersonId id, std::optional<PersonRole> role) {
  Statement(db_, "UPDATE people SET role = ?2 WHERE id = ?1", id, role).execute();
}

void People::set_blocked(PersonId id, std::optional<base::Timestamp> since) {
  Statement(db_, "UPDATE people SET blocked_at = ?2 WHERE id = ?1", id, since).execute();
  if (since) {
    Statement(db_, "DELETE FROM pairing_requests WHERE person_id = ?", id).execute();
  }
}

std::optional<std::string> People::time_zone(PersonId id) {
  return Statement(db_, "SELECT time_zone FROM people WHERE id = ? AND time_zone IS NOT NULL", id)
      .first([](Statement& row) {
        std::string zone;
        row.read(zone);
        return zone;
      });
}

void People::set_time_zone(PersonId id, const std::optional<std::string>& zone) {
  Statement(db_, "UPDATE people SET time_zone = ?2 WHERE id = ?1", id, zone).execute();
}

std::vector<std::string> People::with_role(const std::string& section, PersonRole role) {
  return Statement(db_,
                   "SELECT user_id FROM people WHERE section = ? AND role = ? AND blocked_at IS NULL "
                   "ORDER BY user_id",
                   section, role)
      .all<std::string>();
}

std::vector<std::string> People::places(PersonId id) {
  return Statement(
             db_,
             "SELECT place FROM admissions WHERE person_id = ? AND admitted_at IS NOT NULL ORDER BY place",
             id)
      .all<std::string>();
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
  Statement(db_, "DELETE FROM pairing_requests WHERE person_id = ? AND place = ?", id, place).execute();
  Statement(db_, "INSERT INTO pairing_requests(code_hash, person_id, expires_at, place) VALUES (?, ?, ?, ?)",
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
                              "DELETE FROM pairing_requests WHERE code_hash = ?1 "
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
  admit_to(used->person, used->place, now);
  return Admitted{get(used->person), used->place};
}

void People::admit_to(PersonId id, const std::string& place, base::Timestamp now) {
  Statement(db_,
            "INSERT INTO admissions(person_id, place, admitted_at) VALUES (?1, ?2, ?3) "
            "ON CONFLICT DO UPDATE SET admitted_at = ?3",
            id, place, now)
      .execute();
}

std::vector<PairingRequest> People::pairing_requests(base::Timestamp now) {
  return Statement(db_, select_request("WHERE r.expires_at > ? ORDER BY r.id DESC"), now).all(read_request);
}

std::optional<PairingRequest> People::settle_pairing(std::int64_t id, bool admit, base::Timestamp now) {
  auto request =
      Statement(db_, select_request("WHERE r.id = ? AND r.expires_at > ?"), id, now).first(read_request);
  if (!request) {
    return std::nullopt;
  }
  Statement(db_, "DELETE FROM pairing_requests WHERE id = ?", id).execute();
  if (admit) {
    admit_to(request->person.id, request->place, now);
  }
  return request;
}

}  // namespace store
