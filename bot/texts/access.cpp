#include "bot/texts/access.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include <fmt/core.h>

#include "base/utf8.h"
#include "bot/markup/literal_markdown.h"

namespace bot::texts {
namespace {

constexpr std::size_t kMostWordsShown = 80;
constexpr int kMostLines = 10;
constexpr std::string_view kAndMore = "\n- and ";

}  // namespace

std::string also_not_taken(const std::string& told, const std::string& words) {
  auto text = told == kTooManyWaiting ? told + "\n\nNor did I take:\n" : told;
  int more = 0;
  if (const auto at = text.rfind(kAndMore); at != std::string::npos) {
    const auto* const number = text.data() + at + kAndMore.size();
    if (std::from_chars(number, text.data() + text.size(), more).ec == std::errc() &&
        text.ends_with(fmt::format("{}{} more", kAndMore, more))) {
      text.resize(at);
    } else {
      more = 0;
    }
  }
  const auto line = base::ellipsize(base::one_line(words), kMostWordsShown);
  if (more == 0 && !line.empty() && std::ranges::count(text, '\n') < kMostLines + 3) {
    return text + "\n- " + markup::literal_markdown(line);
  }
  return fmt::format("{}{}{} more", text, kAndMore, more + 1);
}

std::string pairing_code(const std::string& code, bool admins_can_pair) {
  return fmt::format(
      "I don't know you yet. Ask the operator to run `frontdesk pair {}`{}. The code is valid for one hour.",
      code, admins_can_pair ? fmt::format(", or an admin to send me `/pair {}`", code) : "");
}

std::string not_on_list(const std::string& user_id) {
  return fmt::format("You are not on the list of people who can use me here. Ask the operator to add `{}`.",
                     user_id);
}

std::string admitted(const std::string& person, const std::string& name, const std::string& group) {
  return fmt::format("{}{} is admitted{}.", person, name.empty() ? "" : " (" + name + ")",
                     group.empty() ? "" : " in the group " + group);
}

std::string any_of(std::vector<std::string> names, std::size_t most) {
  if (names.size() > most) {
    names.resize(most);
    names.emplace_back("others");
  }
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    text += (i == 0 ? "" : i + 1 == names.size() ? " or " : ", ") + names[i];
  }
  return text;
}

std::string only_they_can_answer(const std::string& names) {
  return fmt::format("Only {} can answer this.", names);
}

std::string only_they_can_judge(const std::string& names) {
  return fmt::format("Only {} can say whether this was right.", names);
}

std::string only_they_can_stop(const std::string& names) {
  return fmt::format("Only {} can stop this.", names);
}

std::string only_they_can_allow(const std::string& approvers) {
  return fmt::format("You can deny this, but only {} can allow it.", approvers);
}

std::string only_they_can_raise(const std::string& approvers) {
  return approvers.empty() ? std::string("Only an approver can raise a budget.")
                           : fmt::format("Only {} can raise a budget.", approvers);
}

std::string only_they_were_asked(const std::string& name) {
  return fmt::format("Only {} can answer this question.", name);
}

}  // namespace bot::texts
