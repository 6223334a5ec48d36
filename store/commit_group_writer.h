#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "base/fault.h"
#include "base/notifier.h"
#include "store/commit_group.h"

namespace store {

/// One who writes: waits for its turn, or for another to write for it, and then for the commit.
struct CommitGroup::Writer {
  enum class State {
    in_line,
    has_turn,
    written,  ///< or being written, by the one who has the turn
    settled
  };
  /// Of one whose thread does not wait.
  struct Later {
    Write write;
    Done done;
    base::Notifier& on_commit;
    Clock::time_point until;
  };

  Writer(const Write* what, Database* whose) : write(what), as(whose) {}
  explicit Writer(Later what) : later(std::make_unique<Later>(std::move(what))), write(&later->write) {}

  const std::unique_ptr<Later> later;
  const Write* const write;      ///< null for one that writes by itself when it has its turn
  Database* const as = nullptr;  ///< whose statements they are; null: those of the group
  const std::int64_t work = base::FaultThread::work();  ///< what its thread is at
  State state = State::in_line;
  std::exception_ptr error;
  std::map<std::string, int> noted_work;
  std::condition_variable changed;
};

}  // namespace store
