#pragma once

namespace store {

inline constexpr const char* kOfThePage = R"sql(
-- What a person made of a chat of the page: its name, and up to which message it was deleted.
CREATE TABLE page_chats (
  conversation_id INTEGER PRIMARY KEY REFERENCES conversations(id),
  title TEXT NOT NULL DEFAULT '',
  deleted_through INTEGER NOT NULL DEFAULT 0);
-- Files that a page has sent; their bytes are beside the database.
CREATE TABLE page_files (
  id TEXT PRIMARY KEY,
  user TEXT NOT NULL,
  name TEXT NOT NULL,
  media_type TEXT NOT NULL,
  size INTEGER NOT NULL,
  created_at INTEGER NOT NULL);
CREATE INDEX page_files_by_age ON page_files(created_at);
)sql";

}  // namespace store
