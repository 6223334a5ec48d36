#include "bot/memory/fitting_notes.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/utf8.h"
#include "store/log_words.h"

namespace bot::memory {
namespace {

constexpr int kFitting = 40;
/// Each costs the model some tokens beside its text.
constexpr std::size_t kBesideText = 24;

/// Words that stand in any sentence and say nothing of whose it is, and how models call who is spoken of.
constexpr std::array<std::string_view, 111> kSmall = {
    "a",     "about", "after", "all",     "also",  "always", "am",    "an",    "and",   "any",   "are",
    "as",    "at",    "be",    "because", "been",  "before", "but",   "by",    "can",   "could", "did",
    "do",    "does",  "for",   "from",    "had",   "has",    "have",  "he",    "her",   "his",   "how",
    "i",     "if",    "in",    "into",    "is",    "it",     "its",   "may",   "me",    "must",  "my",
    "never", "no",    "not",   "of",      "on",    "one",    "or",    "our",   "shall", "she",   "should",
    "so",    "some",  "that",  "the",     "their", "them",   "then",  "there", "they",  "this",  "to",
    "up",    "us",    "was",   "we",      "were",  "what",   "when",  "where", "which", "who",   "will",
    "with",  "would", "yes",   "you",     "your",  "person", "user",  "das",   "dem",   "den",   "der",
    "die",   "ein",   "eine",  "ich",     "ist",   "mit",    "nicht", "und",   "von",   "zu",    "el",
    "en",    "es",    "la",    "las",     "le",    "les",    "los",   "que",   "un",    "une",   "et",
    "est"};

/// What the person says in this turn; a click says what the last message did.
std::string said(const Scope& scope) {
  if (!scope.message.text.empty()) {
    return scope.message.text;
  }
  const auto last =
      store::Conversations(scope.db).last_of(scope.conversation.id, scope.person.id, scope.message.id);
  return last ? last->text : std::string();
}

bool is_separator(char c) {
  const auto u = static_cast<unsigned char>(c);
  return u < 0x80 && !(u >= '0' && u <= '9') && !(u >= 'a' && u <= 'z');
}

}  // namespace

std::string owner_in(store::Database& db, const store::Conversation& conversation, store::PersonId person) {
  return conversation.in_group ? store::owner_of(store::Conversations(db).room_of(conversation))
                               : store::owner_of(person);
}

std::vector<std::string> words_of(std::string_view text) {
  const auto lower = base::ascii_lower(store::text_to_index(std::string(text)));
  std::vector<std::string> words;
  std::set<std::string> known;
  for (std::size_t i = 0; i < lower.size();) {
    auto end = i;
    while (end < lower.size() && !is_separator(lower[end])) {
      ++end;
    }
    if (auto word = lower.substr(i, end - i); !word.empty() && known.insert(word).second) {
      words.push_back(std::move(word));
    }
    i = end + 1;
  }
  return words;
}

std::vector<store::Note> fitting_notes(const Scope& scope, const std::string& owner, std::size_t max_bytes) {
  store::Notes notes(scope.db);
  auto all = notes.of(owner);
  if (all.empty()) {
    return {};
  }
  std::set<store::NoteId> chosen;
  std::size_t bytes = 0;
  const auto choose = [&](const store::Note& note) {
    const auto more = note.text.size() + kBesideText;
    if (!chosen.contains(note.id) && bytes + more <= max_bytes) {
      chosen.insert(note.id);
      bytes += more;
    }
  };
  for (const auto id : notes.fitting(owner, words_of(said(scope)), kFitting)) {
    const auto note = std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.id == id; });
    if (note != all.end()) {
      choose(*note);
    }
  }
  std::for_each(all.begin(), all.end(), choose);
  std::erase_if(all, [&](const auto& note) { return !chosen.contains(note.id); });
  return all;
}

Said share_said(const std::string& own, const std::string& note) {
  const auto words = words_of(own);
  const std::set<std::string> known(words.begin(), words.end());
  Said share;
  for (const auto& word : words_of(note)) {
    if (std::find(kSmall.begin(), kSmall.end(), word) == kSmall.end()) {
      ++share.all;
      share.said += known.contains(word) ? 1 : 0;
    }
  }
  return share;
}

}  // namespace bot::memory
