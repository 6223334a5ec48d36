#pragma once

#include <string>

#include <fmt/core.h>

namespace bot::texts {

// What the console's API says of the log where it refuses a call.

inline constexpr const char* kNoSuchDecision = "There is no such decision.";
inline constexpr const char* kNoDiff = "No change of that file was recorded.";
inline constexpr const char* kBodyNotJson = "The body is not a JSON object.";
inline constexpr const char* kNoSuchVerdict =
    "verdict: must be one of right, should_answer, should_dispatch, bad_result.";
inline constexpr const char* kNoteNotText = "note: must be a text of at most 4000 bytes.";

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
