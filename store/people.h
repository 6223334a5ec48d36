#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "store/database.h"
#include "store/ids.h"
#include "store/states.h"

namespace store {

struct Person {
  PersonId id;
  std::string section;
  std::string user_id;
  std::string name;
};

/// The place of direct messages; any other place is the id of a group.
inline constexpr const char* kDirect = "direct";

/// Somebody who waits to be admitted to a place.
struct PairingRequest {
  std::int64_t id = 0;
  Person person;
  std::string place;
  base::Timestamp made;  ///< when the person was told
  base::Timestamp expires;
};

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

  /// Whoever acts in the console under that name.
  Person of_console(const std::string& name, base::Timestamp now);

  /// What an admin said of them in the console.
  struct Standing {
    std::optional<PersonRole> role = {};
    std::optional<base::Timestamp> blocked = {};
    std::optional<base::Timestamp> erased = {};
  };
  Standing standing(PersonId id);
  void set_role(PersonId id, std::optional<PersonRole> role);
  /// Blocked since then, or no longer. Pairing codes of theirs end, too.
  void set_blocked(PersonId id, std::optional<base::Timestamp> since);
  /// The ids of the section's people who were given that role in the console.
  std::vector<std::string> with_role(const std::string& section, PersonRole role);
  /// The places to which they were admitted by pairing.
  std::vector<std::string> places(PersonId id);

  /// The zone that they said they go by, an IANA name that may be unknown by now; nothing where they said
  /// none.
  std::optional<std::string> time_zone(PersonId id);
  void set_time_zone(PersonId id, const std::optional<std::string>& zone);

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
  /// Those whose code is still good, the newest first.
  std::vector<PairingRequest> pairing_requests(base::Timestamp now);
  /// Ends it: the person is admitted to the place, or not. Nothing where it is over.
  std::optional<PairingRequest> settle_pairing(std::int64_t id, bool admit, base::Timestamp now);

  struct Admitted {
    Person person;
    std::string place;
  };
  /// Admits the person who was shown `code` and uses it up; nothing where it is unknown or has expired. With
  /// `section`, codes of other sections are unknown, and stay good.
  std::optional<Admitted> admit(const std::string& code, base::Timestamp now,
                                const std::optional<std::string>& section = std::nullopt);

 private:
  void admit_to(PersonId id, const std::string& place, base::Timestamp now);

  Database& db_;
};

}  // namespace store
