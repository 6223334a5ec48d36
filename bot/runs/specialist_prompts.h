#pragma once

#include <chrono>
#include <string>

namespace bot::runs {

// What the program itself says to a specialist. It is read by a model, not shown in a chat.

/// Comes before every task.
std::string specialist_system_prompt();

/// The task again, where a person has an interrupted run continued.
std::string continue_prompt(const std::string& task);
/// The task again, where the program goes on with it after its own restart, which cut it so long ago.
std::string restarted_prompt(const std::string& task, std::chrono::seconds ago);
/// What stands behind the task in both cases, where the person answered something that the specialist may
/// not have heard of: paragraphs as of the two functions below.
std::string answered_before(const std::string& paragraphs);
std::string accepted_plan(const std::string& plan);
std::string answered_question(const std::string& question, const std::string& answer);

/// Answers to what the specialist asked, where a person did not allow it as it was asked.
std::string denied_reply();
std::string unanswered_reply();
std::string too_many_requests_reply();
std::string change_plan_reply(const std::string& wish);

}  // namespace bot::runs
