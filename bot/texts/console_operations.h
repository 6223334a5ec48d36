#pragma once

#include <chrono>
#include <string>

namespace bot::texts {

// What the console's API answers about the program's operation.

std::string unknown_action(const std::string& action);
std::string unknown_value(const std::string& name, const std::string& allowed);

inline constexpr const char* kSettledAlready = "Somebody has settled this already.";
inline constexpr const char* kClickedAlready = "This was pressed a moment ago and is being done.";
inline constexpr const char* kQuestionGone = "The question is no longer open.";
inline constexpr const char* kIsBlocked =
    "This person is blocked and has no role; let them write again first.";
inline constexpr const char* kForOperators = "Operators and admins see what it says.";
inline constexpr const char* kTextMissing = "Say what is meant: the member \"text\" is missing.";
inline constexpr const char* kNoSuchPerson = "Nobody of that id has written yet.";
inline constexpr const char* kNoPairing = "That person does not wait to be admitted.";
inline constexpr const char* kConfirmErase =
    "Repeat the person's id in \"confirm\": this takes out all that they wrote, for good.";
inline constexpr const char* kArrivedNotDouble =
    "That message is shown; only an empty placeholder may stand beside it.";
inline constexpr const char* kNotUncertain = "That delivery is not in doubt.";
inline constexpr const char* kNotDead = "That delivery was not given up, or somebody has put it away.";
inline constexpr const char* kNotSentAgain =
    "It cannot be sent again: it is being delivered now, or its words were taken out.";
inline constexpr const char* kGivenUpInConsole = "This was left undone, because it made the program crash.";
inline constexpr const char* kCheckRuns = "The checks run already.";

// Of a person. `key` is that of the configuration: "chat.tg.admins".
std::string role_in_file(const std::string& role, const std::string& key);
std::string listed_in_file(const std::string& keys);
std::string no_answer_yet(std::chrono::seconds since);
/// `what`: "d-17", "a message".
std::string cannot_erase_now(const std::string& what);

// Titles in the inbox.
inline constexpr const char* kAsksWhetherToDispatch = "The secretary asked whether a specialist should do it";
inline constexpr const char* kAsksPermission = "A specialist asks for permission";
inline constexpr const char* kAsksQuestion = "A specialist asks a question";
inline constexpr const char* kProposesPlan = "A specialist proposes a plan";
inline constexpr const char* kMayBeMissing = "Nobody can tell whether this arrived";
inline constexpr const char* kMayBeDouble = "An empty placeholder may be left over in the chat";
std::string asks_whether_to_call(const std::string& tool, const std::string& server);
std::string may_be_done(const std::string& tool, const std::string& server);
inline constexpr const char* kWaitsForPairing = "Waits to be admitted";
inline constexpr const char* kSuspect = "The program died while this ran";
inline constexpr const char* kDied = "The program died of its own fault";
inline constexpr const char* kBudgetShare = "A budget is being used up";

// Actions in the inbox.
inline constexpr const char* kItArrived = "It arrived";
inline constexpr const char* kSendItAgain = "Send again";
inline constexpr const char* kAdmit = "Admit";
inline constexpr const char* kRefuse = "Refuse";
inline constexpr const char* kGiveUpJob = "Give it up";
inline constexpr const char* kPutAway = "Put away";
inline constexpr const char* kAnswerInWords = "Answer";

/// "80 % of the budget for the day, $16.00 of $20.00".
std::string share_spent(const std::string& budget, double share, double spent, double limit);

}  // namespace bot::texts
