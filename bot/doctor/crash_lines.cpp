#include "bot/doctor/crash_lines.h"

#include <fmt/core.h>

#include "store/crash_log.h"

namespace bot::doctor {
namespace {

constexpr std::chrono::hours kTold{7 * 24};
constexpr std::size_t kMostShown = 5;

}  // namespace

std::string crash_lines(store::Database& db, base::Timestamp now, const std::string& timezone) {
  const auto crashes = store::CrashLog(db).since(now - kTold);
  if (crashes.empty()) {
    return {};
  }
  auto text = fmt::format("the program died {} {} of its own fault in seven days", crashes.size(),
                          crashes.size() == 1 ? "time" : "times");
  for (std::size_t i = 0; i < crashes.size() && i < kMostShown; ++i) {
    const auto& crash = crashes[i];
    text += fmt::format("; {}: {}, at work: {}{}", base::format_minute(crash.fault.at, timezone),
                        crash.fault.cause, crash.work.empty() ? "nothing" : crash.work,
                        crash.proven ? " (given up)" : "");
  }
  return text;
}

}  // namespace bot::doctor
