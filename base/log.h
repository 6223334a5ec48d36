#pragma once

#include <string>
#include <string_view>

#include <fmt/core.h>

namespace base {

enum class LogLevel { debug, info, warning, error };

/// Writes one line to stderr: time, level, text. Every secret given to redact() is replaced in it.
/// Thread rule: any thread.
void log(LogLevel level, std::string_view text);

/// Lines below `level` are dropped. The default is info.
void set_log_level(LogLevel level);

/// From now on `secret` never appears in a line of the log; shorter than six bytes is ignored.
void redact(const std::string& secret);

/// The text with every secret given to redact() replaced by "[secret]".
std::string redacted(std::string_view text);

/// The same for a text that comes piece by piece, of which a secret may be in several. Thread rule: one
/// thread at a time.
class RedactedPieces {
 public:
  /// What of it can be shown now: all but an end that may be the beginning of a secret, which waits for the
  /// next piece. Whole characters, where the pieces are.
  std::string add(std::string_view piece);
  /// Begins anew with another text.
  void clear() { held_.clear(); }

 private:
  std::string held_;
};

template <typename... Args>
void log_debug(fmt::format_string<Args...> format, Args&&... args) {
  log(LogLevel::debug, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void log_info(fmt::format_string<Args...> format, Args&&... args) {
  log(LogLevel::info, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void log_warning(fmt::format_string<Args...> format, Args&&... args) {
  log(LogLevel::warning, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void log_error(fmt::format_string<Args...> format, Args&&... args) {
  log(LogLevel::error, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace base
