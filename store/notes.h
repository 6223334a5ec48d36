#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "store/database.h"
#include "store/ids.h"

namespace store {

/// Something that a person asked to be remembered, in their words.
struct Note {
  NoteId id;
  PersonId person;    ///< who said it
  std::string owner;  ///< whose it is, see owner_of()
  std::string text;
  base::Timestamp created;
};

/// Whose a note is: that person's own, or that of the group with that room (Conversations::room_of).
std::string owner_of(PersonId person);
std::string owner_of(ConversationId room);

/// So many an owner can have, of so many characters each.
inline constexpr int kMostNotes = 100;
inline constexpr std::size_t kLongestNote = 500;

/// What people asked to be remembered. Thread rule: that of the Database.
class Notes {
 public:
  explicit Notes(Database& db) : db_(db) {}

  /// Those of the owner, newest first.
  std::vector<Note> of(const std::string& owner);
  int count(const std::string& owner);
  /// One that is kept.
  std::optional<Note> get(NoteId id);

  /// Keeps it. What says the same is not kept twice; nothing where the owner has kMostNotes.
  std::optional<NoteId> keep(PersonId person, const std::string& owner, const std::string& text,
                             base::Timestamp now);
  /// Deletes it, kept or not; false where there is none.
  bool remove(NoteId id);

  /// A note that is not kept before its person says yes in that chat.
  NoteId propose(PersonId person, const std::string& owner, const std::string& text,
                 ConversationId conversation, base::Timestamp now);
  struct Proposed {
    Note note;
    ConversationId conversation;
  };
  std::optional<Proposed> proposed(NoteId id);
  /// The newest one that this person was asked about there.
  std::optional<Proposed> last_proposed(ConversationId conversation, PersonId person);
  /// Those that nobody has answered since before then are forgotten.
  void drop_proposed(base::Timestamp before);

  /// The notes of the owner that have any of these words, those first that fit best.
  std::vector<NoteId> fitting(const std::string& owner, const std::vector<std::string>& words, int limit);

  /// The secretary's model was shown these in the turn of that decision. Inside its transaction.
  void note_use(DecisionId decision, const std::vector<NoteId>& notes);
  struct Used {
    NoteId id;
    std::optional<std::string> text;  ///< nothing: it is deleted
  };
  std::vector<Used> used_in(DecisionId decision);

  /// All that the person said, kept or not, and that it was used; returns how many. Nothing of its words
  /// stays in the index. Inside the caller's transaction.
  int erase(PersonId person);

 private:
  Database& db_;
};

}  // namespace store
