#pragma once

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>

namespace base {

/// The configuration or the command line is wrong. The text names file, line and key path and what would be
/// right. Caught in main, which prints it and exits with 2.
class ConfigError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// It did not work now, and the same attempt may work later. Caught by the worker, which tries again.
class TransientError : public std::runtime_error {
 public:
  explicit TransientError(const std::string& what,
                          std::optional<std::chrono::milliseconds> retry_after = std::nullopt);

  /// How long the other side asked us to wait, if it did.
  std::optional<std::chrono::milliseconds> retry_after;
};

/// It will never work as it is. Caught by the worker, which gives the job up and shows it to the admin.
class PermanentError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The program is stopping; the work is given back untouched.
class Stopped : public std::runtime_error {
 public:
  Stopped();
};

/// A system call failed: "what: strerror".
[[noreturn]] void throw_errno(const std::string& what);

}  // namespace base
