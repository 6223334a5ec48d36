#include "bot/demo/remembering.h"

#include <algorithm>
#include <array>

#include "base/utf8.h"

namespace bot::demo {
namespace {

constexpr const char* kHowToConnect =
    "I have no calendar, no mailbox and no contacts here. To give me one, add an MCP server to `frontdesk.toml` and "
    "restart:\n\n```toml\n[mcp_servers.calendar]\ncommand = \"npx\"\nargs = [\"-y\", \"caldav-mcp@0.10.0\"]\n"
    "allow = [\"list-*\"]\nask = [\"create-event\"]\n```\n\nI am a scripted demo model; using such tools well takes a "
    "real one.";

Turn say(std::string text) {
  return {std::move(text), {}, {}};
}

/// What stands behind the first of these phrases, as it was written.
std::string behind(const std::string& text, std::initializer_list<std::string_view> phrases) {
  const auto lower = base::ascii_lower(text);
  for (const auto phrase : phrases) {
    if (const auto at = lower.find(phrase); at != std::string::npos) {
      const auto rest = base::trim(std::string_view(text).substr(at + phrase.size()));
      const auto begin = std::min(rest.find_first_not_of(" :,"), rest.size());
      return std::string(rest.substr(begin));
    }
  }
  return {};
}

/// The notes that the context quotes: "[12] 2026-11-22, "text"".
std::string notes_in(const std::string& context) {
  std::string notes;
  auto rest = std::string_view(context);
  bool begun = false;
  while (!rest.empty()) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (!begun) {
      begun = line.starts_with("Notes that ");
    } else if (!line.starts_with('[')) {
      break;
    } else {
      notes += "- " + std::string(line.substr(1, line.find(']') - 1)) + ": " +
               std::string(line.substr(std::min(line.find(", "), line.size() - 2) + 2)) + "\n";
    }
  }
  return notes;
}

Turn tell_notes(const Conversation& conversation) {
  const auto notes = notes_in(conversation.context);
  return say(
      notes.empty()
          ? "You have not asked me to remember anything yet. Try \"remember that I like short answers\"."
          : "You asked me to remember:\n\n" + notes + "\n`/memory` shows them with buttons to delete.");
}

/// The words that say what is looked for: not the small ones, which stand everywhere.
std::string query_of(const std::string& about) {
  constexpr std::array<std::string_view, 20> kSmall = {
      "the", "a",  "an", "my",  "our", "your", "this", "that",   "it",        "of",
      "in",  "on", "to", "for", "and", "any",  "some", "please", "yesterday", "before"};
  std::string query;
  const Words words(about);
  for (const auto& word : words.list()) {
    if (std::find(kSmall.begin(), kSmall.end(), word) == kSmall.end()) {
      query += (query.empty() ? "" : " ") + word;
    }
  }
  return query;
}

std::optional<Turn> search(const std::string& text, const Words& words, const Conversation& conversation) {
  const bool wanted = words.has_any(
      {"what did we say about", "what have we said about", "what did i say about", "what did you say about",
       "what was said about", "did we talk about", "find what we said about", "what did we write about"});
  const auto query = query_of(behind(text, {" about "}));
  if (!wanted || query.empty() || !conversation.offers("search_conversation")) {
    return std::nullopt;
  }
  return Turn{"", "search_conversation", {{"query", query}}};
}

}  // namespace

std::optional<Turn> about_memory(const std::string& text, const Words& words,
                                 const Conversation& conversation) {
  if (words.has_any({"what did i ask you to remember", "what do you remember", "what have you remembered",
                     "what do you know about me", "do you remember anything",
                     "what did i tell you to remember"})) {
    return tell_notes(conversation);
  }
  if (auto found = search(text, words, conversation)) {
    return found;
  }
  if (words.begins_with_any(
          {"remember", "please remember", "can you remember that", "could you remember that"}) &&
      conversation.offers("remember")) {
    if (auto note = behind(text, {"remember that ", "remember: ", "remember "}); !note.empty()) {
      return Turn{"", "remember", {{"text", std::move(note)}}};
    }
  }
  if (words.begins_with_any({"forget note", "forget number", "please forget note", "forget"}) &&
      conversation.offers("forget")) {
    const auto at = text.find_first_of("0123456789");
    if (at != std::string::npos) {
      return Turn{"", "forget", {{"id", text.substr(at, text.find_first_not_of("0123456789", at) - at)}}};
    }
  }
  if (words.has_any({"my calendar", "in the calendar", "my appointments", "my inbox", "my mail", "my mails",
                     "my email", "my emails", "my e mail", "my mailbox", "my contacts", "next meeting"})) {
    return say(kHowToConnect);
  }
  return std::nullopt;
}

std::optional<Turn> after_memory_tool(const Item& result, const Conversation& conversation) {
  const std::string text(base::trim(result.text));
  if (result.tool == "remember") {
    if (text.starts_with("Not kept yet")) {
      return say("There are words of others in this, so I ask you below whether to keep it.");
    }
    const auto note = behind(conversation.last_user_text(), {"remember that ", "remember: ", "remember "});
    return say("I will remember that: " + note + "\n\n`/memory` shows all that I remember.");
  }
  if (result.tool == "forget") {
    return say("I have forgotten it.");
  }
  if (result.tool == "search_conversation") {
    return say(text.starts_with("Nothing ")
                   ? "I found nothing about that in this chat."
                   : "This is what was said, the newest first:\n\n" +
                         text.substr(std::min(text.find('\n'), text.size() - 1) + 1));
  }
  return std::nullopt;
}

}  // namespace bot::demo
