#include "base/fault.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <exception>
#include <sstream>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"

namespace base {
namespace {

constexpr std::array kSignals = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL};
constexpr std::array kNames = {"SIGSEGV", "SIGABRT", "SIGBUS", "SIGFPE", "SIGILL"};
constexpr const char* kFaultLine = "fault";
constexpr const char* kMemoryLine = "memory-kills";
constexpr std::size_t kStackBytes = 64UL * 1024;
constexpr std::size_t kGuardBytes = 4UL * 1024;

// What the handler needs. Everything is set before it is installed; it may not allocate, lock or throw.
std::atomic<int> mark_fd = -1;
pid_t marked_pid = 0;
pid_t watchdog_pid = 0;  ///< who sends SIGABRT when the watchdog has not been fed; 0: nobody
std::atomic<bool> is_marked = false;
std::atomic<bool> is_uncaught = false;
std::array<struct sigaction, kSignals.size()> previous_actions{};
std::terminate_handler previous_terminate = nullptr;
thread_local std::int64_t thread_work = 0;

/// A line put together without the library, which is not safe in a handler.
class HandlerLine {
 public:
  void add(const char* text) {
    while (*text != '\0' && size_ < bytes_.size()) {
      bytes_[size_++] = *text++;
    }
  }
  void add(std::int64_t number) {
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size() - 1, number);
    *end.ptr = '\0';
    add(digits.data());
  }
  void write_to(int fd) const {
    if (::write(fd, bytes_.data(), size_) < 0) {
      // There is nobody to tell: the death then counts as one from outside.
    }
  }

 private:
  std::array<char, 160> bytes_{};
  std::size_t size_ = 0;
};

bool is_watchdog(int signal, const siginfo_t& info) {
  return signal == SIGABRT && watchdog_pid != 0 && info.si_code == SI_USER && info.si_pid == watchdog_pid;
}

/// Not where another process sent the signal.
bool is_own(const siginfo_t& info) {
  return info.si_code > 0 ||
         ((info.si_code == SI_TKILL || info.si_code == SI_USER) && info.si_pid == marked_pid);
}

void write_mark(const char* cause, bool of_thread) {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  HandlerLine line;
  line.add(kFaultLine);
  line.add(" ");
  line.add(static_cast<std::int64_t>(marked_pid));
  line.add(" ");
  line.add(static_cast<std::int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000);
  line.add(" ");
  line.add(of_thread ? thread_work : std::int64_t{-1});
  line.add(" ");
  line.add(cause);
  line.add("\n");
  line.write_to(mark_fd);
}

void on_fault(int signal, siginfo_t* info, void* /*context*/) {
  const int saved = errno;
  std::size_t at = 0;
  while (at + 1 < kSignals.size() && kSignals.at(at) != signal) {
    ++at;
  }
  // A child between fork and exec has the handler, too.
  if (::getpid() == marked_pid && mark_fd >= 0) {
    const bool watchdog = is_watchdog(signal, *info);
    if ((watchdog || is_own(*info)) && !is_marked.exchange(true)) {
      write_mark(watchdog      ? "the watchdog"
                 : is_uncaught ? "an uncaught exception"
                               : kNames.at(at),
                 !watchdog);
    }
  }
  // How the process ends is decided by what was there before: the default dumps core, a sanitizer reports.
  ::sigaction(signal, &previous_actions.at(at), nullptr);
  if (info->si_code <= 0) {  // else the instruction is carried out again, and fails again
    ::syscall(SYS_tgkill, ::getpid(), ::syscall(SYS_gettid), signal);
  }
  errno = saved;
}

[[noreturn]] void on_terminate() {
  is_uncaught = true;
  previous_terminate();
  std::abort();
}

void install_handlers() {
  marked_pid = ::getpid();
  watchdog_pid = std::getenv("WATCHDOG_USEC") != nullptr ? ::getppid() : 0;
  previous_terminate = std::set_terminate(on_terminate);
  struct sigaction action {};
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    ::sigaction(kSignals.at(i), &action, &previous_actions.at(i));
  }
}

