#pragma once

#include <string>

#include <fmt/core.h>

namespace bot::texts {

// What the console's API says of the log where it refuses a call.

inline constexpr const char* kNoSuchDecision = "There is no such decision.";
inline constexpr const char* kNoSuchFile = "This decision led to no files.";
inline constexpr const char* kNoDiff = "No change of that file was recorded.";
inline constexpr const char* kNoSuchVerdict =
    "verdict: must be one of right, should_answer, should_dispatch, bad_result.";
inline constexpr const char* kNoVerdict = "No verdict of an operator is there to take back.";
inline constexpr const char* kVerdictOfAnother = "Somebody else has judged it since; that verdict stays.";
inline constexpr const char* kNoteNotText = "note: must be a text of at most 4000 bytes.";

inline constexpr const char* kNoDispatch = "This decision has no run.";
inline constexpr const char* kTaskGone = "The task is no longer stored.";
inline constexpr const char* kBudgetSpent = "A budget is used up.";
inline constexpr const char* kOfAShell =
    "This run was ordered from a shell, and no chat could show another one.";
inline constexpr const char* kExportTooLarge =
    "This is more than one export holds. Narrow it down by from and to, or use frontdesk log export.";
inline constexpr const char* kIsOver = "The run is over already.";

inline std::string ordered_by(const std::string& name) {
  return fmt::format("{} ordered it in the console", name);
}
inline std::string given_twice(const std::string& name) {
  return fmt::format("{}: may be given once.", name);
}
inline std::string must_be(const std::string& name, const std::string& what) {
  return fmt::format("{}: must be {}.", name, what);
}
inline std::string wrong_way_round(const std::string& from, const std::string& to) {
  return fmt::format("{} is greater than {}.", from, to);
}

}  // namespace bot::texts
