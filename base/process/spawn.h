#pragma once

#include <string>
#include <vector>

#include <spawn.h>
#include <sys/types.h>

#include "base/fd.h"

namespace base {

/// posix_spawn with the parts that a supervisor needs. Boost's launcher is not used: between fork and exec it
/// calls functions that may wait for a lock which another thread held at the fork (asio's fork hooks
/// allocate), it copies our page tables, and 1.81's can neither set an environment nor keep a descriptor (see
/// docs/decisions/0003-a-supervisor-per-specialist.md). The functions throw std::system_error. Thread rule:
/// one thread.
class Spawn {
 public:
  /// In a process group of its own: what the terminal sends (Ctrl-C) is for us, and we interrupt the child in
  /// our own way.
  Spawn();
  ~Spawn();
  Spawn(const Spawn&) = delete;
  Spawn& operator=(const Spawn&) = delete;

  /// The child has the descriptor under that number.
  void map(const Fd& fd, int number);
  /// The child has it under its own number.
  void keep(const Fd& fd);
  void directory(const std::string& path);

  /// Starts `program`, a path, with exactly that environment ("NAME=value"), and returns its process id.
  pid_t run(const char* program, const std::vector<std::string>& argv,
            const std::vector<std::string>& environment) const;

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

}  // namespace base
