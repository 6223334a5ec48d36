#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace bot::texts {

// What is remembered of people, and what is found again of what was said.

/// One note in the answer to /memory.
struct NoteLine {
  std::int64_t number = 0;
  std::string text;
  std::string when;
  std::string by;  ///< Markdown; empty in direct chats
};
struct NoteList {
  bool in_group = false;
  std::size_t all = 0;
  int most = 0;  ///< that there can be
  std::vector<NoteLine> shown;
  int next_page = 0;  ///< 0: there is none
};
std::string notes(const NoteList& list);
/// The label of a button.
std::string forget_note(std::int64_t number);
std::string only_they_can_forget(const std::string& name);

/// The question whether to keep what others may have said.
std::string may_i_remember(const std::string& note, bool for_group);
// What stands under it then.
inline constexpr const char* kRemembered = "Remembered";
inline constexpr const char* kNotRemembered = "Not remembered";
inline constexpr const char* kTooManyNotes =
    "Not remembered: there are 100 notes already, which is the most. Delete some with `/memory` first.";

/// One place where words were found.
struct FoundLine {
  std::string when;
  std::string who;  ///< Markdown; empty: this program
  bool of_specialist = false;
  std::string snippet;  ///< Markdown
};
/// The answer to /search. `words` is what was looked for.
std::string found(const std::string& words, const std::vector<FoundLine>& lines, bool more);
inline constexpr const char* kSearchMissing =
    "Add the words to look for after the command, for example `/search countdown page`.";

}  // namespace bot::texts
