#include "bot/chat/chat_ids.h"

#include <algorithm>

namespace bot::chat {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Digits of at most 64 bits, not beginning with 0.
bool is_number(std::string_view text) {
  constexpr std::size_t kMaxDigits = 20;
  return !text.empty() && text.size() <= kMaxDigits && text.front() != '0' &&
         std::all_of(text.begin(), text.end(), is_digit);
}

}  // namespace

std::optional<std::string> any_id_problem(std::string_view id, IdOf /*of*/) {
  return id.empty() ? std::optional<std::string>("is empty") : std::nullopt;
}

std::optional<std::string> telegram_id_problem(std::string_view id, IdOf of) {
  const bool negative = id.starts_with('-');
  if (!is_number(id.substr(negative ? 1 : 0))) {
    return "is no id: numeric ids only, because user names change hands";
  }
  if (of == IdOf::person && negative) {
    return "is the id of a group, and a person's is meant; groups are listed in \"groups\"";
  }
  if (of == IdOf::group && !negative) {
    return "is the id of a person, and a group's is meant, which begins with -";
  }
  return std::nullopt;
}

std::optional<std::string> slack_id_problem(std::string_view id, IdOf of) {
  const std::string_view first = of == IdOf::person ? "UW" : "CG";
  const bool plain =
      id.size() > 1 && first.find(id.front()) != std::string_view::npos &&
      std::all_of(id.begin(), id.end(), [](char c) { return is_digit(c) || (c >= 'A' && c <= 'Z'); });
  if (plain) {
    return std::nullopt;
  }
  return of == IdOf::person ? "is no id of a person: ids only, such as U012ABCDEF, because names change hands"
                            : "is no id of a channel: ids only, such as C012ABCDEF";
}

std::optional<std::string> discord_id_problem(std::string_view id, IdOf /*of*/) {
  return is_number(id)
             ? std::nullopt
             : std::optional<std::string>(
                   "is no id: numeric ids only, because names change hands; Discord's developer mode "
                   "has \"Copy ID\"");
}

}  // namespace bot::chat
