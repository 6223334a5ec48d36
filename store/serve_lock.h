#pragma once

#include <filesystem>

#include "base/fd.h"
#include "base/file.h"

namespace store {

/// The right to be the one process that serves a database or puts another file in its place, held until it is
/// destroyed or the process is gone. It is a lock on the file itself, whatever it is called and from wherever
/// it is seen, and one beside the file that the path leads to, which names the holder. The file need not be a
/// database, and is made where there is none.
/// Throws base::ConfigError that names the holder when another process has it, and for a file with several
/// hard links: SQLite keeps its log beside the name, so that two programs that use two names write past each
/// other (https://www.sqlite.org/howtocorrupt.html, 2.5). No connection to the database may be open in this
/// process when it is made or destroyed. Thread rule: one thread.
class DatabaseLock {
 public:
  explicit DatabaseLock(const std::filesystem::path& database);
  /// The file that the path leads to.
  const std::filesystem::path& file() const { return file_; }

 private:
  const std::filesystem::path file_;
  const base::Fd inode_;
  const base::FileLock lock_;
};

/// The right to be the one `serve`: the lock, and a row in the database that names the process, for file
/// systems without such locks. Throws what DatabaseLock and Database throw.
class ServeLock {
 public:
  explicit ServeLock(const std::filesystem::path& database);
  ~ServeLock();
  ServeLock(const ServeLock&) = delete;
  ServeLock& operator=(const ServeLock&) = delete;

 private:
  const DatabaseLock lock_;
};

}  // namespace store
