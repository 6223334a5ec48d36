#include "bot/texts/why.h"

#include <algorithm>

#include <fmt/core.h>

#include "bot/markup/literal_markdown.h"

namespace bot::texts {
namespace {

std::string of_action(const Why& why) {
  if (why.action == "dispatch") {
    return "I gave your last message to the specialist";
  }
  if (!why.was_answered) {
    return "I could not answer your last message";
  }
  return why.action == "ask" ? "I asked whether the specialist should do it"
                             : "I answered your last message myself";
}

/// Why that, in a few words.
std::string because(const Why& why) {
  if (why.rule == "foreign-text") {
    return "because it holds words of others, and these order nothing";
  }
  if (why.rule == "dispatch-command" || why.rule == "give-button") {
    return "because you asked for it";
  }
  if (why.rule == "answer-command" || why.rule == "just-answer-button") {
    return "because you asked for an answer";
  }
  if (why.rule == "chat-rule" || why.rule == "user-rule") {
    return "because the operator set that for this chat or for you";
  }
  if (why.rule == "specialist-down") {
    return "because the specialist is not available";
  }
  if (why.rule == "running-project") {
    return "because it belongs to work that was going on";
  }
  if (why.rule == "budget") {
    return "because the budget is used up";
  }
  if (why.rule == "model-error") {
    return "because the secretary's model failed";
  }
  if (why.rule == "model-refused") {
    return "because the secretary's model declined";
  }
  if (why.rule == "question-reply") {
    return "because you answered my question";
  }
  if (!why.rule.empty()) {
    return fmt::format("by the rule `{}`", why.rule);
  }
  return why.p < why.ask_at        ? "because it looked like a quick question"
         : why.p < why.dispatch_at ? "because it might need the specialist"
                                   : "because it looked like work for the specialist";
}

std::string from(const std::string& source) {
  return source.empty() ? std::string() : fmt::format(" ({})", source);
}

}  // namespace

std::string why(const Why& why) {
  auto text = fmt::format("{}, {}.\n\n", of_action(why), because(why));
  text += !why.was_asked ? std::string()
          : why.confidence.empty()
              ? std::string("The secretary's model did not suggest the specialist.")
              : fmt::format("The secretary's model suggested the specialist, with {} confidence.",
                            why.confidence);
  if (!why.words.empty()) {
    text += " What counted most:";
    for (std::size_t i = 0; i < why.words.size(); ++i) {
      text += fmt::format("{} {} ({:+.1f})", i == 0 ? "" : ",", markup::literal_markdown(why.words[i].word),
                          why.words[i].weight);
    }
    text += '.';
  }
  text += fmt::format(
      "\n\nThe probability that it needs the specialist was p = {:.2f}. I ask from {:.2f}{} on, and from {:.2f}{} on the "
      "specialist starts without asking.",
      std::clamp(why.p, 0.01, 0.99), why.ask_at, from(why.ask_from), why.dispatch_at,
      from(why.dispatch_from));
  if (!why.moved.empty()) {
    text += fmt::format(" Moved for this turn: {}.", why.moved);
  }
  if (!why.calibration.empty()) {
    text += fmt::format(" Calibration: {}.", why.calibration);
  }
  return text;
}

}  // namespace bot::texts
