#pragma once

namespace store {

// A migration, see migrations.cpp.
inline constexpr const char* kTimeZonesSchema = R"sql(
-- The IANA name of the zone whose clock the person goes by; none: that of the configuration.
ALTER TABLE people ADD COLUMN time_zone TEXT;
)sql";

}  // namespace store
