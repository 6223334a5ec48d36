#include "bot/texts/patience.h"

#include <cstdint>
#include <utility>

#include <fmt/core.h>

namespace bot::texts {
namespace {

std::string counted(std::int64_t n, const char* unit) {
  return fmt::format("{} {}{}", n, unit, n == 1 ? "" : "s");
}

}  // namespace

std::string patience_in_words(std::chrono::seconds patience) {
  std::string text;
  auto left = patience.count();
  for (const auto& [size, unit] :
       {std::pair<std::int64_t, const char*>{3600, "hour"}, {60, "minute"}, {1, "second"}}) {
    if (left >= size) {
      text += (text.empty() ? "" : " ") + counted(left / size, unit);
      left %= size;
    }
  }
  return text.empty() ? counted(0, "second") : text;
}

std::string roughly_in_words(std::chrono::seconds time) {
  for (const auto& [size, unit] :
       {std::pair<std::int64_t, const char*>{86'400, "day"}, {3600, "hour"}, {60, "minute"}}) {
    if (time.count() >= size) {
      return counted(time.count() / size, unit);
    }
  }
  return counted(time.count(), "second");
}

}  // namespace bot::texts
