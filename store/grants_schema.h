#pragma once

namespace store {

// A migration, see migrations.cpp.
inline constexpr const char* kGrants = R"sql(
-- What leave for the whole task covers, a rule a line, as `allowed_tools` of the configuration names it: after a
-- restart the run goes on with it. NULL in rows of before, whose digests stay as they are.
ALTER TABLE approvals ADD COLUMN rules TEXT;
)sql";

}  // namespace store
