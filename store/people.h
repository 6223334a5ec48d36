#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/clock.h"
#include "store/database.h"
#include "store/ids.h"

namespace store {

struct Person {
  PersonId id;
  std::string section;
  std::string user_id;
  std::string name;
};

/// The place of direct messages; any other place is the id of a group.
inline constexpr const char* kDirect = "direct";

/// Who writes, by chat section and the platform's own user id. Thread rule: that of the Database.
class People {
 public:
  explicit People(Database& db) : db_(db) {}

  /// The person, made or renamed as needed.
  Person remember(const std::string& section, const std::string& user_id, const std::string& name,
                  base::Timestamp now);
  Person get(PersonId id);
  /// Whoever has that id in the section, if they ever wrote.
  std::optional<Person> find(const std::string& section, const std::string& user_id);

  /// Whether the person was admitted to that place by pairing.
  bool is_admitted(PersonId id, const std::string& place);

  /// A group has another id now: who was admitted to it still is.
  void move_place(const std::string& section, const std::string& from, const std::string& to);

  /// Remembers that the person was told that they may not write there; true if they had not been told since
  /// `since`.
  bool note_refusal(PersonId id, const std::string& place, base::Timestamp now, base::Timestamp since);

  /// A new single-use pairing code for the person and that place, "ABCD-EFGH"; older ones of theirs for it
  /// end. Only its hash is stored.
  std::string new_pairing_code(PersonId id, const std::string& place, base::Timestamp expires);

  struct Admitted {
    Person person;
    std::string place;
  };
  /// Admits the person who was shown `code` and uses it up; nothing where it is unknown or has expired. With
  /// `section`, codes of other sections are unknown, and stay good.
  std::optional<Admitted> admit(const std::string& code, base::Timestamp now,
                                const std::optional<std::string>& section = std::nullopt);

 private:
  Database& db_;
};

}  // namespace store
