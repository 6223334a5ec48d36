#pragma once

namespace store {

/// Calls of tools as people look at them afterwards, and more of what is said in a chat in the index of the
/// log.
inline constexpr const char* kShownCalls = R"sql(
-- Whoever pressed a button of the call, in the chat or in the console, and what they said to it.
ALTER TABLE tool_calls ADD COLUMN settled_by INTEGER REFERENCES people(id);
ALTER TABLE tool_calls ADD COLUMN comment TEXT NOT NULL DEFAULT '';
UPDATE tool_calls SET settled_by = person_id
  WHERE expires_at IS NOT NULL AND (begun_at IS NOT NULL OR state = 'refused');
CREATE INDEX tool_calls_uncertain ON tool_calls(id) WHERE state = 'uncertain';
CREATE INDEX tool_calls_asked ON tool_calls(id) WHERE expires_at IS NOT NULL;

-- The words of a decision's calls are in the index of the log (store/log_words.h).
CREATE TRIGGER log_words_called_otherwise AFTER UPDATE OF arguments, result ON tool_calls
  WHEN OLD.arguments <> NEW.arguments OR OLD.result <> NEW.result BEGIN
  DELETE FROM log_words WHERE rowid IN (SELECT id FROM decisions WHERE message_id = NEW.message_id);
  INSERT OR IGNORE INTO log_words_due SELECT id FROM decisions WHERE message_id = NEW.message_id;
END;
INSERT OR IGNORE INTO log_words_due
  SELECT n.id FROM tool_calls t JOIN decisions n ON n.message_id = t.message_id;

-- And so are the words of others that a message brought.
CREATE TRIGGER log_words_quoted AFTER INSERT ON quotations BEGIN
  INSERT OR IGNORE INTO log_words_due SELECT id FROM decisions WHERE message_id = NEW.message_id;
END;
CREATE TRIGGER log_words_quoted_otherwise AFTER UPDATE OF text ON quotations WHEN OLD.text <> NEW.text BEGIN
  DELETE FROM log_words WHERE rowid IN (SELECT id FROM decisions WHERE message_id = NEW.message_id);
  INSERT OR IGNORE INTO log_words_due SELECT id FROM decisions WHERE message_id = NEW.message_id;
END;
CREATE TRIGGER log_words_quoted_no_more AFTER DELETE ON quotations BEGIN
  DELETE FROM log_words WHERE rowid IN (SELECT id FROM decisions WHERE message_id = OLD.message_id);
  INSERT OR IGNORE INTO log_words_due SELECT id FROM decisions WHERE message_id = OLD.message_id;
END;
INSERT OR IGNORE INTO log_words_due
  SELECT n.id FROM quotations q JOIN decisions n ON n.message_id = q.message_id;

-- A reminder that was posted has no decision: it is there under the number of its message below 0.
CREATE TRIGGER log_words_reminded AFTER INSERT ON reminder_messages BEGIN
  INSERT OR IGNORE INTO log_words_due SELECT -id FROM messages
    WHERE id = NEW.message_id AND author = 'assistant';
END;
CREATE TRIGGER log_words_reminded_otherwise AFTER UPDATE OF text ON messages
  WHEN NEW.author = 'assistant' AND OLD.text <> NEW.text AND
    EXISTS (SELECT 1 FROM reminder_messages r WHERE r.message_id = NEW.id) BEGIN
  DELETE FROM log_words WHERE rowid = -NEW.id;
  INSERT OR IGNORE INTO log_words_due VALUES (-NEW.id);
END;
INSERT OR IGNORE INTO log_words_due SELECT -m.id FROM reminder_messages r
  JOIN messages m ON m.id = r.message_id WHERE m.author = 'assistant';
)sql";

}  // namespace store
