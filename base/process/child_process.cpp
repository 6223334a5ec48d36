// The only file that includes Boost.Process and Boost.Asio.
#include "base/process/child_process.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <deque>
#include <functional>
#include <iterator>
#include <optional>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/process/v2/process.hpp>
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "base/fd.h"
#include "base/process/child_environment.h"
#include "base/process/own_children.h"
#include "base/process/program_path.h"
#include "base/process/spawn.h"
#include "base/process/supervisor.h"

namespace base {
namespace {

namespace asio = boost::asio;
namespace process = boost::process::v2;

constexpr std::size_t kMaxErrorOutput = 64 * 1024;
constexpr std::chrono::seconds kEndWait{5};
/// After something was written: an answer that comes sooner is taken without a sleep and a wake-up, which
/// cost more than many an answer.
constexpr std::chrono::microseconds kStaysAwake{50};
/// Of one wait for all channels.
constexpr std::chrono::hours kLongest{1};
/// Exit statuses from here on stand for signals.
constexpr int kOfSignals = 128;

struct Channel {
  base::Fd read_end;
  base::Fd write_end;
};

Channel make_channel(ChildProcess::Stdio kind) {
  int ends[2];
  if (kind == ChildProcess::Stdio::pipes) {
    if (::pipe2(ends, O_CLOEXEC) != 0) {
      base::throw_errno("cannot make a pipe");
    }
  } else if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    base::throw_errno("cannot make a socket pair");
  }
  return {base::Fd(ends[0]), base::Fd(ends[1])};
}

base::Fd without_waiting(base::Fd fd) {
  if (::fcntl(fd.get(), F_SETFL, ::fcntl(fd.get(), F_GETFL) | O_NONBLOCK) != 0) {
    base::throw_errno("cannot set up a channel");
  }
  return fd;
}

/// Whether a read or write that failed may do better another time.
bool is_for_later(int error) {
  return error == EAGAIN || error == EINTR;
}

std::string find_command(const std::string& name, const std::vector<std::string>& environment) {
  return find_program(name, search_path_of(environment)).value_or(name);
}

}  // namespace

