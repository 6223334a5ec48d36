#include "bot/runs/specialist_prompts.h"

#include "bot/texts/patience.h"

namespace bot::runs {
namespace {

/// Not worth a word to a specialist: nobody did anything in its folder meanwhile.
constexpr std::chrono::minutes kMomentAgo{1};

std::string what_to_continue(const std::string& task) {
  return "Look at what is already done, continue where you left off and finish the task. The task was:\n\n" +
         task;
}

}  // namespace

std::string specialist_system_prompt() {
  return "You work for somebody who reads your final answer in a chat and cannot see your screen. Work only in this "
         "folder. End with a short, truthful report: what you did, how to use it, what you checked and what you did "
         "not check. Ask only when the answer changes what you do and you cannot guess it: a person answers in the "
         "chat, and that takes a while. Otherwise make a sensible choice and mention it in the report. The task lasts "
         "until nothing runs in the background any more: stop what does not end by itself, such as a server, before "
         "you finish.";
}

std::string continue_prompt(const std::string& task) {
  return "Your earlier run was interrupted. " + what_to_continue(task);
}

std::string restarted_prompt(const std::string& task, std::chrono::seconds ago) {
  const auto when = ago > kMomentAgo ? ", " + texts::roughly_in_words(ago) + " ago" : std::string();
  return "You were interrupted by a restart of the program" + when + ". " + what_to_continue(task);
}

std::string answered_before(const std::string& paragraphs) {
  return "\n\nBefore you were interrupted, the person in the chat had answered what you asked:" + paragraphs;
}

std::string accepted_plan(const std::string& plan) {
  return "\n\nYour plan was accepted. Carry it out; do not ask about it again. It was:\n\n" + plan;
}

std::string answered_question(const std::string& question, const std::string& answer) {
  return "\n\nYou asked: " + question + "\nThe answer: " + answer;
}

std::string denied_reply() {
  return "The answer was no.";
}

std::string unanswered_reply() {
  return "Nobody answered in time. Go on without it and say so in your report.";
}

std::string too_many_requests_reply() {
  return "Too many requests wait for a person already. Go on without it and say so in your report.";
}

std::string change_plan_reply(const std::string& wish) {
  return "The person in the chat wants the plan changed: " + wish;
}

}  // namespace bot::runs
