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
  bool admitted = false;  ///< by pairing
};

/// Who writes, by chat section and the platform's own user id. Thread rule: that of the Database.
class People {
 public:
  explicit People(Database& db) : db_(db) {}

  /// The person, made or renamed as needed.
  Person remember(const std::string& section, const std::string& user_id, const std::string& name,
                  base::Timestamp now);
  Person get(PersonId id);

  /// Remembers that the person was told that they may not write here; true if they had not been told since
  /// `since`.
  bool note_refusal(PersonId id, base::Timestamp now, base::Timestamp since);

  /// A new single-use pairing code for the person, "ABCD-EFGH"; older ones of theirs end. Only its hash is
  /// stored.
  std::string new_pairing_code(PersonId id, base::Timestamp expires);
  /// Admits the person who was shown `code` and uses it up; nothing where it is unknown or has expired.
  std::optional<Person> admit(const std::string& code, base::Timestamp now);

 private:
  Database& db_;
};

}  // namespace store
