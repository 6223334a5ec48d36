#pragma once

#include <functional>

#include <sys/types.h>

namespace base {

// The supervisors that this process has started, and what comes to it in place of one that was killed.
// Thread rule: any thread.

/// Calls `start`, which starts one child and returns its id, and makes this process a child subreaper
/// (prctl(2)): what a supervisor leaves behind that is killed, which its command's end alone does not take
/// along, becomes a child of this process instead of living on under init.
pid_t start_own_child(const std::function<pid_t()>& start);

/// Whether that child has ended by a signal; waits for an end that has begun. It is not reaped by this.
bool own_child_was_killed(pid_t child);

/// Waits for the end of that child, and calls `reap`, which reaps it.
void reap_own_child(pid_t child, const std::function<void()>& reap);

/// Kills all children of this process that it has not started by start_own_child(), with all that they have
/// started, and reaps them. None of that lives when it returns.
void end_adopted_children();

}  // namespace base
