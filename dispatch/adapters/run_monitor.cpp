#include "dispatch/adapters/run_monitor.h"

#include <algorithm>

#include "base/clock.h"
#include "base/process/supervisor.h"
#include "base/utf8.h"
#include "dispatch/adapters/disk_bounds.h"
#include "dispatch/task/event_log.h"
#include "dispatch/task/texts.h"

namespace dispatch {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kInterruptGrace{5};
constexpr std::chrono::seconds kExitGrace{10};
constexpr std::chrono::seconds kSignOfLife{1};

/// Lets mail wake the loop that reads the child's output, for as long as it lives.
class MailWakes {
 public:
  MailWakes(std::shared_ptr<Mailbox> mailbox, base::ChildProcess& child) : mailbox_(std::move(mailbox)) {
    if (mailbox_) {
      mailbox_->set_wake([&child] { child.wake(); });
    }
  }
  ~MailWakes() {
    if (mailbox_) {
      mailbox_->set_wake({});
    }
  }
  MailWakes(const MailWakes&) = delete;
  MailWakes& operator=(const MailWakes&) = delete;

 private:
  const std::shared_ptr<Mailbox> mailbox_;
};

class RunMonitor {
 public:
  RunMonitor(base::ChildProcess& child, CliProtocol& protocol, const Task& task,
             const std::function<void(const Event&)>& on_event, std::vector<std::filesystem::path> written)
      : child_(child),
        protocol_(protocol),
        task_(task),
        on_event_(on_event),
        events_(task.event_log),
        // Killed at once: in the time that a CLI takes to end by itself a disk is full.
        disk_({.folders = std::move(written),
               .max_growth = task.max_bytes_written,
               .supervisor = child.supervisor()},
              [&child] { child.kill(); }) {}

  RunEnd watch_to_end();

 private:
  void on_line(const std::string& line);
  void on_timeout();
  void check_bounds();
  void check_waiting();
  void emit_sign_of_life();
  Clock::time_point until() const;
  void end_run(Outcome outcome, std::string problem);

