#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace store {

/// Why what is written in that folder would not outlive a cut of the power, although every sync succeeds: the
/// file system is in memory, it is mounted so that syncs do not reach the disk, or a sync takes less time
/// than a disk needs. Nothing where nothing speaks against it: a disk that lies and takes its time cannot be
/// told. Writes and removes a file there; one that cannot be written is no reason.
std::optional<std::string> why_not_durable(const std::filesystem::path& folder);

}  // namespace store
