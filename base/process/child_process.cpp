// The only file that includes Boost.Process and Boost.Asio.
#include "base/process/child_process.h"

#include <algorithm>
#include <deque>
#include <optional>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/readable_pipe.hpp>
#include <boost/asio/writable_pipe.hpp>
#include <boost/asio/write.hpp>
#include <boost/process/v2/process.hpp>
#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "base/fd.h"
#include "base/process/program_path.h"
#include "base/process/supervisor.h"

namespace base {
namespace {

namespace asio = boost::asio;
namespace process = boost::process::v2;

constexpr std::size_t kMaxErrorOutput = 64 * 1024;
constexpr std::chrono::seconds kEndWait{5};

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

std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const auto& text : texts) {
    pointers.push_back(const_cast<char*>(text.c_str()));  // not written to; the interface is older than const
  }
  pointers.push_back(nullptr);
  return pointers;
}

/// posix_spawn with the parts that a supervisor needs. Boost's launcher is not used: between fork and exec it
/// calls functions that may wait for a lock which another thread held at the fork (asio's fork hooks
/// allocate), it copies our page tables, and 1.81's can neither set an environment nor keep a descriptor (see
/// docs/decisions/0003-a-supervisor-per-specialist.md).
class Spawn {
 public:
  Spawn() {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
    // A group of its own: what the terminal sends (Ctrl-C) is for us, and we interrupt the child in our own
    // way.
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP);
  }
  ~Spawn() {
    ::posix_spawnattr_destroy(&attributes_);
    ::posix_spawn_file_actions_destroy(&actions_);
  }
  Spawn(const Spawn&) = delete;
  Spawn& operator=(const Spawn&) = delete;

  void map(const base::Fd& fd, int number) {
    check(::posix_spawn_file_actions_adddup2(&actions_, fd.get(), number));
  }
  /// Under its own number: dup2 onto itself takes the close-on-exec flag away (glibc 2.29).
  void keep(const base::Fd& fd) { map(fd, fd.get()); }
  void directory(const std::string& path) {
    check(::posix_spawn_file_actions_addchdir_np(&actions_, path.c_str()));
  }

  pid_t run(const char* program, const std::vector<std::string>& argv,
            const std::vector<std::string>& environment) const {
    pid_t pid = -1;
    check(::posix_spawn(&pid, program, &actions_, &attributes_, pointers_to(argv).data(),
                        pointers_to(environment).data()));
    return pid;
  }

 private:
  static void check(int error) {
    if (error != 0) {
      throw std::system_error(error, std::generic_category(), "cannot start a process");
    }
  }

  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

std::string find_command(const std::string& name, const std::vector<std::string>& environment) {
  std::string path = "/usr/local/bin:/usr/bin:/bin";
  for (const auto& entry : environment) {
    if (entry.starts_with("PATH=")) {
      path = entry.substr(5);
    }
  }
  return find_program(name, path).value_or(name);
}

}  // namespace

class ChildProcess::Impl {
 public:
  Impl(const Spec& spec, std::stop_token stop)
      : output_(context_),
        errors_(context_),
        input_(context_),
        on_stop_(std::move(stop), [this] { asio::post(context_, [this] { stop_seen_ = true; }); }) {
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
    supervisor_ = spawn.run("/proc/self/exe", arguments, spec.environment);
    process_.emplace(context_.get_executor(), supervisor_);
    lifeline_ = std::move(lifeline.write_end);
    input_.assign(input.write_end.release());
    output_.assign(output.read_end.release());
    errors_.assign(errors.read_end.release());
    read_output();
    read_errors();
  }

