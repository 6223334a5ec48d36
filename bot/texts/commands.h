#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bot::texts {

// What commands are for, and what they answer. In an answer a command stands as "`/status`", so that it can
// be spelled as the chat service needs it.

/// How a command is written (what is in brackets may be left out) and what it does. A chat service may show
/// only 100 bytes of the latter.
struct CommandText {
  std::string_view usage;
  std::string_view help;
};
inline constexpr CommandText kDispatchCommand = {
    "/dispatch TEXT", "give TEXT to the specialist right away; begin with a project's name to continue it"};
inline constexpr CommandText kAnswerCommand = {"/answer TEXT", "get a quick answer, without the specialist"};
inline constexpr CommandText kStatusCommand = {"/status", "what is running and what is waiting"};
inline constexpr CommandText kProjectsCommand = {"/projects", "the projects of this chat"};
inline constexpr CommandText kFileCommand = {
    "/file [PROJECT] PATH", "send a file from a project of this chat, or from the one used last"};
inline constexpr CommandText kCancelCommand = {"/cancel [PROJECT]",
                                               "stop the task in a project, or all tasks in this chat"};
inline constexpr CommandText kNewCommand = {"/new", "start a new conversation; projects are kept"};
inline constexpr CommandText kWhoamiCommand = {"/whoami", "your id and your role here"};
inline constexpr CommandText kWhyCommand = {"/why",
                                            "why your last message was answered, asked about or handed over"};
inline constexpr CommandText kMemoryCommand = {"/memory [PAGE]",
                                               "what I remember for you, with buttons to delete it"};
inline constexpr CommandText kSearchCommand = {"/search WORDS", "find again what was said in this chat"};
inline constexpr CommandText kRemindersCommand = {"/reminders [NUMBER]",
                                                  "what I remind you of, to put off, change or delete"};
inline constexpr CommandText kTimezoneCommand = {"/timezone [ZONE]",
                                                 "your time zone, or another one such as Asia/Kolkata"};
inline constexpr CommandText kPairCommand = {"/pair CODE",
                                             "for admins: admit the person who was shown this code"};
inline constexpr CommandText kHelpCommand = {"/help", "this list"};

/// The answer to /help.
std::string help(const std::vector<CommandText>& commands);
/// `nearest` is a command, without its slash.
std::string unknown_command(const std::string& word, const std::optional<std::string>& nearest);

inline constexpr const char* kTaskMissing =
    "Add the task after the command, for example `/dispatch build me a small web page`.";
std::string task_missing(const std::string& project);
inline constexpr const char* kQuestionMissing =
    "Add your question after the command, for example `/answer what is a mutex?`.";
inline constexpr const char* kCodeMissing =
    "Add the code that the person was shown after the command, for example `/pair ABCD-EFGH`.";
inline constexpr const char* kFileMissing =
    "Add the file after the command: `/file report.pdf` for the project used last, or `/file my-project "
    "report.pdf`.";

/// The answers to /timezone; `time` is what the clocks show there.
std::string time_zone(const std::string& zone, bool is_own, const std::string& time);
std::string time_zone_set(const std::string& zone, const std::string& time);
std::string time_zone_unset(const std::string& zone, const std::string& time);
std::string no_time_zone(const std::string& words);

inline constexpr const char* kNewConversation =
    "This is a new conversation: I no longer see what was said before. Your projects are still there.";

/// `name` is Markdown; empty where none is known.
struct Whoami {
  std::string person;
  std::string name;
  std::string chat;
  std::string role;
  std::string group;  ///< its id; empty in direct messages
};
std::string whoami(const Whoami& who);

// The lines of /status.
std::string running_for(const std::string& project, const std::string& duration);
std::string waits_for_your_answer(const std::string& call);
inline constexpr const char* kInAnotherThread = " (asked for in another thread)";
inline constexpr const char* kAnswerUnderWay = "- An answer is being worked on";
inline constexpr const char* kNothingRunning = "Nothing is running or waiting in this chat.";

// The answers to /projects; `state` is one of the next three.
std::string project_line(const std::string& project, const std::string& description, const std::string& state,
                         const std::string& last_used);
inline constexpr const char* kNoRunYet = "no run yet";
std::string last_run(const std::string& outcome);
inline constexpr const char* kNoDescription = "no description";
inline constexpr const char* kNoProjects = "This chat has no projects yet. Ask me to build something.";

// The answers to /cancel.
std::string stopping(const std::vector<std::string>& projects);
std::string not_stopped(const std::string& project, const std::string& reason);
std::string nothing_running_in(const std::string& project);
/// `status` lists what is running and waiting.
std::string which_to_cancel(const std::string& status);

}  // namespace bot::texts
