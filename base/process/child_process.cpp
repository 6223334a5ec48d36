// The only file that includes Boost.Process and Boost.Asio.
#include "base/process/child_process.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <optional>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/readable_pipe.hpp>
#include <boost/asio/writable_pipe.hpp>
#include <boost/asio/write.hpp>
#include <boost/process/v2/process.hpp>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "base/fd.h"
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
        lifeline_(context_),
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
    supervisor_ = start_own_child([&] { return spawn.run("/proc/self/exe", arguments, spec.environment); });
    process_.emplace(context_.get_executor(), supervisor_);
    lifeline_.assign(lifeline.write_end.release());
    input_.assign(input.write_end.release());
    output_.assign(output.read_end.release());
    errors_.assign(errors.read_end.release());
    read_output();
    read_errors();
    watch_supervisor();
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
  void kill() {
    killed_ = true;
    ::shutdown(lifeline_.native_handle(), SHUT_RDWR);
  }

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

  /// Its end of the lifeline closes when it ends. Where it was killed, what is left of its tree may keep the
  /// pipes open, and works on.
  void watch_supervisor() {
    lifeline_.async_wait(asio::posix::stream_descriptor::wait_read, [this](boost::system::error_code ec) {
      if (!ec && !killed_ && process_ && own_child_was_killed(supervisor_)) {
        end_adopted_children();
      }
    });
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

  asio::io_context context_{1};
  asio::readable_pipe output_;
  asio::readable_pipe errors_;
  asio::writable_pipe input_;
  asio::posix::stream_descriptor lifeline_;
  pid_t supervisor_ = -1;
  std::optional<process::process> process_;
  std::atomic<bool> killed_ = false;
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