  ~Impl() {
    kill();
    const auto until = std::chrono::steady_clock::now() + kEndWait;
    std::string ignored;
    while (!ended() && std::chrono::steady_clock::now() < until) {
      lines_.clear();
      read_output();  // next() begins it only after the last line was taken
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
    if (!ended() && std::exchange(woken_, false)) {
      return Next::woken;
    }
    if (!lines_.empty()) {
      line = std::move(lines_.front());
      lines_.pop_front();
      if (lines_.empty()) {
        read_output();  // back-pressure: a flood waits in the pipe, not in our memory
      }
      return Next::line;
    }
    if (ended()) {
      reap();
      return Next::ended;
    }
    return Next::timeout;
  }

  void wake() {
    asio::post(context_, [this] { woken_ = true; });
  }

  void write(std::string text) {
    pending_input_.push_back(std::move(text));
    if (pending_input_.size() == 1) {
      write_input();
    }
  }

  void close_input() {
    close_when_written_ = true;
    if (pending_input_.empty()) {
      close(input_);
    }
  }

  /// Not by closing it: another thread may do this, too.
  void kill() { ::shutdown(lifeline_.get(), SHUT_RDWR); }

  int exit_status() const { return exit_status_; }
  const std::string& error_output() const { return error_text_; }
  int supervisor() const { return supervisor_; }

 private:
  /// Without a timer: to set one and to take it back is more than half of what a short answer costs.
  void wait(std::chrono::steady_clock::time_point until) {
    context_.restart();
    bool had_to_wait = false;
    while (lines_.empty() && !ended() && !woken_ && !(stop_seen_ && !stop_reported_) &&
           std::chrono::steady_clock::now() < until) {
      context_.run_one_until(until);
      had_to_wait = true;
    }
    if (!had_to_wait) {
      context_.poll();  // lines that are there, or no time, must not hide a stop or the end
    }
  }

  bool ended() const { return output_ended_ && errors_ended_; }

  template <typename Pipe>
  static void close(Pipe& pipe) {
    boost::system::error_code ignored;
    pipe.close(ignored);
  }

  void read_output() {
    if (output_ended_ || reading_output_) {
      return;
    }
    reading_output_ = true;
    output_.async_read_some(asio::buffer(output_buffer_),
                            [this](boost::system::error_code ec, std::size_t size) {
                              reading_output_ = false;
                              take_output({output_buffer_, size});
                              if (ec) {
                                if (!partial_.empty()) {
                                  lines_.push_back(std::exchange(partial_, {}));
                                }
                                output_ended_ = true;
                              } else if (lines_.empty()) {
                                read_output();
                              }
                            });
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
    errors_.async_read_some(asio::buffer(errors_buffer_),
                            [this](boost::system::error_code ec, std::size_t size) {
                              error_text_.append(errors_buffer_, size);
                              if (error_text_.size() > 2 * kMaxErrorOutput) {
                                error_text_.erase(0, error_text_.size() - kMaxErrorOutput);
                              }
                              if (ec) {
                                errors_ended_ = true;
                              } else {
                                read_errors();
                              }
                            });
  }

  void write_input() {
    asio::async_write(input_, asio::buffer(pending_input_.front()),
                      [this](boost::system::error_code ec, std::size_t) {
                        if (ec) {
                          pending_input_.clear();
                        } else {
                          pending_input_.pop_front();
                        }
                        if (!pending_input_.empty()) {
                          write_input();
                        } else if (close_when_written_ || ec) {
                          close(input_);
                        }
                      });
  }

  void reap() {
    if (!process_) {
      return;
    }
    boost::system::error_code ignored;
    if (!ended()) {
      process_->terminate(ignored);
    }
    exit_status_ = process_->wait(ignored);
    process_.reset();
  }

  asio::io_context context_{1};
  asio::readable_pipe output_;
  asio::readable_pipe errors_;
  asio::writable_pipe input_;
  std::optional<process::process> process_;
  pid_t supervisor_ = -1;
  base::Fd lifeline_;
  char output_buffer_[64 * 1024];
  char errors_buffer_[8 * 1024];
  std::string partial_;
  std::deque<std::string> lines_;
  std::string error_text_;
  std::deque<std::string> pending_input_;
  bool close_when_written_ = false;
  bool reading_output_ = false;
  bool output_ended_ = false;
  bool errors_ended_ = false;
  bool woken_ = false;
  bool stop_seen_ = false;
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

std::optional<Finished> run_to_end(const ChildProcess::Spec& spec, std::chrono::seconds timeout) {
  ChildProcess child(spec, {});
  child.close_input();
  const auto until = std::chrono::steady_clock::now() + timeout;
  std::string output;
  std::string line;
  while (true) {
    switch (child.next(line, until)) {
      case ChildProcess::Next::line:
        output += line + "\n";
        break;
      case ChildProcess::Next::ended:
        return Finished{child.exit_status(), std::move(output), child.error_output()};
      case ChildProcess::Next::timeout:
        return std::nullopt;
      case ChildProcess::Next::stopped:
      case ChildProcess::Next::woken:
        break;  // nobody does
    }
  }
}

}  // namespace base