/// Reads and writes by poll(2) alone: a framework's loop costs more than a short answer does.
class ChildProcess::Impl {
 public:
  Impl(const Spec& spec, std::stop_token stop)
      : bell_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), on_stop_(std::move(stop), [this] {
          stop_seen_ = true;
          ring();
        }) {
    if (!bell_.valid()) {
      base::throw_errno("cannot make an event descriptor");
    }
    auto lifeline = make_channel(Stdio::sockets);
    auto input = make_channel(spec.stdio);
    auto output = make_channel(spec.stdio);
    auto errors = make_channel(spec.stdio);
    const base::Fd lock(spec.lock_fd >= 0 ? ::fcntl(spec.lock_fd, F_DUPFD_CLOEXEC, 0) : -1);

    std::vector<std::string> arguments = {"frontdesk",
                                          std::string(kSuperviseCommand),
                                          std::to_string(lifeline.read_end.get()),
                                          lock.valid() ? std::to_string(lock.get()) : "-",
                                          std::to_string(spec.max_file_bytes),
                                          find_command(spec.argv.at(0), spec.environment)};
    arguments.insert(arguments.end(), spec.argv.begin() + 1, spec.argv.end());
    Spawn spawn;
    spawn.map(input.read_end, STDIN_FILENO);
    spawn.map(output.write_end, STDOUT_FILENO);
    spawn.map(errors.write_end, STDERR_FILENO);
    spawn.keep(lifeline.read_end);
    if (lock.valid()) {
      spawn.keep(lock);
    }
    spawn.directory(spec.directory.string());
    supervisor_ = start_own_child([&] { return spawn.run("/proc/self/exe", arguments, spec.environment); });
    process_.emplace(context_.get_executor(), supervisor_);
    lifeline_ = std::move(lifeline.write_end);
    input_ = without_waiting(std::move(input.write_end));
    output_ = without_waiting(std::move(output.read_end));
    errors_ = without_waiting(std::move(errors.read_end));
  }

  ~Impl() {
    kill();
    const auto until = std::chrono::steady_clock::now() + kEndWait;
    std::string ignored;
    while (!ended() && std::chrono::steady_clock::now() < until) {
      lines_.clear();
      next(ignored, until);
    }
    reap();
  }

  Next next(std::string& line, std::chrono::steady_clock::time_point until) {
    wait(until);
    // Before the lines, or a flood of them would hold these up.
    if (stop_seen_ && !stop_reported_ && !ended()) {
      stop_reported_ = true;
      return Next::stopped;
    }
    if (!ended() && woken_.exchange(false)) {
      return Next::woken;
    }
    if (!lines_.empty()) {
      line = std::move(lines_.front());
      lines_.pop_front();
      return Next::line;
    }
    if (ended()) {
      reap();
      return Next::ended;
    }
    return Next::timeout;
  }

  void wake() {
    woken_ = true;
    ring();
  }

  void write(std::string text) {
    if (!input_.valid()) {
      return;
    }
    was_written_ = true;
    pending_input_.push_back(std::move(text));
    if (pending_input_.size() == 1) {
      write_input();  // most fits
    }
  }

  void close_input() {
    close_when_written_ = true;
    if (pending_input_.empty()) {
      input_ = base::Fd();
    }
  }

  /// Not by closing it: another thread may do this, too.
  void kill() {
    killed_ = true;
    ::shutdown(lifeline_.get(), SHUT_RDWR);
  }

  int exit_status() const { return exit_status_; }
  const std::string& error_output() const { return error_text_; }
  int supervisor() const { return supervisor_; }

 private:
  /// Returns at the latest at that time; once without waiting where there is something to report already,
  /// which must not hide a stop or the end.
  void wait(std::chrono::steady_clock::time_point until) {
    auto now = std::chrono::steady_clock::now();
    const auto awake_until = std::exchange(was_written_, false) ? now + kStaysAwake : now;
    while (true) {
      const bool had_news = has_news();
      const bool may_sleep = !had_news && now < until && now >= awake_until;
      const auto left =
          may_sleep ? std::min<std::chrono::nanoseconds>(until - now, kLongest) : std::chrono::nanoseconds(0);
      look(std::chrono::ceil<std::chrono::milliseconds>(left));
      if (had_news || until <= now || has_news()) {
        return;
      }
      if (!may_sleep) {
        std::this_thread::yield();
      }
      now = std::chrono::steady_clock::now();
    }
  }

  bool has_news() const { return !lines_.empty() || ended() || woken_ || (stop_seen_ && !stop_reported_); }

  /// Reads and writes what can be read and written now, or within that time.
  void look(std::chrono::milliseconds time) {
    // Back-pressure: a flood waits in the pipe, not in our memory.
    pollfd fds[] = {{lines_.empty() ? output_.get() : -1, POLLIN, 0},
                    {errors_.get(), POLLIN, 0},
                    {bell_.get(), POLLIN, 0},
                    {lifeline_is_watched_ ? lifeline_.get() : -1, POLLIN, 0},
                    {pending_input_.empty() ? -1 : input_.get(), POLLOUT, 0}};
    auto& [output, errors, bell, lifeline, input] = fds;
    if (::poll(fds, std::size(fds), static_cast<int>(time.count())) <= 0) {
      return;  // nothing, or a signal
    }
    if (output.revents != 0) {
      read_output();
    }
    if (errors.revents != 0) {
      read_errors();
    }
    if (input.revents != 0) {
      write_input();
    }
    if (bell.revents != 0) {
      eventfd_t rung = 0;
      ::eventfd_read(bell_.get(), &rung);
    }
    if (lifeline.revents != 0) {
      lifeline_is_watched_ = false;
      see_supervisor();
    }
  }

  bool ended() const { return !output_.valid() && !errors_.valid(); }

  void ring() { ::eventfd_write(bell_.get(), 1); }

  void read_output() {
    const auto size = ::read(output_.get(), output_buffer_, sizeof output_buffer_);
    if (size > 0) {
      take_output({output_buffer_, static_cast<std::size_t>(size)});
    } else if (size == 0 || !is_for_later(errno)) {
      if (!partial_.empty()) {
        lines_.push_back(std::exchange(partial_, {}));
      }
      output_ = base::Fd();
    }
  }

  void take_output(std::string_view text) {
    while (!text.empty()) {
      const auto end = text.find('\n');
      const auto part = text.substr(0, end);
      partial_.append(part.substr(0, max_line_bytes - std::min(max_line_bytes, partial_.size())));
      if (end == std::string_view::npos) {
        return;
      }
      lines_.push_back(std::exchange(partial_, {}));
      text.remove_prefix(end + 1);
    }
  }

  void read_errors() {
    char buffer[8 * 1024];
    const auto size = ::read(errors_.get(), buffer, sizeof buffer);
    if (size > 0) {
      error_text_.append(buffer, static_cast<std::size_t>(size));
      if (error_text_.size() > 2 * kMaxErrorOutput) {
        error_text_.erase(0, error_text_.size() - kMaxErrorOutput);
      }
    } else if (size == 0 || !is_for_later(errno)) {
      errors_ = base::Fd();
    }
  }

  void write_input() {
    while (!pending_input_.empty()) {
      const auto& text = pending_input_.front();
      const auto size = ::write(input_.get(), text.data() + written_, text.size() - written_);
      if (size < 0 && is_for_later(errno)) {
        return;
      }
      if (size < 0) {
        pending_input_.clear();
        close_when_written_ = true;
        break;
      }
      written_ += static_cast<std::size_t>(size);
      if (written_ == text.size()) {
        pending_input_.pop_front();
        written_ = 0;
      }
    }
    if (close_when_written_) {
      input_ = base::Fd();
    }
  }

  /// Its end of the lifeline closes when it ends. Where it was killed, what is left of its tree may keep the
  /// pipes open, and works on.
  void see_supervisor() {
    if (!killed_ && process_ && own_child_was_killed(supervisor_)) {
      end_adopted_children();
    }
  }

  void reap() {
    if (!process_) {
      return;
    }
    if (!ended()) {
      ::kill(supervisor_, SIGKILL);  // not by Boost, which would reap it at once
    }
    const bool was_killed = own_child_was_killed(supervisor_);
    reap_own_child(supervisor_, [this] {
      boost::system::error_code ignored;
      exit_status_ = process_->wait(ignored);
    });
    process_.reset();
    if (was_killed) {
      exit_status_ += kOfSignals;
      end_adopted_children();
    }
  }

  asio::io_context context_{1};  ///< of `process_`; never run
  base::Fd bell_;
  base::Fd output_;
  base::Fd errors_;
  base::Fd input_;
  base::Fd lifeline_;
  bool lifeline_is_watched_ = true;
  pid_t supervisor_ = -1;
  std::optional<process::process> process_;
  std::atomic<bool> killed_ = false;
  char output_buffer_[16 * 1024];
  std::string partial_;
  std::deque<std::string> lines_;
  std::string error_text_;
  std::deque<std::string> pending_input_;
  std::size_t written_ = 0;  ///< of the first of them
  bool close_when_written_ = false;
  bool was_written_ = false;  ///< since the last wait
  std::atomic<bool> woken_ = false;
  std::atomic<bool> stop_seen_ = false;
  bool stop_reported_ = false;
  int exit_status_ = -1;
  std::stop_callback<std::function<void()>> on_stop_;
};

ChildProcess::ChildProcess(const Spec& spec, std::stop_token stop)
    : impl_(std::make_unique<Impl>(spec, std::move(stop))) {}
ChildProcess::~ChildProcess() = default;
ChildProcess::Next ChildProcess::next(std::string& line, std::chrono::steady_clock::time_point until) {
  return impl_->next(line, until);
}
void ChildProcess::wake() {
  impl_->wake();
}
void ChildProcess::write(std::string text) {
  impl_->write(std::move(text));
}
void ChildProcess::close_input() {
  impl_->close_input();
}
void ChildProcess::kill() {
  impl_->kill();
}
int ChildProcess::supervisor() const {
  return impl_->supervisor();
}
int ChildProcess::exit_status() const {
  return impl_->exit_status();
}
const std::string& ChildProcess::error_output() const {
  return impl_->error_output();
}

}  // namespace base
