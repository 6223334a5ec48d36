#pragma once

#include <filesystem>

#include "base/fd.h"
#include "base/file.h"

namespace store {

/// The right to be the one `serve` on a database, held until it is destroyed or the process is gone. It is a
/// lock on the file itself, whatever it is called and from wherever it is seen; one beside the file that the
/// path leads to, which names the holder; and a row in the database, for file systems without such locks.
/// Throws base::ConfigError that names the holder when another process has it, and for a file with several
/// hard links: SQLite keeps its log beside the name, so that two programs that use two names write past each
/// other (https://www.sqlite.org/howtocorrupt.html, 2.5). No connection to the database may be open in this
/// process when it is made or destroyed. Thread rule: one thread.
class ServeLock {
 public:
  explicit ServeLock(const std::filesystem::path& database);
  ~ServeLock();
  ServeLock(const ServeLock&) = delete;
  ServeLock& operator=(const ServeLock&) = delete;

 private:
  const std::filesystem::path database_;
  const base::Fd file_;
  base::FileLock lock_;
};

}  // namespace store
