#include "bot/platforms/shared/signed_time.h"

#include <charconv>
#include <chrono>
#include <cstdint>

#include <fmt/core.h>

namespace bot::shared {
namespace {

constexpr std::int64_t kTolerance = std::chrono::seconds(std::chrono::minutes(5)).count();

}  // namespace

std::optional<std::string> signed_time_problem(std::string_view header, std::string_view timestamp,
                                               base::Timestamp now) {
  std::int64_t seconds = 0;
  const auto* end = timestamp.data() + timestamp.size();
  if (const auto parsed = std::from_chars(timestamp.data(), end, seconds);
      parsed.ec != std::errc() || parsed.ptr != end) {
    return fmt::format("The header {} is not a number of seconds.", header);
  }
  const auto now_s = base::to_unix_ms(now) / 1000;
  if (seconds < now_s - kTolerance || seconds > now_s + kTolerance) {
    return fmt::format("The header {} is more than five minutes away from now.", header);
  }
  return std::nullopt;
}

}  // namespace bot::shared
