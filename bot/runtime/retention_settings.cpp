#include "bot/runtime/retention_settings.h"

#include <charconv>

#include <fmt/core.h>

namespace bot::runtime {
namespace {

constexpr std::uint64_t kMiB = 1024ULL * 1024;
constexpr std::int64_t kLeastMb = 16;
constexpr std::int64_t kMostMb = 100'000'000;
constexpr int kMostDays = 36'500;

/// "365d", a whole number of days.
std::optional<std::chrono::hours> days(config::Section& section, const std::string& key) {
  const auto text = section.optional_string(key);
  if (!text) {
    return std::nullopt;
  }
  int count = 0;
  const auto* end = text->data() + text->size();
  const auto [stopped, error] = std::from_chars(text->data(), end, count);
  if (error != std::errc() || stopped + 1 != end || *stopped != 'd' || count < 1 || count > kMostDays) {
    section.fail(
        key, fmt::format("\"{}\" is no number of days from 1d to {}d, such as \"365d\"", *text, kMostDays));
  }
  return std::chrono::hours(24 * count);
}

}  // namespace

RetentionSettings read_retention(config::Section section) {
  RetentionSettings retention{days(section, "messages"), days(section, "events")};
  const auto database_mb = section.integer("database_mb", kLeastMb, kLeastMb, kMostMb);
  if (section.has("database_mb")) {
    retention.database_bytes = static_cast<std::uint64_t>(database_mb) * kMiB;
  }
  section.finish();
  return retention;
}

}  // namespace bot::runtime
