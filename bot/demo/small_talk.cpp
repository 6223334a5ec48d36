#include "bot/demo/small_talk.h"

#include <utility>

namespace bot::demo {
namespace {

constexpr const char* kComparison =
    "In short, from general knowledge, not from measurements: SQLite is a library and one file; nothing to "
    "set up, one writer at a time, ideal while the shop is one program on one server. PostgreSQL is a "
    "separate server: many writers at once, strict types, roles, and backups that restore to any moment, for "
    "more work or a monthly bill. Choose SQLite for little upkeep, PostgreSQL if several servers or programs "
    "will write or you expect to grow. If in doubt, PostgreSQL: moving later costs more than running it now.";

constexpr const char* kAbilities =
    "- \"What time is it in Tokyo?\", the date, days until Christmas, and sums such as \"what is 17 * 23\"\n"
    "- \"Remind me in two minutes to stretch\"\n"
    "- \"Build me a small REST API for tasks in Python\", then \"add pagination\" or \"add a search by "
    "title\"\n"
    "- \"Make a web page that counts down to New Year\", then \"make it dark\"\n"
    "- \"Compare SQLite and PostgreSQL for a small web shop and write me a report\"\n"
    "- \"Remember that I like short answers\", then \"what did I ask you to remember?\", and \"what did we say about "
    "the countdown?\"\n"
    "- \"What projects do I have?\", \"how is the task API going?\", \"cancel the countdown\"";

constexpr const char* kRealModel =
    "For a real model, set ANTHROPIC_API_KEY (or a provider in frontdesk.toml) and restart.";

Turn say(std::string text) {
  return {std::move(text), {}, {}};
}

}  // namespace

Turn unknown_request() {
  return say("I am a scripted demo model, and I have no script for that. What I can do:\n" +
             std::string(kAbilities) + "\n\n" + kRealModel);
}

std::optional<Turn> small_talk(const Words& words) {
  if (words.has_any({"who are you", "what are you", "are you real", "are you a bot", "are you human",
                     "are you an ai", "your name", "which model", "what model"})) {
    return say(
        "I am the Frontdesk secretary, played by a scripted demo model. I answer small questions myself and "
        "hand real work to a specialist: the real Claude Code, following a script. " +
        std::string(kRealModel));
  }
  if (words.has_any({"what can you", "what do you do", "help me understand", "how does this work",
                     "how do you work", "what is this", "what can i", "what do you know"}) ||
      words.is_any({"help", "help me", "help please", "please help"})) {
    return say(
        "This is a scripted demo of Frontdesk. I answer small questions myself and hand real work to a "
        "specialist, which really writes the files. Try:\n" +
        std::string(kAbilities) + "\n\n" + kRealModel);
  }
  if (words.count() > 8) {
    return std::nullopt;
  }
  if (words.has_any({"thanks", "thank you", "thx"}) ||
      words.begins_with_any({"cheers", "great", "perfect", "nice", "cool", "well done"})) {
    return say("You're welcome!");
  }
  if (words.begins_with_any({"bye", "goodbye", "good night", "see you"})) {
    return say("Goodbye!");
  }
  if (words.has_any({"how are you", "how is it going", "hows it going", "whats up"})) {
    return say("Fine, thank you, for a scripted demo. What can I do for you?");
  }
  if (words.begins_with_any(
          {"hello", "hi", "hey", "good morning", "good afternoon", "good evening", "good day", "hallo"})) {
    return say(
        "Hello! I am the Frontdesk secretary, played by a scripted demo model. Ask me what I can do, or try "
        "\"Build me a small REST API for tasks in Python\".");
  }
  return std::nullopt;
}

Turn short_comparison() {
  return say(kComparison);
}

}  // namespace bot::demo
