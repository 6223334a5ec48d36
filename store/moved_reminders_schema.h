#pragma once

namespace store {

// A migration, see migrations.cpp.
inline constexpr const char* kMovedReminders = R"sql(
-- The name of the deleted chat in which it was ordered; none: it comes where it was ordered.
ALTER TABLE reminders ADD COLUMN from_chat TEXT;
-- How often, since it came last, it did not come because what it had begun was still at work.
ALTER TABLE reminders ADD COLUMN left_out INTEGER NOT NULL DEFAULT 0;
CREATE INDEX reminder_messages_of_reminder ON reminder_messages(reminder_id, message_id);
)sql";

}  // namespace store
