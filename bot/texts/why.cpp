#include "bot/texts/why.h"

#include <algorithm>

#include <fmt/core.h>

#include "bot/markup/literal_markdown.h"
#include "bot/texts/tools.h"

namespace bot::texts {
namespace {

using Secretary = Why::Secretary;

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
  if (why.rule == "foreign-text" && why.pictures > 0) {
    return "because a picture came along, and what stands in one orders nothing, like the words of others";
  }
  if (why.rule == "foreign-text" && why.tool_told) {
    return "because what a tool returned came into the turn, and that orders nothing";
  }
  if (why.rule == "foreign-text") {
    return "because it holds words of others, and these order nothing";
  }
  if (why.rule == "dispatch-command") {
    return "because you asked for it";
  }
  if (why.rule == "answer-command") {
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
  if (why.action == "answer" && why.secretary != Secretary::proposed && why.p.value_or(0) >= why.ask_at) {
    return "because the secretary's model did not propose the specialist";
  }
  if (why.shadow) {
    return "because the secretary's confidence alone decides here (`shadow`)";
  }
  return why.action == "answer" ? "because it looked like a quick question"
         : why.action == "ask"  ? "because it might need the specialist"
                                : "because it looked like work for the specialist";
}

std::string from(const std::string& source) {
  return source.empty() ? std::string() : fmt::format(" ({})", source);
}

std::string of_secretary(const Why& why) {
  switch (why.secretary) {
    case Secretary::not_asked:
      return "The secretary's model was not asked whether the specialist should do it.";
    case Secretary::proposed_nothing:
      return "The secretary's model did not suggest the specialist.";
    case Secretary::proposed:
      return fmt::format("The secretary's model suggested the specialist, with {} confidence.",
                         why.confidence);
    case Secretary::unknown:
      break;
  }
  return {};
}

std::string of_words(const std::vector<WordOfWhy>& words) {
  std::string text = words.empty() ? "" : "What counted most:";
  for (std::size_t i = 0; i < words.size(); ++i) {
    text += fmt::format("{} {} ({:+.1f})", i == 0 ? "" : ",", markup::literal_markdown(words[i].word),
                        words[i].weight);
  }
  return text.empty() ? text : text + ".";
}

std::string of_p(const Why& why) {
  const auto p = why.p ? "p = " + probability(*why.p) : std::string();
  const auto thresholds =
      fmt::format("ask from {:.2f}{} on, and from {:.2f}{} on the specialist starts without asking.",
                  why.ask_at, from(why.ask_from), why.dispatch_at, from(why.dispatch_from));
  if (why.shadow) {
    return fmt::format(
        "The constants 0.3, 0.6 and 0.9 for low, medium and high confidence stand for the probability; {} is only "
        "kept. I {}",
        p, thresholds);
  }
  if (!why.is_ordered) {
    return p.empty()
               ? "I " + thresholds
               : fmt::format("The probability that it needs the specialist was {}. I {}", p, thresholds);
  }
  return "You ordered it, so no probability decided" +
         (p.empty() ? std::string() : fmt::format("; without that it was {}", p)) + ". Without an order I " +
         thresholds;
}

std::string of_notes(const std::vector<NoteOfWhy>& notes) {
  std::string text = notes.empty() ? "" : "\n\nOf what I remember I was shown:\n";
  for (const auto& note : notes) {
    text += fmt::format("\n- {}: {}", note.number,
                        note.text.empty() ? "(deleted since)" : markup::literal_with_addresses(note.text));
  }
  return text;
}

std::string of_calls(const std::vector<CallOfWhy>& calls) {
  std::string text = calls.empty() ? "" : "\n\nOf my tools I used:\n";
  for (const auto& call : calls) {
    text += fmt::format("\n- {} of {}: {}", markup::inline_code(call.tool),
                        markup::literal_markdown(call.server), state_of_call(call.state));
  }
  return text;
}

}  // namespace

std::string probability(double p) {
  return fmt::format("{:.2f}", std::clamp(p, 0.01, 0.99));
}

std::string why(const Why& why) {
  std::string text = fmt::format("{}, {}.", of_action(why), because(why));
  std::string basis = why.rule.empty() ? std::string() : fmt::format("Rule: `{}`.", why.rule);
  if (const auto secretary = of_secretary(why); !secretary.empty()) {
    basis += (basis.empty() ? "" : " ") + secretary;
  }
  if (const auto words = of_words(why.words); !words.empty()) {
    basis += (basis.empty() ? "" : " ") + words;
  }
  text += (basis.empty() ? "" : "\n\n") + basis + "\n\n" + of_p(why);
  if (!why.moved.empty()) {
    text += fmt::format(" Moved for this turn: {}.", why.moved);
  }
  if (!why.calibration.empty()) {
    text += fmt::format(" Calibration: {}.", why.calibration);
  }
  if (why.pictures > 0) {
    text += fmt::format(" The secretary's model saw {}.",
                        why.pictures == 1 ? "the picture" : fmt::format("{} pictures", why.pictures));
  }
  return text + of_notes(why.notes) + of_calls(why.calls);
}

}  // namespace bot::texts
