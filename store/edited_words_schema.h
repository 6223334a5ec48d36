#pragma once

namespace store {

// A migration, see migrations.cpp.
inline constexpr const char* kEditedWords = R"sql(
-- The index has the words of a message with each answer to the question that it led to, too: what is changed or taken
-- out goes there as well.
DROP TRIGGER log_words_asked_otherwise;
CREATE TRIGGER log_words_asked_otherwise AFTER UPDATE OF text ON messages
  WHEN NEW.author = 'user' AND OLD.text <> NEW.text BEGIN
  INSERT OR IGNORE INTO log_words_due SELECT id FROM decisions WHERE message_id = NEW.id
    UNION SELECT n.id FROM decisions q JOIN decisions n ON n.follows_id = q.id WHERE q.message_id = NEW.id;
  DELETE FROM log_words WHERE rowid IN (SELECT id FROM decisions WHERE message_id = NEW.id
    UNION SELECT n.id FROM decisions q JOIN decisions n ON n.follows_id = q.id WHERE q.message_id = NEW.id);
END;
DROP TRIGGER log_words_quoted_otherwise;
CREATE TRIGGER log_words_quoted_otherwise AFTER UPDATE OF text ON quotations WHEN OLD.text <> NEW.text BEGIN
  INSERT OR IGNORE INTO log_words_due SELECT id FROM decisions WHERE message_id = NEW.message_id
    UNION SELECT n.id FROM decisions q JOIN decisions n ON n.follows_id = q.id WHERE q.message_id = NEW.message_id;
  DELETE FROM log_words WHERE rowid IN (SELECT id FROM decisions WHERE message_id = NEW.message_id
    UNION SELECT n.id FROM decisions q JOIN decisions n ON n.follows_id = q.id WHERE q.message_id = NEW.message_id);
END;
DROP TRIGGER log_words_quoted_no_more;
CREATE TRIGGER log_words_quoted_no_more AFTER DELETE ON quotations BEGIN
  INSERT OR IGNORE INTO log_words_due SELECT id FROM decisions WHERE message_id = OLD.message_id
    UNION SELECT n.id FROM decisions q JOIN decisions n ON n.follows_id = q.id WHERE q.message_id = OLD.message_id;
  DELETE FROM log_words WHERE rowid IN (SELECT id FROM decisions WHERE message_id = OLD.message_id
    UNION SELECT n.id FROM decisions q JOIN decisions n ON n.follows_id = q.id WHERE q.message_id = OLD.message_id);
END;
-- What was left behind before.
INSERT OR IGNORE INTO log_words_due SELECT id FROM decisions WHERE follows_id IS NOT NULL;
DELETE FROM log_words WHERE rowid IN (SELECT id FROM decisions WHERE follows_id IS NOT NULL);
)sql";

}  // namespace store
