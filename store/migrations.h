#pragma once

#include <string>

namespace SQLite {
class Database;
}

namespace store {

/// The schema version this program writes; kept in PRAGMA user_version.
int schema_version();

/// Throws base::ConfigError when the database was written by a newer version. Reads only.
void refuse_newer_schema(SQLite::Database& db, const std::string& path);

/// Runs the missing migrations up to the schema `version` in one transaction. Safe when several processes
/// open a new database at once.
void migrate(SQLite::Database& db, const std::string& path, int version = schema_version());

}  // namespace store