void restore_handlers() {
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    ::sigaction(kSignals.at(i), &previous_actions.at(i), nullptr);
  }
  std::set_terminate(previous_terminate);
}

std::optional<Fault> parse_fault(std::istringstream& words) {
  Fault fault;
  std::int64_t at = 0;
  std::int64_t work = 0;
  if (!(words >> fault.pid >> at >> work)) {
    return std::nullopt;
  }
  std::getline(words >> std::ws, fault.cause);
  fault.at = from_unix_ms(at);
  if (work >= 0) {
    fault.work = work;
  }
  return fault;
}

}  // namespace

FaultMark::FaultMark(std::filesystem::path file)
    : path_(std::move(file)), fd_(::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {
  if (!fd_.valid()) {
    throw std::system_error(errno, std::generic_category(), path_.string());
  }
  std::istringstream lines(read_file(path_));
  std::string line;
  std::string kills;
  std::int64_t pid = 0;
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::string what;
    words >> what;
    if (what == kFaultLine && !left_) {
      left_ = parse_fault(words);
    } else if (what == kMemoryLine) {
      words >> pid;
      std::getline(words >> std::ws, kills);
    }
  }
  if (const auto now = memory_kills(); !left_ && now && rose(kills, *now)) {
    left_ = Fault{"out of memory", pid, SystemClock().now(), std::nullopt};
  }
}

FaultMark::~FaultMark() {
  if (mark_fd == fd_.get()) {
    restore_handlers();
    mark_fd = -1;
  }
  if (::ftruncate(fd_.get(), 0) != 0) {
    // What is left then is the count of kills, which says nothing of a clean end.
  }
}

void FaultMark::begin() {
  if (::ftruncate(fd_.get(), 0) != 0) {
    throw std::system_error(errno, std::generic_category(), path_.string());
  }
  left_.reset();
  mark_fd = fd_.get();
  is_marked = false;
  install_handlers();
  note_memory_kills();
}

void FaultMark::note_memory_kills() {
  const auto now = memory_kills();
  const std::lock_guard lock(mutex_);
  if (now && *now != memory_kills_) {
    memory_kills_ = *now;
    write(std::string(kMemoryLine) + " " + std::to_string(::getpid()) + " " + *now + "\n");
  }
}

void FaultMark::write(const std::string& line) const {
  if (::write(fd_.get(), line.data(), line.size()) < 0) {
    // As in the handler.
  }
}

FaultThread::FaultThread() {
  memory_ =
      ::mmap(nullptr, kStackBytes + kGuardBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory_ == MAP_FAILED) {
    memory_ = nullptr;
    return;
  }
  ::mprotect(memory_, kGuardBytes, PROT_NONE);
  stack_t stack{};
  stack.ss_sp = static_cast<char*>(memory_) + kGuardBytes;
  stack.ss_size = kStackBytes;
  stack_t before{};
  ::sigaltstack(&stack, &before);
  before_ = (before.ss_flags & SS_DISABLE) != 0 ? nullptr : before.ss_sp;
  before_size_ = before.ss_size;
}

FaultThread::~FaultThread() {
  thread_work = 0;
  if (memory_ != nullptr) {
    stack_t stack{};  // a sanitizer wants its own back
    stack.ss_sp = before_;
    stack.ss_size = before_size_;
    stack.ss_flags = before_ == nullptr ? SS_DISABLE : 0;
    ::sigaltstack(&stack, nullptr);
    ::munmap(memory_, kStackBytes + kGuardBytes);
  }
}

std::int64_t FaultThread::works_on(std::int64_t work) {
  const std::int64_t before = thread_work;
  thread_work = work;
  return before;
}

std::int64_t FaultThread::work() {
  return thread_work;
}

}  // namespace base
