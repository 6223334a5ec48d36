#pragma once

namespace store {

/// What tools look like, also those that a server shows only while it runs.
inline constexpr const char* kToolLooksSchema = R"sql(
-- A row is a look that a tool had. The accepted ones are as it was when its server was first used, or as an
-- operator took it; under the others the tool is off. The noted ones a turn came across while others were
-- accepted. The hints are NULL where the server gives none, or where the row is older than this schema.
CREATE TABLE tool_looks (
  server TEXT NOT NULL,
  tool TEXT NOT NULL,
  hash TEXT NOT NULL,
  only_reads INTEGER,
  destroys INTEGER,
  open_world INTEGER,
  noted INTEGER NOT NULL,
  accepted INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  PRIMARY KEY (server, tool, hash)) WITHOUT ROWID;
INSERT INTO tool_looks SELECT server, tool, hash, NULL, NULL, NULL, 0, 1, seen_at FROM tool_schemas;
DROP TABLE tool_schemas;
)sql";

}  // namespace store
