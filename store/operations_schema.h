#pragma once

namespace store {

inline constexpr const char* kOperations = R"sql(
-- What an admin said of a person in the console; what the configuration says of them counts, too.
ALTER TABLE people ADD COLUMN role TEXT CONSTRAINT people_role CHECK (role IN ('approver', 'admin'));
ALTER TABLE people ADD COLUMN blocked_at INTEGER;
-- When all that the person wrote was taken out, see Erasure.
ALTER TABLE people ADD COLUMN erased_at INTEGER;
CREATE INDEX messages_by_person ON messages(person_id, id) WHERE person_id IS NOT NULL;

-- With an id, since neither the code nor its hash may leave the database.
CREATE TABLE pairing_requests (
  id INTEGER PRIMARY KEY,
  code_hash TEXT NOT NULL UNIQUE,
  person_id INTEGER NOT NULL REFERENCES people(id),
  place TEXT NOT NULL,
  expires_at INTEGER NOT NULL);
INSERT INTO pairing_requests(code_hash, person_id, place, expires_at)
  SELECT code_hash, person_id, place, expires_at FROM pairing_codes;
DROP TABLE pairing_codes;

-- When somebody said of a part of which nobody could tell it that it had arrived.
ALTER TABLE pieces ADD COLUMN settled_at INTEGER;

-- The last thing that went wrong between a chat section and its service.
CREATE TABLE section_troubles (
  section TEXT PRIMARY KEY,
  at INTEGER NOT NULL,
  text TEXT NOT NULL);

-- What was put away in the console's inbox and has no state of its own: "crash 3", "alert day 1764000000000 0.5".
CREATE TABLE inbox_done (
  id INTEGER PRIMARY KEY,
  item TEXT NOT NULL UNIQUE,
  done_at INTEGER NOT NULL);
)sql";

}  // namespace store