  base::ChildProcess& child_;
  CliProtocol& protocol_;
  const Task& task_;
  const std::function<void(const Event&)>& on_event_;
  EventLog events_;
  DiskBounds disk_;
  RunEnd end_;
  Clock::time_point deadline_ = Clock::now() + task_.timeout;
  Clock::time_point last_activity_ = Clock::now();
  Clock::time_point next_sign_ = Clock::now() + kSignOfLife;
  Clock::time_point waits_since_;
  bool waits_ = false;
  bool result_seen_ = false;
  bool over_ = false;
  bool disk_is_full_ = false;
  std::uintmax_t output_ = 0;
  std::optional<Clock::time_point> kill_at_;
};

RunEnd RunMonitor::watch_to_end() {
  std::string line;
  while (!over_) {
    switch (child_.next(line, std::min(until(), Clock::now() + kSignOfLife))) {
      case base::ChildProcess::Next::line:
        on_line(line);
        break;
      case base::ChildProcess::Next::woken:
        protocol_.on_mail();
        last_activity_ = Clock::now();
        break;
      case base::ChildProcess::Next::stopped:
        end_run(Outcome::cancelled, texts::kFilesKept);
        break;
      case base::ChildProcess::Next::timeout:
        break;
      case base::ChildProcess::Next::ended:
        over_ = true;
        break;
    }
    if (protocol_.has_result() && !result_seen_) {
      result_seen_ = true;
      // One that was interrupted might otherwise start on something that was added.
      kill_at_ = Clock::now() + (end_.problem.empty() ? kExitGrace : kSignOfLife);
      child_.close_input();
      protocol_.on_input_closed();
    } else if (result_seen_ && end_.problem.empty() && !end_.killed && !protocol_.has_result()) {
      result_seen_ = false;  // it goes on by itself, as after something ended in the background
      kill_at_.reset();
    }
    protocol_.on_tick();
    check_waiting();
    check_bounds();
    // Not only where nothing came: one that never stops writing must end, too.
    if (!over_ && Clock::now() >= until()) {
      on_timeout();
    }
    emit_sign_of_life();
  }
  end_.exit_status = child_.exit_status();
  end_.error_output = base::to_valid_utf8(child_.error_output());
  return std::move(end_);
}

void RunMonitor::on_line(const std::string& line) {
  output_ += line.size() + 1;
  if (protocol_.is_sign_of_life(line)) {
    last_activity_ = Clock::now();
    events_.add(line, base::SystemClock().now());
  }
  protocol_.on_line(line);
}

Clock::time_point RunMonitor::until() const {
  if (kill_at_) {
    return *kill_at_;
  }
  if (waits_) {
    return Clock::time_point::max();
  }
  return std::min(deadline_, protocol_.tool_is_running() ? deadline_ : last_activity_ + task_.silence);
}

void RunMonitor::on_timeout() {
  if (end_.killed) {
    over_ = true;  // not even its pipes close; the destructor does what is left
  } else if (kill_at_) {
    child_.kill();
    end_.killed = true;
    kill_at_ = Clock::now() + kExitGrace;
  } else if (Clock::now() >= deadline_) {
    end_run(Outcome::timeout, texts::out_of_time(task_.timeout));
  } else {
    end_run(Outcome::timeout, texts::silent_for(task_.silence));
  }
}

/// Also while the model speaks at length, which makes no event of its own.
void RunMonitor::emit_sign_of_life() {
  if (on_event_ && !over_ && Clock::now() >= next_sign_) {
    next_sign_ = Clock::now() + kSignOfLife;
    on_event_({.kind = Event::Kind::still_working,
               .usd_so_far = protocol_.usd_so_far(),
               .turns_so_far = protocol_.model_calls()});
  }
}

void RunMonitor::check_waiting() {
  const bool waits = protocol_.waits_for_person();
  if (waits && !waits_) {
    waits_since_ = Clock::now();
  } else if (!waits && waits_) {
    deadline_ += Clock::now() - waits_since_;
    last_activity_ = Clock::now();
  }
  waits_ = waits;
}

void RunMonitor::check_bounds() {
  if (auto full = disk_.passed(); full && !disk_is_full_) {
    disk_is_full_ = true;
    end_.killed = true;
    if (end_.problem.empty()) {
      end_.forced = Outcome::error;
      end_.problem = *std::move(full);
    }
    kill_at_ = Clock::now() + kExitGrace;
  }
  if (kill_at_) {
    return;
  }
  if (auto problem = protocol_.fatal_problem()) {
    end_run(Outcome::error, *std::move(problem));
  } else if (task_.max_usd > 0 && protocol_.usd_so_far() >= task_.max_usd) {
    end_run(Outcome::error, texts::spending_limit(task_.max_usd));
  } else if (task_.max_turns > 0 && protocol_.model_calls() > task_.max_turns) {
    end_run(Outcome::error, texts::kTurnLimit);
  } else if (output_ > task_.max_output_bytes) {
    end_run(Outcome::error, texts::kTooMuchOutput);
  }
}

void RunMonitor::end_run(Outcome outcome, std::string problem) {
  if (kill_at_) {
    return;
  }
  end_.forced = outcome;
  end_.problem = std::move(problem);
  if (protocol_.interrupt()) {
    // A run that was given two seconds is not waited for another five.
    kill_at_ = Clock::now() + (outcome == Outcome::timeout
                                   ? std::clamp<Clock::duration>(task_.timeout, kSignOfLife, kInterruptGrace)
                                   : kInterruptGrace);
  } else {
    child_.kill();
    end_.killed = true;
    kill_at_ = Clock::now() + kExitGrace;
  }
}

}  // namespace

RunEnd monitor_run(base::ChildProcess& child, CliProtocol& protocol, const Task& task,
                   const std::function<void(const Event&)>& on_event, std::stop_token stop,
                   const std::vector<std::filesystem::path>& also_written) {
  const MailWakes wakes(task.mailbox, child);
  std::vector<std::filesystem::path> written = {task.folder};
  written.insert(written.end(), also_written.begin(), also_written.end());
  auto end = RunMonitor(child, protocol, task, on_event, std::move(written)).watch_to_end();
  if (end.problem.empty() && stop.stop_requested() && !protocol.has_result()) {
    end.forced = Outcome::cancelled;  // its end was seen before the request
    end.problem = texts::kFilesKept;
  }
  return end;
}

std::string first_line_of(const std::string& error_output) {
  const auto words = base::trim(error_output);
  return base::ellipsize(words.substr(0, words.find('\n')), 200);
}

std::string problem_without_result(const std::string& cli, const RunEnd& end) {
  if (end.exit_status == base::kCannotStart) {
    return texts::could_not_start(cli);
  }
  return texts::no_result(cli, end.exit_status, first_line_of(end.error_output));
}

}  // namespace dispatch
