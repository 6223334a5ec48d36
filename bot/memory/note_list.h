#pragma once

#include <optional>
#include <string>

#include "bot/memory/scope.h"
#include "store/conversations.h"
#include "store/notes.h"
#include "store/outbox.h"

namespace bot::memory {

/// The answer to /memory: all notes that this chat shows, newest first, by page, with a button to delete
/// each. `page` is what was written behind the command; a number counted from 1, or empty for the first.
store::Post note_list(const Scope& scope, const std::string& page);

/// Nothing where that person may delete the note, else a sentence that says who may.
std::optional<std::string> refusal_to_forget(const Scope& scope, const store::Note& note);

/// Carries out a click on a button of the kinds remember, leave and forget; returns what to say, empty where
/// the message with the button says it. Inside the transaction that ends the turn.
std::string take_note_button(const Scope& scope, const store::Conversations::FoundButton& found);

/// The note that this message, a word like yes or no, answers: the person was asked about it last, and has
/// written nothing since.
std::optional<store::Notes::Proposed> note_asked_before(const Scope& scope);
/// Keeps it or not. Inside the transaction that ends the turn; returns as above.
std::string answer_note(const Scope& scope, const store::Notes::Proposed& proposed, bool yes);

}  // namespace bot::memory
