#include "bot/tools/senses.h"

#include <algorithm>
#include <unordered_map>

#include "router/scoring/concepts.h"
#include "router/scoring/words.h"

namespace bot::tools {
namespace {

struct Meant {
  Sense sense;
  float much = 1;
};
using Meanings = std::unordered_map<std::string_view, std::vector<Meant>>;

/// A word that suggests a thing and may as well be about another.
constexpr float kPerhaps = 0.5F;
/// A time of day is most often asked about with a calendar.
constexpr float kHardly = 0.25F;

const Meanings& meanings_of_words() {
  using enum Sense;
  static const Meanings meanings = [] {
    Meanings made;
    const auto put = [&](const std::vector<Meant>& meant, std::initializer_list<std::string_view> words) {
      for (const auto word : words) {
        made.emplace(word, meant);
      }
    };
    put({{mail}}, {"mail", "email", "mailbox", "mailboxe", "inbox", "imap", "smtp", "letter", "newsletter"});
    put({{mail, kPerhaps}}, {"message", "thread", "attachment"});
    put({{calendar}}, {"calendar", "caldav", "event", "meeting", "appointment", "agenda", "todo", "standup"});
    put({{calendar, kPerhaps}}, {"call", "lunch", "dinner", "dentist", "doctor", "availability", "busy"});
    put({{calendar, kHardly}}, {"hour", "clock", "noon", "tomorrow", "today", "week"});
    put({{files}}, {"file", "folder", "directory", "path"});
    put({{files, kPerhaps}, {notes, kPerhaps}}, {"document", "text"});
    put({{notes}}, {"note", "memo", "memory", "wiki", "entity", "entitie", "observation", "node", "graph"});
    put({{web}}, {"web", "internet", "website", "url", "browser", "searxng", "google"});
    put({{people}}, {"contact", "people", "person", "carddav", "phonebook"});
    put({{send}, {mail, kPerhaps}}, {"send", "reply", "answer", "respond", "forward"});
    put({{send}, {create, kPerhaps}, {mail, kPerhaps}, {notes, kPerhaps}}, {"write", "draft"});
    put({{create}}, {"create", "add", "new", "make", "insert", "plan", "append", "put"});
    put({{create}, {calendar, kPerhaps}}, {"schedule", "book"});
    put({{change}},
        {"update", "change", "modify", "edit", "move", "push", "shift", "rename", "set", "mark", "complete"});
    put({{change}, {calendar, kPerhaps}}, {"reschedule", "postpone"});
    put({{remove}}, {"delete", "remove", "cancel", "drop", "trash", "erase"});
    put({{read}}, {"read", "get", "list", "search", "find", "show", "query", "fetch", "look", "open"});
    return made;
  }();
  return meanings;
}

/// By their names in router/scoring/concepts.txt.
const Meanings& meanings_of_concepts() {
  using enum Sense;
  static const Meanings meanings = [] {
    Meanings made;
    const auto put = [&](const std::vector<Meant>& meant, std::initializer_list<std::string_view> concepts) {
      for (const auto name : concepts) {
        made.emplace(name, meant);
      }
    };
    put({{send}, {mail}}, {"mail-someone"});
    put({{send}, {mail, kPerhaps}}, {"reply", "forward", "send-message", "tell-someone", "ask-someone",
                                     "thank-someone", "congratulate", "apologise"});
    put({{send}, {mail, kPerhaps}, {calendar, kPerhaps}}, {"confirm-attendance", "decline-invitation"});
    put({{read}, {mail}}, {"check-mail"});
    put({{change}, {mail}}, {"archive-mail"});
    put({{mail}}, {"mail-noun", "letter"});
    put({{mail, kPerhaps}}, {"message-noun"});
    put({{create}, {calendar}}, {"schedule", "add-to-calendar", "sync-meet", "invite"});
    put({{create}, {calendar, kPerhaps}}, {"book-reserve"});
    put({{change}, {calendar}}, {"postpone"});
    put({{remove}, {calendar, kPerhaps}}, {"cancel-appointment"});
    put({{read}, {calendar}}, {"agenda-question", "availability"});
    put({{calendar}}, {"calendar", "appointment", "meeting"});
    put({{calendar, kPerhaps}}, {"call-someone", "call-noun", "birthday", "doctor"});
    put({{calendar, kHardly}},
        {"today", "tomorrow", "tonight", "weekday", "morning", "evening", "at-oclock", "next-week"});
    put({{create}, {notes}}, {"note-down"});
    put({{notes}}, {"note-noun"});
    put({{notes, kPerhaps}, {create, kPerhaps}}, {"add-to-list", "remember-fact"});
    put({{files}}, {"file", "folder"});
    put({{files, kPerhaps}, {notes, kPerhaps}}, {"document-noun", "list"});
    put({{files}, {change}}, {"rename-files"});
    put({{read}, {web, kPerhaps}}, {"look-up", "find-out"});
    put({{web, kPerhaps}}, {"weather", "opening-hours", "price-cost", "website"});
    put({{read}, {people}}, {"contact-lookup"});
    put({{people, kPerhaps}}, {"phone", "address"});
    put({{read}}, {"show-tell-me"});
    put({{change}}, {"edit"});
    put({{remove}}, {"remove-replace"});
    return made;
  }();
  return meanings;
}

void add(const Meanings& meanings, std::string_view name, Senses& senses) {
  if (const auto found = meanings.find(name); found != meanings.end()) {
    for (const auto& [sense, much] : found->second) {
      auto& most = senses[static_cast<std::size_t>(sense)];
      most = std::max(most, much);
    }
  }
}

}  // namespace

Senses senses_of(const std::vector<std::string>& words) {
  Senses senses{};
  for (const auto& word : words) {
    add(meanings_of_words(), word, senses);
  }
  return senses;
}

Senses senses_of_text(std::string_view text, const std::vector<std::string>& words) {
  auto senses = senses_of(words);
  const auto& lexicon = router::Concepts::built_in();
  for (const auto& found : lexicon.in(router::words_of(text))) {
    add(meanings_of_concepts(), lexicon.name(found.concept_id), senses);
  }
  return senses;
}

}  // namespace bot::tools
