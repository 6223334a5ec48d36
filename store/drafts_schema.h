#pragma once

namespace store {

inline constexpr const char* kDrafts = R"sql(
-- Answers of which a chat service may show a draft already, see store/drafts.h.
CREATE TABLE drafts (
  turn_id INTEGER PRIMARY KEY REFERENCES messages(id) ON DELETE CASCADE,
  key TEXT NOT NULL UNIQUE,
  begun_at INTEGER NOT NULL);
)sql";

}  // namespace store
