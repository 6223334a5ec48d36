#pragma once

namespace store {

// A migration, see migrations.cpp.
inline constexpr const char* kCutMessages = R"sql(
-- Of a message that the service cut and counts as several: which part of its text is how long, in bytes.
CREATE TABLE cut_messages (
  id INTEGER PRIMARY KEY,
  message_id INTEGER NOT NULL REFERENCES messages(id),
  own_id TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  UNIQUE (message_id, own_id));
CREATE INDEX cut_messages_by_own_id ON cut_messages(own_id);
)sql";

}  // namespace store
