#pragma once

#include <filesystem>
#include <optional>

#include "store/database.h"

namespace store {

/// For commands that have nothing to do where there is no database: they never make one.

/// Whether there is a file at that path that is more than empty.
bool database_exists(const std::filesystem::path& path);

/// Throws std::runtime_error, which names the path, where there is none.
void require_database(const std::filesystem::path& path);

/// The database that is there. Throws what require_database() and Database throw.
Database open_existing(const std::filesystem::path& path);

/// The same; nothing where there is none.
std::optional<Database> open_if_there(const std::filesystem::path& path);

}  // namespace store
