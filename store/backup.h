#pragma once

#include <filesystem>

#include "base/clock.h"

namespace store {

/// Writes a consistent copy of the database to `file`, also while a `serve` uses it (SQLite's online backup,
/// in one step: one in steps begins anew with each commit of another connection). The copy is one file that
/// its owner alone can read; it appears whole or not at all. An earlier copy of that name is replaced, any
/// other file is not, and no copy with messages by a database without any. Throws base::ConfigError for such
/// a file and for a database that is none of Frontdesk, std::runtime_error where there is no database and
/// where reading or writing fails.
void back_up(const std::filesystem::path& database, const std::filesystem::path& file);

/// Puts such a copy in the place of the database, and keeps what stood there, which need not be readable, as
/// "<name>.before-restore-<local time>". Returns where; empty where nothing stood there. Throws
/// base::ConfigError while a `serve` runs and for a file that is no whole database of Frontdesk, or of a
/// newer one; then nothing is changed.
std::filesystem::path restore(const std::filesystem::path& file, const std::filesystem::path& database,
                              base::Timestamp now);

}  // namespace store
