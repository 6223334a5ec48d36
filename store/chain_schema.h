#pragma once

namespace store {

inline constexpr const char* kOfTheChain = R"sql(
-- The hash chain over decisions, dispatches, approvals and verdicts, see store/chain.h.
CREATE TABLE chain (
  seq INTEGER PRIMARY KEY,
  about TEXT NOT NULL CONSTRAINT chain_about CHECK (about IN ('decisions', 'dispatches', 'approvals', 'verdicts')),
  row_id INTEGER NOT NULL,
  event TEXT NOT NULL CONSTRAINT chain_event CHECK (event IN ('taken-over', 'written', 'pruned', 'erased', 'unfit')),
  salt BLOB,
  digest BLOB NOT NULL,
  hash BLOB NOT NULL);
CREATE INDEX chain_by_row ON chain(about, row_id, seq);
)sql";

}  // namespace store
