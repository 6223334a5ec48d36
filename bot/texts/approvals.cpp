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

std::string with_answer(const std::string& shown, const std::string& line) {
  return fmt::format("{}\n\n**{}**", shown, line);
}

}  // namespace bot::texts
