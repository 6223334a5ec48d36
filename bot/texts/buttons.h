#pragma once

namespace bot::texts {

// The labels of buttons.

inline constexpr const char* kYes = "Yes";
inline constexpr const char* kNo = "No";
inline constexpr const char* kGive = "Give it to the specialist";
inline constexpr const char* kAllowOnce = "Allow once";
inline constexpr const char* kAllowForTask = "Allow for this task";
inline constexpr const char* kDeny = "Deny";
inline constexpr const char* kChange = "Change";
inline constexpr const char* kGo = "Go";
inline constexpr const char* kStop = "Stop";
inline constexpr const char* kCancel = "Cancel";
inline constexpr const char* kContinue = "Continue";
inline constexpr const char* kRetry = "Try again";
inline constexpr const char* kRaise = "Raise for today";
inline constexpr const char* kJustAnswer = "Just answer";
inline constexpr const char* kSnooze = "Snooze";
inline constexpr const char* kDelete = "Delete";
inline constexpr const char* kGood = "👍";
inline constexpr const char* kBad = "👎";
inline constexpr const char* kDoIt = "Do it";
/// Before a file's name.
inline constexpr const char* kSend = "Send ";

}  // namespace bot::texts
