#pragma once

namespace store {

/// What a rule decided is looked for by its name; what p decided is common, and found by going back in time.
inline constexpr const char* kLogByCause = R"sql(
CREATE INDEX decisions_by_cause ON decisions(cause, id) WHERE cause <> 'policy';
)sql";

}  // namespace store
