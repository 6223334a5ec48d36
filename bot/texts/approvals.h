#pragma once

#include <optional>
#include <string>
#include <vector>

namespace bot::texts {

// What is said when the specialist asks something while it works. Names of people are Markdown.

/// `action` is what it wants to do, as Markdown: "run this command: …". `scope`: what allowing it for the
/// task covers, as Markdown; empty where that is not offered. `approvers` is empty where whoever ordered the
/// task can allow it.
std::string permission_request(const std::string& project, const std::string& action,
                               const std::string& scope, const std::string& patience,
                               const std::string& approvers);
/// A request as it was shown, without the part about the time that is left.
std::string without_deadline(const std::string& shown);

std::string question(const std::string& project, const std::string& text);
/// `several`: whether several answers may be given.
std::string how_to_answer(const std::string& question, bool several);
std::string plan(const std::string& project, const std::string& plan, const std::string& approvers);

// What is added to a request when it is settled.
std::string allowed_once(const std::string& name);
std::string allowed_for_task(const std::string& name);
/// Before the command that was allowed instead.
std::string allowed_changed(const std::string& name);
/// Behind the command that ran: the one that the specialist had asked for.
/// Of leave for the whole task, in the log: its rules, as the configuration names them. None where it covers
/// just what was asked.
std::string holds_for_task(const std::vector<std::string>& rules);
std::string in_place_of(const std::string& asked_for);
std::string denied(const std::string& name);
/// Without a name where it was the person who ordered the task.
std::string plan_accepted(const std::string& name);
std::string plan_stopped(const std::string& name);
inline constexpr const char* kPlanToBeChanged = "To be changed.";
std::string unanswered(const std::string& patience);
inline constexpr const char* kNotNeeded = "No longer needed.";
inline constexpr const char* kNotNeededEnded = "No longer needed: the task has ended.";
inline constexpr const char* kNotNeededRestarted = "No longer needed: the task was restarted.";
inline constexpr const char* kExpiredByRestart = "Expired: the bot was restarted.";

// What answers a person.
inline constexpr const char* kPassedOn = "Passed on to the specialist.";
inline constexpr const char* kWriteChange = "Write what should be different.";
inline constexpr const char* kNotChangeable = "This can only be allowed as it is, or denied.";
inline constexpr const char* kCommandTooLong = "This command is too long.";
inline constexpr const char* kYesOrNo = "Please answer yes or no, or use the buttons.";
inline constexpr const char* kOnlyDenied =
    "This can only be denied, because it is too long to be shown in full.";
inline constexpr const char* kWhichQuestion =
    "Several questions are waiting for you, and I can't tell which one you mean. Please use the buttons.";
/// A question that shows its number, since others are open beside it.
std::string numbered_question(int number, const std::string& question);
/// "2: `send_email` of mail", in the list of which_question().
std::string listed_question(int number, const std::string& what);
/// To "yes 2" where no question with that number is open; `lines` as below.
std::string no_such_question(int number, const std::string& lines);
/// To a yes or no that replies to a message that asks nothing; `lines` as below.
std::string no_question_there(const std::string& lines);
/// The same to yes or no, with what they are: `lines` is a list; `more`: how many it leaves out.
std::string which_question(const std::string& lines, std::size_t more);
/// In that list: the question whether a specialist gets a task, and one of a specialist's own.
std::string question_of_task(const std::string& what);
std::string question_of_specialist(const std::string& what);
inline constexpr const char* kNoLongerWaiting = "The specialist is no longer waiting for this.";
inline constexpr const char* kSettled = "This has already been settled.";
inline constexpr const char* kOldButton = "This button is out of date: that has already been settled.";
inline constexpr const char* kUnknownButton = "I don't know this button.";

// Below a question of the secretary that is no longer open.
inline constexpr const char* kAnsweredYes = "Yes.";
inline constexpr const char* kAnsweredNo = "No.";
inline constexpr const char* kOverByNew = "Over: you began a new conversation.";
inline constexpr const char* kNotAnsweredInTime = "Not answered in time.";

/// A message of ours with that line below it.
std::string with_answer(const std::string& shown, const std::string& line);

}  // namespace bot::texts
