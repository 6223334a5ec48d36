#pragma once

namespace store {

/// What is said beside a call that a person is asked about; calls in the hash chain of the log.
inline constexpr const char* kChainedCalls = R"sql(
-- The message with what the model said beside the question, where it said it of nothing else.
ALTER TABLE tool_calls ADD COLUMN said_id INTEGER REFERENCES messages(id);
CREATE INDEX tool_calls_by_words ON tool_calls(said_id) WHERE said_id IS NOT NULL;

-- The chain covers them, too: who was asked about what, who said what to it and when, and what came of it. Rows
-- that are there already are taken over as they are now.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'about = ''changes''', 'about = ''changes'' OR about = ''tool_calls''')
  WHERE type = 'table' AND name = 'chain';
PRAGMA writable_schema = RESET;
-- Other connections read the texts anew once the number of the schema is another.
CREATE TABLE calls_in_the_chain(x);
DROP TABLE calls_in_the_chain;
)sql";

}  // namespace store
