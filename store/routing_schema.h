#pragma once

namespace store {

/// What the console's routing page needs.
inline constexpr const char* kRoutingConsole = R"sql(
-- The prices that the two numbers were compiled from, as JSON; empty: they were set as they are.
ALTER TABLE routing_console ADD COLUMN prices TEXT NOT NULL DEFAULT '';
-- What a dispatch costs on average, without reading results.
CREATE INDEX dispatches_by_end ON dispatches(finished_at, usd) WHERE finished_at IS NOT NULL;
)sql";

}  // namespace store
