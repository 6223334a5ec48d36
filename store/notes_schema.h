#pragma once

namespace store {

// A migration, see migrations.cpp.
inline constexpr const char* kNotesSchema = R"sql(
-- What people asked to be remembered. `owner` is whose it is: "p12", the person 12's own, or "r5", that of the group
-- whose first conversation is 5. A note that is kept only after its person says yes names the chat in which they are asked.
CREATE TABLE notes (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  person_id INTEGER NOT NULL REFERENCES people(id),
  owner TEXT NOT NULL,
  text TEXT NOT NULL,
  words TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  asked_in INTEGER REFERENCES conversations(id));
CREATE INDEX notes_by_owner ON notes(owner, id) WHERE asked_in IS NULL;
CREATE INDEX notes_by_person ON notes(person_id);
CREATE INDEX notes_asked ON notes(asked_in, person_id, id) WHERE asked_in IS NOT NULL;
CREATE VIRTUAL TABLE note_words USING fts5(owner, words, content = 'notes', content_rowid = 'id',
  tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'");
CREATE TRIGGER note_words_came AFTER INSERT ON notes BEGIN
  INSERT INTO note_words(rowid, owner, words) VALUES (NEW.id, NEW.owner, NEW.words);
END;
CREATE TRIGGER note_words_went AFTER DELETE ON notes BEGIN
  INSERT INTO note_words(note_words, rowid, owner, words) VALUES ('delete', OLD.id, OLD.owner, OLD.words);
END;
-- Which notes the secretary's model was shown in the turn of a decision.
CREATE TABLE note_uses (
  decision_id INTEGER NOT NULL REFERENCES decisions(id),
  note_id INTEGER NOT NULL,
  PRIMARY KEY (decision_id, note_id)) WITHOUT ROWID;
CREATE INDEX note_uses_by_note ON note_uses(note_id);

CREATE TABLE buttons_with_notes (
  id TEXT PRIMARY KEY,
  message_id INTEGER NOT NULL REFERENCES messages(id),
  position INTEGER NOT NULL,
  kind TEXT NOT NULL CONSTRAINT buttons_kind CHECK (kind IN
    ('yes', 'no', 'give', 'continue', 'cancel', 'allow', 'allow_for_task', 'deny', 'change', 'option', 'file', 'raise',
     'just_answer', 'good', 'bad', 'drop', 'retry', 'remember', 'leave', 'forget')),
  ref INTEGER NOT NULL,
  label TEXT NOT NULL,
  shown INTEGER NOT NULL DEFAULT 1) WITHOUT ROWID;
INSERT INTO buttons_with_notes SELECT id, message_id, position, kind, ref, label, shown FROM buttons;
DROP TABLE buttons;
ALTER TABLE buttons_with_notes RENAME TO buttons;
CREATE INDEX buttons_by_message ON buttons(message_id, position);
CREATE INDEX buttons_shown ON buttons(kind, ref) WHERE shown = 1;

-- The words of the log, with whose chat they were said in, so that a chat finds its own among all; marks that are
-- part of a letter belong to its word. All of it is made again afterwards (store/log_words.h).
DROP TABLE log_words;
CREATE VIRTUAL TABLE log_words USING fts5(chat, message, task, result, answer, columnsize = 0,
  tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'");
UPDATE log_words_done SET decision_id = 0;
DELETE FROM log_words_due;
)sql";

}  // namespace store
