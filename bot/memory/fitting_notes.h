#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "bot/memory/scope.h"
#include "store/notes.h"

namespace bot::memory {

/// Whose notes a turn in that chat sees: in direct chats the person's own, in a group, where others read the
/// answers, those that were said to be for the group.
std::string owner_in(store::Database& db, const store::Conversation& conversation, store::PersonId person);

/// The words of a text as the index takes them: lower-case as far as they are ASCII, each once, in their
/// order; a script without blanks gives each of its characters.
std::vector<std::string> words_of(std::string_view text);

/// Of the owner's notes those to show the model in this turn, in at most about `max_bytes`: those that fit
/// the message best, then the newest. Returned newest first. Thread rule: that of the Database.
std::vector<store::Note> fitting_notes(const Scope& scope, const std::string& owner, std::size_t max_bytes);

/// How many of a note's words a message holds.
struct Said {
  std::size_t said = 0, all = 0;
};

/// Of the words of `note` that say something (not "the" and its like) those that stand as whole words in
/// `own`.
Said share_said(const std::string& own, const std::string& note);

}  // namespace bot::memory
