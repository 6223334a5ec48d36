#include "dispatch/adapters/run_monitor.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/clock.h"
#include "base/process/supervisor.h"
#include "base/utf8.h"
#include "dispatch/adapters/disk_bounds.h"
#include "dispatch/task/event_log.h"

namespace dispatch {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kInterruptGrace{5};
constexpr std::chrono::seconds kExitGrace{10};
constexpr std::chrono::seconds kSignOfLife{1};

/// Lets replies wake the loop that reads the child's output, for as long as it lives.
class Waking {
 public:
  Waking(std::shared_ptr<Mailbox> mailbox, base::ChildProcess& child) : mailbox_(std::move(mailbox)) {
    if (mailbox_) {
      mailbox_->set_wake([&child] { child.wake(); });
    }
  }
  ~Waking() {
    if (mailbox_) {
      mailbox_->set_wake({});
    }
  }
  Waking(const Waking&) = delete;
  Waking& operator=(const Waking&) = delete;

 private:
  const std::shared_ptr<Mailbox> mailbox_;
};

class Attendance {
 public:
  Attendance(base::ChildProcess& child, Dialogue& dialogue, const Task& task,
             const std::function<void(const Event&)>& on_event)
      : child_(child),
        dialogue_(dialogue),
        task_(task),
        on_event_(on_event),
        events_(task.event_log),
        disk_(task.folder, task.max_bytes_written) {}

  Ending stay();

 private:
  void on_line(const std::string& line);
  void on_timeout();
  void check_bounds();
  void mind_waiting();
  void tell_sign();
  Clock::time_point until() const;
  void end(Outcome outcome, std::string problem);

  base::ChildProcess& child_;
  Dialogue& dialogue_;
  const Task& task_;
  const std::function<void(const Event&)>& on_event_;
  EventLog events_;
  DiskBounds disk_;
  Ending ending_;
  Clock::time_point deadline_ = Clock::now() + task_.timeout;
  Clock::time_point last_sign_ = Clock::now();
  Clock::time_point next_told_ = Clock::now() + kSignOfLife;
  Clock::time_point awaits_since_;
  bool awaits_ = false;
  bool result_seen_ = false;
  bool over_ = false;
  std::uintmax_t output_ = 0;
  std::optional<Clock::time_point> kill_at_;
};

Ending Attendance::stay() {
  std::string line;
  while (!over_) {
    switch (child_.next(line, std::min(until(), Clock::now() + kSignOfLife))) {
      case base::ChildProcess::Next::line:
        on_line(line);
        break;
      case base::ChildProcess::Next::woken:
        dialogue_.mail_came();
        last_sign_ = Clock::now();
        break;
      case base::ChildProcess::Next::stopped:
        end(Outcome::cancelled, "It was stopped.");
        break;
      case base::ChildProcess::Next::timeout:
        break;
      case base::ChildProcess::Next::ended:
        over_ = true;
        break;
    }
    if (dialogue_.has_result() && !result_seen_) {
      result_seen_ = true;
      // One that was interrupted might begin anew with something that was added.
      kill_at_ = Clock::now() + (ending_.problem.empty() ? kExitGrace : kSignOfLife);
      child_.close_input();
    }
    mind_waiting();
    check_bounds();
    // Not only where nothing came: one that never stops writing must end, too.
    if (!over_ && Clock::now() >= until()) {
      on_timeout();
    }
    tell_sign();
  }
  ending_.exit_status = child_.exit_status();
  ending_.error_output = base::to_valid_utf8(child_.error_output());
  return std::move(ending_);
}

void Attendance::on_line(const std::string& line) {
  last_sign_ = Clock::now();
  output_ += line.size() + 1;
  events_.add(line, base::SystemClock().now());
  dialogue_.take(line);
}

Clock::time_point Attendance::until() const {
  if (kill_at_) {
    return *kill_at_;
  }
  if (awaits_) {
    return Clock::time_point::max();
  }
  return std::min(deadline_, dialogue_.tool_is_running() ? deadline_ : last_sign_ + task_.silence);
}

void Attendance::on_timeout() {
  if (ending_.killed) {
    over_ = true;  // not even its pipes close; the destructor does what is left
  } else if (kill_at_) {
    child_.kill();
    ending_.killed = true;
    kill_at_ = Clock::now() + kExitGrace;
  } else if (Clock::now() >= deadline_) {
    end(Outcome::timeout, fmt::format("It ran out of time ({} s).", task_.timeout.count()));
  } else {
    end(Outcome::timeout, fmt::format("It gave no sign of life for {} s.", task_.silence.count()));
  }
}

/// Also while the model speaks at length, which makes no event of its own.
void Attendance::tell_sign() {
  if (on_event_ && !over_ && Clock::now() >= next_told_) {
    next_told_ = Clock::now() + kSignOfLife;
    on_event_({.kind = Event::Kind::still_working, .usd_so_far = dialogue_.usd_so_far()});
  }
}

void Attendance::mind_waiting() {
  const bool awaits = dialogue_.awaits_person();
  if (awaits && !awaits_) {
    awaits_since_ = Clock::now();
  } else if (!awaits && awaits_) {
    deadline_ += Clock::now() - awaits_since_;
    last_sign_ = Clock::now();
  }
  awaits_ = awaits;
}

void Attendance::check_bounds() {
  if (kill_at_) {
    return;
  }
  if (auto problem = dialogue_.hopeless()) {
    end(Outcome::error, *std::move(problem));
  } else if (task_.max_usd > 0 && dialogue_.usd_so_far() >= task_.max_usd) {
    end(Outcome::error, fmt::format("It reached the limit of ${:.{}f} for this run before it was done.",
                                    task_.max_usd, task_.max_usd < 0.01 ? 4 : 2));
  } else if (output_ > task_.max_output_bytes) {
    end(Outcome::error, "It wrote far more output than any work needs, so it was ended.");
  } else if (auto full = disk_.passed()) {
    end(Outcome::error, *std::move(full));
  }
}

void Attendance::end(Outcome outcome, std::string problem) {
  if (kill_at_) {
    return;
  }
  ending_.forced = outcome;
  ending_.problem = std::move(problem);
  if (dialogue_.interrupt()) {
    kill_at_ = Clock::now() + kInterruptGrace;
  } else {
    child_.kill();
    ending_.killed = true;
    kill_at_ = Clock::now() + kExitGrace;
  }
}

}  // namespace

Ending monitor_run(base::ChildProcess& child, Dialogue& dialogue, const Task& task,
                   const std::function<void(const Event&)>& on_event, std::stop_token stop) {
  const Waking waking(task.mailbox, child);
  auto ending = Attendance(child, dialogue, task, on_event).stay();
  if (ending.problem.empty() && stop.stop_requested() && !dialogue.has_result()) {
    ending.forced = Outcome::cancelled;  // its end was seen before the request
    ending.problem = "It was stopped.";
  }
  return ending;
}

std::string problem_without_result(const std::string& cli, const Ending& ending) {
  if (ending.exit_status == base::kCannotStart) {
    return fmt::format(
        "{} could not be started on this machine. The operator can check it with `frontdesk "
        "doctor`.",
        cli);
  }
  const auto last_words = base::trim(ending.error_output);
  return fmt::format("{} ended without a result (exit status {}{}).", cli, ending.exit_status,
                     last_words.empty()
                         ? std::string()
                         : ": " + base::ellipsize(last_words.substr(0, last_words.find('\n')), 200));
}

}  // namespace dispatch
