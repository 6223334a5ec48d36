#include "bot/texts/memory.h"

#include <fmt/core.h>

#include "bot/markup/literal_markdown.h"

namespace bot::texts {

std::string notes(const NoteList& list) {
  if (list.all == 0) {
    return list.in_group
               ? "I remember nothing for this group. Say \"remember for the group that ...\" to change "
                 "that. What is yours alone, I show in a direct chat."
               : "I remember nothing about you. Say \"remember that ...\" to change that.";
  }
  auto text = fmt::format("{} ({} of at most {}):\n\n",
                          list.in_group ? "What I remember for this group" : "What I remember for you",
                          list.all, list.most);
  for (const auto& note : list.shown) {
    text += fmt::format("- {}: {} ({}{}{})\n", note.number, markup::literal_with_addresses(note.text),
                        note.by, note.by.empty() ? "" : ", ", note.when);
  }
  if (list.next_page > 0) {
    text += fmt::format("\n`/memory {}` shows older ones.", list.next_page);
  }
  return text;
}

std::string forget_note(std::int64_t number) {
  return fmt::format("Forget {}", number);
}

std::string only_they_can_forget(const std::string& name) {
  return fmt::format("Only {} or an admin can delete this note.", name);
}

std::string may_i_remember(const std::string& note, bool for_group) {
  return fmt::format("Shall I remember this{}? It may be somebody else's words.\n\n> {}",
                     for_group ? " for the group" : "", markup::literal_with_addresses(note));
}

std::string found(const std::string& words, const std::vector<FoundLine>& lines, bool more) {
  if (lines.empty()) {
    return fmt::format("Nothing was found in this chat for \"{}\".", markup::literal_markdown(words));
  }
  std::string text;
  for (const auto& line : lines) {
    text += fmt::format("- {}, {}: {}\n", line.when,
                        line.of_specialist ? "the specialist"
                        : line.who.empty() ? "I"
                                           : line.who,
                        line.snippet);
  }
  return text + (more ? "\nThere is more, and it is older. With another word there is less." : "");
}

}  // namespace bot::texts
