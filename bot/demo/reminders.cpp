#include "bot/demo/reminders.h"

#include <array>
#include <charconv>

#include "base/rfc3339.h"
#include "base/utf8.h"
#include "bot/demo/words.h"

namespace bot::demo {
namespace {

constexpr std::array<std::string_view, 13> kNumbers = {"zero", "one",    "two",   "three", "four",
                                                       "five", "six",    "seven", "eight", "nine",
                                                       "ten",  "eleven", "twelve"};

std::optional<int> number(const std::string& word) {
  if (word == "a" || word == "an") {
    return 1;
  }
  for (std::size_t i = 0; i < kNumbers.size(); ++i) {
    if (word == kNumbers.at(i)) {
      return static_cast<int>(i);
    }
  }
  int value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  return error == std::errc() && end == word.data() + word.size() && value > 0 && value < 10'000
             ? std::optional(value)
             : std::nullopt;
}

std::optional<std::chrono::seconds> unit(const std::string& word) {
  constexpr std::array<std::pair<std::string_view, int>, 7> kUnits = {{{"second", 1},
                                                                       {"sec", 1},
                                                                       {"minute", 60},
                                                                       {"min", 60},
                                                                       {"hour", 3600},
                                                                       {"day", 86'400},
                                                                       {"week", 604'800}}};
  for (const auto& [name, seconds] : kUnits) {
    if (word == name || word == std::string(name) + "s") {
      return std::chrono::seconds(seconds);
    }
  }
  return std::nullopt;
}

/// "two minutes" at that place.
std::optional<std::chrono::seconds> length_at(const std::vector<std::string>& list, std::size_t i) {
  const auto count = i + 1 < list.size() ? number(list[i]) : std::nullopt;
  const auto length = count ? unit(list[i + 1]) : std::nullopt;
  return length ? std::optional(*count * *length) : std::nullopt;
}

/// "in two minutes", "in one hour, 20 minutes and 30 seconds", "in an hour and a half" among the words.
std::optional<std::chrono::seconds> delay_in(const Words& words) {
  const auto& list = words.list();
  for (std::size_t i = 0; i < list.size(); ++i) {
    auto delay = list[i] == "in" ? length_at(list, i + 1) : std::nullopt;
    if (!delay) {
      continue;
    }
    for (auto at = i + 3; at < list.size(); at += 2) {
      const auto last = unit(list[at - 1]);
      at += list[at] == "and" ? 1 : 0;
      if (last && at + 1 < list.size() && list[at] == "a" && list[at + 1] == "half") {
        return *delay + *last / 2;
      }
      const auto further = length_at(list, at);
      if (!further) {
        break;
      }
      *delay += *further;
    }
    return delay;
  }
  return std::nullopt;
}

/// What stands behind "to", without a time behind it.
std::string what_in(std::string_view text) {
  const auto lower = base::ascii_lower(text);
  const auto to = lower.find(" to ");
  if (to == std::string::npos) {
    return {};
  }
  auto what = text.substr(to + 4);
  if (const auto in = base::ascii_lower(what).rfind(" in ");
      in != std::string::npos && delay_in(Words(what.substr(in)))) {
    what = what.substr(0, in);
  }
  while (!what.empty() && (what.back() == '.' || what.back() == '!' || what.back() == ' ')) {
    what.remove_suffix(1);
  }
  return std::string(base::trim(what));
}

}  // namespace

std::optional<Turn> remind(std::string_view text, base::Timestamp now) {
  const Words words(text);
  if (words.has_any(
          {"my reminders", "what reminders", "which reminders", "any reminders", "list reminders"})) {
    return Turn{"", "list_reminders", {}};
  }
  if (!words.has("remind me")) {
    return std::nullopt;
  }
  const auto delay = delay_in(words);
  const auto what = what_in(text);
  if (!delay || what.empty()) {
    return Turn{
        "As a scripted demo I understand reminders such as \"remind me in two minutes to stretch\". `/reminders` "
        "lists those that are set.",
        {},
        {}};
  }
  return Turn{"", "set_reminder", {{"text", what}, {"at", base::format_rfc3339(now + *delay)}}};
}

std::string reminder_set(std::string_view result) {
  constexpr std::string_view kBegin = "Set for ";
  const auto end = result.find("). ");
  return result.starts_with(kBegin) && end != std::string_view::npos
             ? "I'll remind you at " + std::string(result.substr(kBegin.size(), end + 1 - kBegin.size())) +
                   ". `/reminders` shows what is set."
             : std::string(result);
}

}  // namespace bot::demo
