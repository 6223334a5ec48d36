#pragma once

namespace store {

// A migration, see migrations.cpp.
inline constexpr const char* kModelsByVersion = R"sql(
-- The table's own tree holds the bytes of each model, all of which are read to compare a version.
CREATE INDEX routing_models_by_version ON routing_models(version);
)sql";

}  // namespace store
