#include "bot/platforms/shared/ids.h"

#include <algorithm>

namespace bot::shared {

std::optional<std::string> any_id_problem(std::string_view id, chat::IdOf /*of*/) {
  return id.empty() ? std::optional<std::string>("is empty") : std::nullopt;
}

bool is_number(std::string_view text) {
  constexpr std::size_t kMaxDigits = 20;
  return !text.empty() && text.size() <= kMaxDigits && text.front() != '0' &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace bot::shared
