#pragma once

namespace store {

inline constexpr const char* kRetention = R"sql(
-- When the words of a message were taken out because of their age or the size of the database, see Retention.
ALTER TABLE messages ADD COLUMN emptied_at INTEGER;
-- The last message that was looked at for that, and those before it that were still under way then.
CREATE TABLE retention (
  id INTEGER PRIMARY KEY CONSTRAINT retention_one_row CHECK (id = 1),
  message_id INTEGER NOT NULL);
CREATE TABLE retention_later (
  message_id INTEGER PRIMARY KEY REFERENCES messages(id));
)sql";

}  // namespace store
