#pragma once

namespace store {

/// How one of several questions is answered by itself: by its number, or by a reply to its message.
inline constexpr const char* kAnswersSchema = R"sql(
-- The number that a question of ours shows where several are open in its chat.
CREATE TABLE question_numbers (
  message_id INTEGER PRIMARY KEY REFERENCES messages(id),
  conversation_id INTEGER NOT NULL REFERENCES conversations(id),
  number INTEGER NOT NULL
);
CREATE INDEX question_numbers_by_chat ON question_numbers(conversation_id, number);
-- A message of a person that replies to one of ours, where its service tells that.
CREATE TABLE replies (
  message_id INTEGER PRIMARY KEY REFERENCES messages(id),
  to_id INTEGER NOT NULL REFERENCES messages(id)
);
)sql";

}  // namespace store
