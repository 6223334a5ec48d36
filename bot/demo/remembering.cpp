#include "bot/demo/remembering.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <sstream>
#include <utility>

#include "base/utf8.h"

namespace bot::demo {
namespace {

constexpr const char* kCalendar =
    "I have no calendar here. To give me one, add an MCP server to `frontdesk.toml` and restart:\n\n```toml\n"
    "[mcp_servers.calendar]\ncommand = \"npx\"\nargs = [\"-y\", \"caldav-mcp@0.10.0\"]\nallow = [\"list-*\"]\n"
    "reads = [\"list-*\"]\nask = [\"create-event\"]\nstate = [\"~/.npm/\"]\n[mcp_servers.calendar.env]\n"
    "CALDAV_BASE_URL = \"https://cal.example.org\"\nCALDAV_USERNAME = \"ada\"\n"
    "CALDAV_PASSWORD = \"env:CALDAV_PASSWORD\"\n```\n\n";
constexpr const char* kMail =
    "I have no mailbox here. To give me one, add an MCP server to `frontdesk.toml` and restart:\n\n```toml\n"
    "[mcp_servers.mail]\ncommand = \"npx\"\nargs = [\"-y\", \"@codefuturist/email-mcp@0.2.0\", \"stdio\"]\n"
    "allow = [\"list_emails\", \"get_email\", \"search_emails\"]\nask = [\"send_email\", \"reply_email\"]\n"
    "state = [\"~/.npm/\"]\n[mcp_servers.mail.env]\nMCP_EMAIL_ADDRESS = \"ada@example.org\"\n"
    "MCP_EMAIL_PASSWORD = \"env:MAIL_PASSWORD\"\nMCP_EMAIL_IMAP_HOST = \"imap.example.org\"\n"
    "MCP_EMAIL_SMTP_HOST = \"smtp.example.org\"\n```\n\n";
constexpr const char* kTakesReal = "I am a scripted demo model; using such tools well takes a real one.";

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

/// The number of the note that says so, of those that the context quotes; empty where none or several do.
std::string note_saying(const std::string& context, const std::string& words) {
  auto wanted = base::ascii_lower(words);
  wanted.erase(wanted.find_last_not_of(" .!") + 1);
  std::string number;
  std::istringstream lines(notes_in(context));
  for (std::string line; !wanted.empty() && std::getline(lines, line);) {
    const auto colon = line.find(": ");
    if (base::ascii_lower(line).find(wanted, colon) != std::string::npos) {
      if (!number.empty()) {
        return {};
      }
      number = line.substr(2, colon - 2);
    }
  }
  return number;
}

/// What was found as the model is told it, "- 2026-11-22 10:00, you: ...", in the words of the person who
/// asks.
std::string retold(const std::string& found) {
  constexpr std::pair<std::string_view, std::string_view> kAsTold[] = {
      {", you: ", ", I: "},
      {", this person: ", ", you: "},
      {", this person, with words of others: ", ", you, with words of others: "}};
  std::istringstream lines(found);
  std::string text;
  for (std::string line; std::getline(lines, line);) {
    const auto* const who = std::find_if(std::begin(kAsTold), std::end(kAsTold), [&](const auto& name) {
      const auto at = line.find(name.first);
      return at != std::string::npos && at < line.find(": ");
    });
    if (who != std::end(kAsTold)) {
      line.replace(line.find(who->first), who->first.size(), who->second);
    }
    text += line + "\n";
  }
  return text;
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

/// "Remember when we talked about tea?" has nothing to keep.
bool only_asks(const std::string& text, const Words& words) {
  return words.begins_with_any(
             {"remember when we", "remember when i", "remember when you", "remember the time"}) ||
         (words.begins_with_any({"remember", "do you remember"}) && base::trim(text).ends_with('?'));
}

/// Mail and a calendar, which the demo has none of.
std::optional<Turn> about_own_tools(const Words& words) {
  if (words.has_any({"page", "website", "app", "api", "program", "script", "function", "code", "project"})) {
    return std::nullopt;  // it is to be built, and perhaps sends mail
  }
  const bool mail =
      words.has_any({"mail", "mails", "email", "emails", "e mail", "e mails", "inbox", "mailbox"});
  const bool wants_mail = words.has_any({"my",
                                         "any",
                                         "unread",
                                         "check",
                                         "new mail",
                                         "new mails",
                                         "new email",
                                         "new emails",
                                         "new e mail",
                                         "new e mails",
                                         "send a mail",
                                         "send an email",
                                         "send an e mail",
                                         "send email",
                                         "send mail",
                                         "write a mail",
                                         "write an email",
                                         "write an e mail",
                                         "in the inbox",
                                         "in the mailbox",
                                         "do i have"});
  const bool calendar = words.has_any({"calendar", "meeting", "meetings", "appointment", "appointments"});
  const bool wants_calendar =
      words.has_any({"my", "any", "next", "today", "tomorrow", "this week", "do i have", "have i got",
                     "in the calendar", "schedule a meeting", "make an appointment"});
  if (mail && wants_mail) {
    return say(std::string(kMail) + kTakesReal);
  }
  return (calendar && wants_calendar) || words.has("my contacts")
             ? std::optional(say(std::string(kCalendar) + kTakesReal))
             : std::nullopt;
}

std::optional<Turn> search(const std::string& text, const Words& words, const Conversation& conversation) {
  const bool wanted = words.has_any(
      {"what did we say about", "what have we said about", "what did i say about", "what did you say about",
       "what was said about", "did we talk about", "remember when we talked about",
       "remember when we spoke about", "remember when i talked about", "remember when i told you about",
       "remember what we said about", "find what we said about", "what did we write about"});
  const auto query = query_of(behind(text, {" about "}));
  if (!wanted || query.empty() || !conversation.offers("search_conversation")) {
    return std::nullopt;
  }
  return Turn{"", "search_conversation", {{"query", query}}};
}

}  // namespace

std::optional<Turn> about_memory(const std::string& text, const Words& words,
                                 const Conversation& conversation) {
  if (words.has_any({"what did i ask you to remember", "what did you ask me to remember",
                     "what i asked you to remember", "what i told you to remember", "what you remember",
                     "what you have remembered", "what do you remember", "what have you remembered",
                     "what do you know about me", "do you remember anything",
                     "what did i tell you to remember"})) {
    return tell_notes(conversation);
  }
  if (auto found = search(text, words, conversation)) {
    return found;
  }
  if (!only_asks(text, words) &&
      words.begins_with_any(
          {"remember", "please remember", "can you remember that", "could you remember that"}) &&
      conversation.offers("remember")) {
    if (auto note = behind(text, {"remember that ", "remember: ", "remember "}); !note.empty()) {
      return Turn{"", "remember", {{"text", std::move(note)}}};
    }
  }
  if (words.begins_with_any({"forget note", "forget number", "please forget note", "forget"}) &&
      conversation.offers("forget")) {
    const auto at = text.find_first_of("0123456789");
    if (auto number =
            note_saying(conversation.context, behind(text, {"forget that ", "forget: ", "forget "}));
        !number.empty()) {
      return Turn{"", "forget", {{"id", std::move(number)}}};
    }
    if (at != std::string::npos) {
      return Turn{"", "forget", {{"id", text.substr(at, text.find_first_not_of("0123456789", at) - at)}}};
    }
  }
  return about_own_tools(words);
}

std::string without_orders(std::string_view error) {
  const auto order = std::min(error.find("Tell the person"), error.find("Ask the person"));
  return std::string(base::trim(error.substr(0, order)));
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
                         retold(text.substr(std::min(text.find('\n'), text.size() - 1) + 1)));
  }
  return std::nullopt;
}

}  // namespace bot::demo
