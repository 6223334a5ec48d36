#pragma once

#include <vector>

#include "bot/runtime/services.h"
#include "store/conversations.h"
#include "store/database.h"
#include "store/dispatch_log.h"

namespace bot::runs {

// The buttons by which a person puts right in one tap what was decided (`repair_buttons`).
// Thread rule: that of the Database.

/// Under the note of a dispatch that waits or works: Cancel, and where the section has repair buttons and a
/// message of the person was decided about, Just answer.
std::vector<store::Button> note_buttons(const runtime::Services& services, store::Database& db,
                                        const store::Conversation& conversation,
                                        const store::DispatchRecord& dispatch);

/// Under an answer or a result that came of that decision: thumbs, where the section has repair buttons.
std::vector<store::Button> thumbs(const runtime::Services& services, const store::Conversation& conversation,
                                  store::DecisionId decision);

}  // namespace bot::runs
