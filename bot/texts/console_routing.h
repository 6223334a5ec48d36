#pragma once

#include <string>
#include <vector>

namespace bot::texts {

// What the console's routing page shows where the server refuses something, and why a message is routed as it
// is.

inline constexpr const char* kNoJsonObject = "The body must be a JSON object.";
inline constexpr const char* kOldVersion =
    "Somebody has changed the thresholds meanwhile; look at what is in force now and decide again.";
inline constexpr const char* kVersionIsMissing =
    "The member \"version\" must be the number that GET /routing answered.";
inline constexpr const char* kNothingStored = "The console has stored nothing for that scope.";
inline constexpr const char* kReasonIsMissing =
    "The member \"reason\" must say why; it stands in the log of changes.";
inline constexpr const char* kReasonTooLong = "The reason must be text of at most 500 characters.";
inline constexpr const char* kTryNeedsText = "The member \"text\" must be the message to try.";
inline constexpr const char* kTryTooLong = "This message is too long to try.";
inline constexpr const char* kModelCosts = "Asking the model costs money, which your role does not allow.";
inline constexpr const char* kOnlyDemoModel =
    "Only the scripted demo model is configured, and it knows nothing of other messages.";
inline constexpr const char* kModelFailed = "The secretary's model did not answer; the log says why.";

std::string not_a_number(const std::string& name);
std::string not_a_text(const std::string& name);
std::string not_a_flag(const std::string& name);
std::string not_an_object(const std::string& name);
/// What a configuration error says, as a sentence.
std::string as_sentence(const std::string& problem);
std::string asks_never(double ask_at, double dispatch_at);
/// "chat" or "person", what was written, and the sections that there are.
std::string no_such_section(const std::string& what, const std::string& name,
                            const std::vector<std::string>& sections);
std::string not_an_id(const std::string& what, const std::string& text);
inline constexpr const char* kDifferentSections = "The chat and the person must be of the same chat section.";

/// Where a threshold comes from, in words: "set in the console".
std::string threshold_origin(const std::string& from);

/// A decision that `frontdesk route` would come to.
struct WhyRouted {
  std::string action;  ///< "answer", "ask" or "dispatch"
  std::string rule;    ///< empty: p decided
  double p = 0, ask_at = 0, dispatch_at = 0;
  std::string ask_from, dispatch_from;
  bool proposed = true;
};
std::string why_routed(const WhyRouted& why);
std::string why_moved(const std::string& moves);
std::string why_assumed(const std::string& assumption);
/// Of the words that moved p most, those for the specialist and those for the secretary.
std::string why_words(const std::vector<std::string>& specialist, const std::vector<std::string>& secretary);
inline constexpr const char* kWhyShadow =
    "The secretary's confidence alone decides here, and p is only kept (routing.shadow, or the demo model).";
inline constexpr const char* kWhyBudgetKeepsModel =
    "The secretary's model was not asked, because a budget is used up.";

}  // namespace bot::texts
