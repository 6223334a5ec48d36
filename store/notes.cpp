#include "store/notes.h"

#include <algorithm>

#include "store/like_pattern.h"
#include "store/log_words.h"
#include "store/statement.h"

namespace store {
namespace {

constexpr const char* kSelect = "SELECT id, person_id, owner, text, created_at FROM notes ";
constexpr const char* kSelectProposed =
    "SELECT id, person_id, owner, text, created_at, asked_in FROM notes WHERE asked_in IS NOT NULL ";

Note read_note(Statement& row) {
  Note note;
  row.read(note.id, note.person, note.owner, note.text, note.created);
  return note;
}

Notes::Proposed read_proposed(Statement& row) {
  Notes::Proposed proposed;
  auto& note = proposed.note;
  row.read(note.id, note.person, note.owner, note.text, note.created, proposed.conversation);
  return proposed;
}

/// Inflected words begin alike.
std::string stem(const std::string& word) {
  constexpr std::size_t kShort = 5, kEnding = 2;
  std::vector<std::size_t> begins;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if ((static_cast<unsigned char>(word[i]) & 0xC0U) != 0x80U) {
      begins.push_back(i);
    }
  }
  return begins.size() <= kShort ? word : word.substr(0, begins[begins.size() - kEnding]);
}

}  // namespace

std::string owner_of(PersonId person) {
  return "p" + std::to_string(person.value);
}

std::string owner_of(ConversationId room) {
  return room_in_index(room);
}

std::vector<Note> Notes::of(const std::string& owner) {
  return Statement(db_, std::string(kSelect) + "WHERE owner = ? AND asked_in IS NULL ORDER BY id DESC", owner)
      .all(read_note);
}

int Notes::count(const std::string& owner) {
  return Statement(db_, "SELECT count(*) FROM notes WHERE owner = ? AND asked_in IS NULL", owner)
      .first<int>()
      .value_or(0);
}

std::optional<Note> Notes::get(NoteId id) {
  return Statement(db_, std::string(kSelect) + "WHERE id = ? AND asked_in IS NULL", id).first(read_note);
}

std::optional<NoteId> Notes::keep(PersonId person, const std::string& owner, const std::string& text,
                                  base::Timestamp now) {
  const auto same =
      Statement(db_, "SELECT id FROM notes WHERE owner = ? AND text = ? AND asked_in IS NULL", owner, text)
          .first<NoteId>();
  if (same || count(owner) >= kMostNotes) {
    return same;
  }
  return Statement(db_,
                   "INSERT INTO notes(person_id, owner, text, words, created_at) VALUES (?, ?, ?, ?, ?) "
                   "RETURNING id",
                   person, owner, text, text_to_index(text), now)
      .first<NoteId>();
}

bool Notes::remove(NoteId id) {
  return Statement(db_, "DELETE FROM notes WHERE id = ?", id).execute() > 0;
}

NoteId Notes::propose(PersonId person, const std::string& owner, const std::string& text,
                      ConversationId conversation, base::Timestamp now) {
  return Statement(db_,
                   "INSERT INTO notes(person_id, owner, text, words, created_at, asked_in) "
                   "VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
                   person, owner, text, text_to_index(text), now, conversation)
      .first<NoteId>()
      .value();
}

std::optional<Notes::Proposed> Notes::proposed(NoteId id) {
  return Statement(db_, std::string(kSelectProposed) + "AND id = ?", id).first(read_proposed);
}

std::optional<Notes::Proposed> Notes::last_proposed(ConversationId conversation, PersonId person) {
  return Statement(
             db_,
             std::string(kSelectProposed) + "AND asked_in = ? AND person_id = ? ORDER BY id DESC LIMIT 1",
             conversation, person)
      .first(read_proposed);
}

void Notes::drop_proposed(base::Timestamp before) {
  Statement(db_, "DELETE FROM notes WHERE asked_in IS NOT NULL AND created_at < ?", before).execute();
}

std::vector<NoteId> Notes::fitting(const std::string& owner, const std::vector<std::string>& words,
                                   int limit) {
  std::string match;
  for (std::size_t i = 0; i < std::min(words.size(), kMostLikeWords); ++i) {
    if (const auto one = words_to_match({stem(words[i])}); !one.empty()) {
      match += (match.empty() ? "" : " OR ") + one;
    }
  }
  if (match.empty()) {
    return {};
  }
  return Statement(
             db_,
             "SELECT n.id FROM note_words w JOIN notes n ON n.id = w.rowid WHERE note_words MATCH ? AND "
             "n.asked_in IS NULL ORDER BY w.rank, n.id DESC LIMIT ?",
             "owner : " + owner + " AND words : (" + match + ")", limit)
      .all<NoteId>();
}

void Notes::note_use(DecisionId decision, const std::vector<NoteId>& notes) {
  for (const auto note : notes) {
    Statement(db_, "INSERT OR IGNORE INTO note_uses(decision_id, note_id) VALUES (?, ?)", decision, note)
        .execute();
  }
}

std::vector<Notes::Used> Notes::used_in(DecisionId decision) {
  return Statement(db_,
                   "SELECT u.note_id, n.text FROM note_uses u LEFT JOIN notes n ON n.id = u.note_id WHERE "
                   "u.decision_id = ? ORDER BY u.note_id",
                   decision)
      .all([](Statement& row) {
        Used used;
        row.read(used.id, used.text);
        return used;
      });
}

int Notes::erase(PersonId person) {
  Statement(db_, "DELETE FROM note_uses WHERE note_id IN (SELECT id FROM notes WHERE person_id = ?)", person)
      .execute();
  const int erased = Statement(db_, "DELETE FROM notes WHERE person_id = ?", person).execute();
  if (erased > 0) {  // until then the index only hides the words
    Statement(db_, "INSERT INTO note_words(note_words) VALUES ('optimize')").execute();
  }
  return erased;
}

}  // namespace store
