#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <utility>
#include <vector>

#include <sys/types.h>

namespace dispatch {

/// What regular files take on the disk. Blocks are counted, so that a sparse file counts for what it takes,
/// and each file once, whatever links there are to it.
struct DiskUsage {
  std::uintmax_t bytes = 0;
  std::uintmax_t largest_file = 0;  ///< by its length
  std::set<std::pair<dev_t, ino_t>> seen = {};
};

/// Adds all files below the folder, however long their paths are. Follows no link. Ends early once
/// `usage.bytes` passes `enough`.
void add_folder(const std::filesystem::path& folder, std::uintmax_t enough, DiskUsage& usage);

/// Adds the files that have no name any more and are kept open by a descendant of that process, on one of
/// these devices.
void add_open_files(pid_t ancestor, const std::set<dev_t>& devices, DiskUsage& usage);

/// How many bytes the descendants of a process have sent to a disk, as far as they can be looked at. More
/// than what they take there, since each writing of a page counts.
std::uintmax_t written_by(pid_t ancestor);

}  // namespace dispatch
