#pragma once

namespace store {

/// What a server showed of the thing that a call is about, and of what the call did to it.
inline constexpr const char* kReadBackSchema = R"sql(
-- JSON; empty where nothing could be read. `about`: what stood in the question. `read_back`: what was different
-- after the call.
ALTER TABLE tool_calls ADD COLUMN about TEXT NOT NULL DEFAULT '';
ALTER TABLE tool_calls ADD COLUMN read_back TEXT NOT NULL DEFAULT '';
)sql";

}  // namespace store
