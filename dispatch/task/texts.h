#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// What dispatch says to the people in a chat, all in one place. Problems are whole sentences, in which "it"
/// is the specialist; `cli` is the name of its program.
namespace dispatch::texts {

// How a run ended.
inline constexpr const char* kFilesKept = "Files written so far are kept.";
inline constexpr const char* kTurnLimit = "It reached its turn limit before it finished.";
inline constexpr const char* kSpendingLimit = "It reached this run's spending limit before it finished.";
inline constexpr const char* kTooMuchOutput = "It produced far too much output, so it was stopped.";
inline constexpr const char* kUnreadableResult = "The result of the run cannot be read.";
inline constexpr const char* kUnexplained = "It ended with an error but did not say what went wrong.";
std::string out_of_time(std::chrono::seconds limit);
std::string silent_for(std::chrono::seconds time);
/// Follows a sentence on how the run ended; `works` is not empty.
std::string cut_in_background(const std::vector<std::string>& works);
std::string spending_limit(double usd);
/// `held_mib`: what the project has on the disk.
std::string disk_full(const std::string& slug, std::uintmax_t held_mib);
std::string folder_limit(std::uintmax_t written_mib, std::uintmax_t limit_mib);
/// `count` is at least 1.
std::string actions_refused(std::size_t count);
std::string could_not_start(const std::string& cli);
/// `error_line` is the first line of its error output, or empty.
std::string no_result(const std::string& cli, int exit_status, const std::string& error_line);
/// The same for one that gave a result, and then ended as if it had failed.
std::string failed_after_result(const std::string& cli, int exit_status, const std::string& error_line);

// The specialist's model.
inline constexpr const char* kDeclined =
    "The specialist's model declined to do this. Please put it in other words. If it declines again, ask to "
    "start afresh.";
inline constexpr const char* kCutOff =
    "Its answer was cut off: its model gives no more at once. Ask it to continue, or for a smaller part.";
inline constexpr const char* kLeftUndone =
    "It ended before everything that it had begun was done, so do not count on the result. Ask it to continue.";
inline constexpr const char* kRateLimited =
    "The specialist's model is limiting requests (rate limit). Please try again in a few minutes.";
inline constexpr const char* kOverloaded =
    "The specialist's model is overloaded. Please try again in a few minutes.";
inline constexpr const char* kUnreachable =
    "The specialist's model could not be reached. Please try again; if it keeps happening, the operator can "
    "check the network.";
inline constexpr const char* kUnknownModel =
    "The model configured for the specialist does not exist. The operator can check it with `frontdesk "
    "doctor`.";
std::string not_logged_in(const std::string& cli);
std::string out_of_credit(const std::string& cli);
// Of a run that goes on: what it does now.
inline constexpr const char* kWaitsForRate = "its model is limiting the request rate; it will try again soon";
inline constexpr const char* kWaitsForModel = "its model is not responding properly; it will try again soon";

// What a specialist cannot do; `specialist` is its name in the configuration.
std::string cannot_plan(const std::string& specialist);
std::string cannot_review(const std::string& specialist);
std::string cannot_limit_turns(const std::string& specialist);
std::string cannot_choose_model(const std::string& specialist);

// What it wants to do: these follow "wants to". Markdown; the text after them is in a fence.
inline constexpr const char* kRunCommand = "run this command:";
inline constexpr const char* kFetchAddress = "fetch this address:";
// Paths, tools, fields, words and rules are Markdown.
std::string write_file(const std::string& path);
std::string change_file(const std::string& path);
std::string read_file(const std::string& path);
std::string use_tool(const std::string& tool);
std::string with_field(const std::string& name);
/// Of a command that is not seen at one glance.
std::string many_lines(std::size_t lines, const std::string& last);
/// In place of a stretch of nothing.
std::string empty_lines(std::size_t count);
std::string blanks(std::size_t count);
// What a permission for the whole task covers.
std::string commands_beginning_with(const std::string& words);
std::string commands_of_form(const std::string& pattern);
std::string command_each_time(const std::string& command);
std::string uses_of(const std::string& tool, const std::string& of);
std::string under_rule(const std::string& what, const std::string& rule);
inline constexpr const char* kTooLongToShow = "(This is too long to show in full, so it can only be denied.)";
inline constexpr const char* kAllEdits = "all edits in the project folder";
inline constexpr const char* kNoPlan = "(It did not describe its plan.)";

// A review.
inline constexpr const char* kNoFindings = "No findings.";
std::string finding(std::string_view severity, std::string_view place, std::string_view problem,
                    std::string_view fix);

// A project and its folder.
std::string not_a_project_name(const std::string& name);
std::string folder_is_link(const std::string& project);
std::string folder_unusable(const std::string& folder, const std::string& reason);

// Files sent from a project: these follow the file's path.
inline constexpr const char* kOutsideOrHidden =
    "cannot be sent: only files inside the project that are not hidden can";
inline constexpr const char* kMissing = "is not there";
inline constexpr const char* kIsLink = "is a link, and links are not followed";
inline constexpr const char* kNoPermission = "is not readable for the bot";
inline constexpr const char* kUnreadable = "cannot be read";
inline constexpr const char* kNotAFile = "is not a file";
std::string larger_than_can_be_sent(std::uint64_t mb);

// Files put into a project: these follow "could not be fetched: " or the like.
inline constexpr const char* kProjectUnopenable = "the project folder cannot be opened";
inline constexpr const char* kFolderUncreatable = "its folder cannot be created";
inline constexpr const char* kUnwritable = "it cannot be written";
inline constexpr const char* kUnnameable = "it cannot be given its name";
inline constexpr const char* kNoSpace = "the server's disk is nearly full";
inline constexpr const char* kNameTaken = "too many files have the same name";
std::string not_a_folder(const std::string& path);
std::string larger_than(std::uint64_t mb);

}  // namespace dispatch::texts
