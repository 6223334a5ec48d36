#include "bot/texts/approvals.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

namespace bot::texts {
namespace {

constexpr const char* kDeadline = "\n\nWithout an answer within ";

std::string by(const char* what, const std::string& name) {
  return name.empty() ? what : fmt::format("{} by {}", what, name);
}

std::string said_by(const char* word, const std::string& name) {
  return name.empty() ? fmt::format("{}.", word) : fmt::format("{}, says {}.", word, name);
}

}  // namespace

std::string permission_request(const std::string& project, const std::string& action,
                               const std::string& scope, const std::string& patience,
                               const std::string& approvers) {
  auto text = fmt::format("*{}* wants to {}", project, action);
  text += scope.empty() ? "" : "\n\nAllowing it for this task covers: " + scope + ".";
  text += fmt::format("{}{} it is denied.", kDeadline, patience);
  text += approvers.empty() ? "" : fmt::format(" Only {} can allow it.", approvers);
  return text;
}

std::string without_deadline(const std::string& shown) {
  return shown.substr(0, shown.rfind(kDeadline));
}

std::string question(const std::string& project, const std::string& text) {
  return fmt::format("*{}* asks: {}", project, text);
}

std::string how_to_answer(const std::string& question, bool several) {
  return fmt::format("{}\n\nPress a button or write your answer{}.", question,
                     several ? "; separate several with commas" : "");
}

std::string plan(const std::string& project, const std::string& plan, const std::string& approvers) {
  return fmt::format(
      "*{}* has a plan:\n\n{}\n\nShall it go ahead? To change the plan, press Change or write what should be "
      "different.{}",
      project, plan, approvers.empty() ? "" : fmt::format(" Only {} can say Go.", approvers));
}

std::string allowed_once(const std::string& name) {
  return by("Allowed once", name) + ".";
}

std::string allowed_for_task(const std::string& name) {
  return by("Allowed for this task", name) + ".";
}

std::string allowed_changed(const std::string& name) {
  return by("Allowed once", name) + ", changed to:";
}

std::string holds_for_task(const std::vector<std::string>& rules) {
  return rules.empty()
             ? "Holds for the whole task, also after a restart."
             : fmt::format("Holds for the whole task, also after a restart: {}", fmt::join(rules, ", "));
}

std::string in_place_of(const std::string& asked_for) {
  return fmt::format("(changed by a person; asked for was: {})", asked_for);
}

std::string denied(const std::string& name) {
  return by("Denied", name) + ".";
}

std::string plan_accepted(const std::string& name) {
  return said_by("Go", name);
}

std::string plan_stopped(const std::string& name) {
  return said_by("Stopped", name);
}

std::string unanswered(const std::string& patience) {
  return fmt::format("No answer within {}: denied.", patience);
}

std::string numbered_question(int number, const std::string& question) {
  return fmt::format("**Question {0}** (by its buttons, or: yes {0}, no {0})\n\n{1}", number, question);
}

std::string listed_question(int number, const std::string& what) {
  return fmt::format("- **{}**: {}\n", number, what);
}

std::string no_such_question(int number, const std::string& lines) {
  return fmt::format("No question {} is open. These are:\n\n{}\nNothing was done.", number, lines);
}

std::string no_question_there(const std::string& lines) {
  return fmt::format(
      "The message that you replied to asks nothing, so nothing was done. This is open:\n\n{}\nTo answer it, use its "
      "buttons, or write yes or no with its number (yes 1).",
      lines);
}

std::string which_question(const std::string& lines, std::size_t more) {
  return fmt::format(
      "Several questions are waiting for you, and I do not guess which one you mean:\n\n{}{}\nPlease use the buttons "
      "under the one that you mean, write yes or no with its number (yes 2), or reply to its message with yes or no. "
      "Nothing was done.",
      lines, more == 0 ? "" : fmt::format("- and {} more\n", more));
}

std::string question_of_task(const std::string& what) {
  return fmt::format("a task for the specialist: {}", what);
}

std::string question_of_specialist(const std::string& what) {
  return fmt::format("what the specialist asks for: {}", what);
}

std::string with_answer(const std::string& shown, const std::string& line) {
  return fmt::format("{}\n\n**{}**", shown, line);
}

}  // namespace bot::texts
