#pragma once

#include <string_view>

namespace bot::texts {

// What an adapter says at once about a click or a command of its service, before anything is stored.

inline constexpr const char* kNotAdmittedYet =
    "You can't use me here yet. My earlier message says what the operator has to do.";
inline constexpr const char* kPeopleOnly = "I only talk to people.";
inline constexpr const char* kUnknownSender = "I can't tell who you are, so I can't answer you.";
inline constexpr const char* kNoSuchCommand = "I don't have this command.";
inline constexpr const char* kOldControl = "This control is out of date.";
inline constexpr const char* kOldForm = "This form is out of date. Please open it again.";
inline constexpr const char* kOldMessage =
    "This message is too old for its buttons. Please write to me what you want.";

// Asking about somebody's message, and asking by a command "/ask".
inline constexpr const char* kNothingToRead = "There is nothing in that message that I can read.";
/// The question in the name of whoever asks.
inline constexpr const char* kAskedAbout = "What do you say to this message?";
inline constexpr std::string_view kAskHelp = "ask me anything, or give me something to do";
inline constexpr const char* kAskFileHelp = "a file that goes with it";
inline constexpr const char* kAskQuestionMissing =
    "Add your question after the command, for example `/ask text: what is a mutex?`.";

}  // namespace bot::texts
