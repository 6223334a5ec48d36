#pragma once

namespace store {

// A migration, see migrations.cpp.
inline constexpr const char* kRepliesSchema = R"sql(
-- A message of a person that replies to another one of its conversation, where its service tells that; NULL: to one
-- that is not known here.
CREATE TABLE replies_to_any (
  message_id INTEGER PRIMARY KEY REFERENCES messages(id),
  to_id INTEGER REFERENCES messages(id)
);
INSERT INTO replies_to_any SELECT message_id, to_id FROM replies;
DROP TABLE replies;
ALTER TABLE replies_to_any RENAME TO replies;
-- What the answer to a message shows of what was said before, by others than whoever asked: a search found it.
CREATE TABLE found_messages (
  asked_id INTEGER NOT NULL REFERENCES messages(id),
  found_id INTEGER NOT NULL REFERENCES messages(id),
  PRIMARY KEY (asked_id, found_id)) WITHOUT ROWID;
CREATE INDEX found_messages_by_found ON found_messages(found_id);
)sql";

}  // namespace store
