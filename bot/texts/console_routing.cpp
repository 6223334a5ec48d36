#include "bot/texts/console_routing.h"

#include <map>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "base/utf8.h"

namespace bot::texts {
namespace {

std::string quoted(const std::string& text) {
  constexpr std::size_t kShown = 80;
  return base::ellipsize(base::one_line(text), kShown);
}

/// With a capital, unless it begins with the name of a key.
std::string capitalized(std::string text) {
  const auto word = text.substr(0, text.find(' '));
  if (word.find('_') == std::string::npos && !text.empty() && text[0] >= 'a' && text[0] <= 'z') {
    text[0] = static_cast<char>(text[0] - 'a' + 'A');
  }
  return text;
}

/// What a rule means for a message.
const char* rule_in_words(const std::string& rule) {
  static const std::map<std::string, const char*> kRules = {
      {"dispatch-command", "The message is an order to the specialist (/dispatch), so p does not count."},
      {"answer-command", "The message asks for an answer of the secretary (/answer), so p does not count."},
      {"budget", "A budget is used up, so nothing is given to the specialist."},
      {"foreign-text",
       "The message holds words of others, which order nothing, so it is asked about at most."},
      {"chat-rule", "The operator's rule for this chat decides, whatever p is."},
      {"user-rule", "The operator's rule for this person decides, whatever p is."}};
  const auto found = kRules.find(rule);
  return found == kRules.end() ? nullptr : found->second;
}

}  // namespace

std::string not_a_number(const std::string& name) {
  return fmt::format("The member \"{}\" must be a number.", name);
}

std::string not_a_text(const std::string& name) {
  return fmt::format("The member \"{}\" must be text.", name);
}

std::string not_a_flag(const std::string& name) {
  return fmt::format("The member \"{}\" must be true or false.", name);
}

std::string not_an_object(const std::string& name) {
  return fmt::format("The member \"{}\" must be an object.", name);
}

std::string as_sentence(const std::string& problem) {
  return capitalized(problem) + ".";
}

std::string asks_never(double ask_at, double dispatch_at) {
  return fmt::format("ask_at = {} would be above dispatch_at = {}, so nothing would ever be asked.", ask_at,
                     dispatch_at);
}

std::string no_such_section(const std::string& what, const std::string& name,
                            const std::vector<std::string>& sections) {
  return fmt::format("{}: there is no chat section \"{}\"; there are: {}.", what, quoted(name),
                     fmt::join(sections, ", "));
}

std::string not_an_id(const std::string& what, const std::string& text) {
  return fmt::format("{}: \"{}\" is not SECTION:ID, such as tg:12345678.", what, quoted(text));
}

std::string threshold_origin(const std::string& from) {
  static const std::map<std::string, const char*> kOrigins = {
      {"default", "built in"},
      {"global", "from the configuration"},
      {"chat", "from the configuration, for this chat"},
      {"user", "from the configuration, for this person"},
      {"prices", "from the prices in the configuration"},
      {"certified", "certified on labelled turns"},
      {"rate", "from the wanted share of dispatches"},
      {"budget", "raised, because a budget is half used up"},
      {"thread", "moved by what was decided in this thread"},
      {"console", "set in the console"}};
  const auto found = kOrigins.find(from);
  return found == kOrigins.end() ? from : found->second;
}

std::string why_routed(const WhyRouted& why) {
  if (const auto* const rule = rule_in_words(why.rule)) {
    return rule;
  }
  if (!why.proposed) {
    return fmt::format("The secretary proposes nothing to dispatch, so it answers; p is {:.2f}.", why.p);
  }
  if (why.action == "answer") {
    return fmt::format("p = {:.2f} is below ask_at = {:.2f} ({}), so the secretary answers.", why.p,
                       why.ask_at, threshold_origin(why.ask_from));
  }
  if (why.action == "ask") {
    return fmt::format(
        "p = {:.2f} reaches ask_at = {:.2f} ({}) and is below dispatch_at = {:.2f} ({}), so the person is asked.",
        why.p, why.ask_at, threshold_origin(why.ask_from), why.dispatch_at,
        threshold_origin(why.dispatch_from));
  }
  return fmt::format("p = {:.2f} reaches dispatch_at = {:.2f} ({}), so the specialist gets it at once.",
                     why.p, why.dispatch_at, threshold_origin(why.dispatch_from));
}

std::string why_moved(const std::string& moves) {
  return fmt::format("Moved for this turn: {}.", moves);
}

std::string why_assumed(const std::string& assumption) {
  return fmt::format("The secretary was not asked; it is taken for granted that {}.", assumption);
}

std::string why_words(const std::vector<std::string>& specialist, const std::vector<std::string>& secretary) {
  const auto list = [](const std::vector<std::string>& words) {
    return fmt::format("{}", fmt::join(words, ", "));
  };
  return specialist.empty()  ? fmt::format("What speaks for the secretary: {}.", list(secretary))
         : secretary.empty() ? fmt::format("What speaks for the specialist: {}.", list(specialist))
                             : fmt::format("What speaks for the specialist: {}; for the secretary: {}.",
                                           list(specialist), list(secretary));
}

}  // namespace bot::texts
