#pragma once

#include <string>

namespace bot::texts {

// What went wrong, and who can do what about it.

// The secretary's model.
inline constexpr const char* kModelUnreachable =
    "The assistant's model cannot be reached right now. Please try again in a few minutes.";
inline constexpr const char* kModelOverloaded =
    "The assistant's model is overloaded right now. Please try again in a few minutes.";
inline constexpr const char* kModelUnauthorized =
    "The assistant's model did not accept its API key. The operator can check it with `frontdesk doctor`.";
inline constexpr const char* kModelOutOfCredit =
    "The account of the assistant's model is out of credit. The operator can top it up at the provider.";
inline constexpr const char* kModelMisconfigured =
    "The assistant's model is not set up correctly. The operator can check it with `frontdesk doctor`.";
inline constexpr const char* kConversationTooLong =
    "This conversation has become too long for the assistant's model. Please start a new one with `/new`, or "
    "send a shorter message.";
inline constexpr const char* kModelUnusable =
    "The assistant's model sent an empty or unusable reply. Please try again; if it keeps happening, the "
    "operator can check the model with `frontdesk doctor`.";

inline constexpr const char* kModelWithoutEnd =
    "The assistant's model used its tools again and again and came to no answer. Please try again in other words, or "
    "ask for less at once.";

inline constexpr const char* kModelDeclined =
    "The assistant's model declined to answer this, or a filter of its provider did. You can put it differently, or "
    "leave out what it may object to.";

// Behind an answer that is not whole.
inline constexpr const char* kCutAtMaxTokens = " …";
inline constexpr const char* kDeclinedHalfway =
    "\n\n*The model, or a filter of its provider, stopped here and declined to go on.*";
inline constexpr const char* kAnswerTooLong =
    "…\n\n*The answer was cut here, because it was longer than it may be. The operator sets the limit: "
    "`max_answer_bytes`.*";

inline constexpr const char* kCouldNotAnswer =
    "I could not answer this: something went wrong each time I tried. The operator can find the reason in the "
    "log.";

// After the program's own end.
inline constexpr const char* kOftenCut =
    "I was interrupted ten times while I worked on this, because the program was stopped each time. I go on with it; "
    "you can also cancel it.";
inline constexpr const char* kCrashedEachTime =
    "I gave this up: the program crashed each time I worked on it, the last time with nothing else at work. The "
    "operator can look at the crashes with `frontdesk doctor`.";
inline constexpr const char* kCannotShow =
    "There is a message that I cannot show you: the program crashed each time I sent it, the last time with nothing "
    "else at work. The operator can look at the crashes with `frontdesk doctor`.";
inline constexpr const char* kTryingAgain = "I try it again.";
inline constexpr const char* kLeftUnanswered = "Cancelled; this stays unanswered.";

/// Why a delivery was given up; in the log.
inline constexpr const char* kCrashedDelivering = "The program crashed each time it was delivered.";
inline constexpr const char* kNoSuchSection = "There is no such chat section in the configuration.";

}  // namespace bot::texts
