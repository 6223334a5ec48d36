#pragma once

#include <string>
#include <vector>

#include "router/decision.h"
#include "store/database.h"
#include "store/dispatch_log.h"

namespace bot::runs {

/// The text with what the secretary proposed beside what it is about, for which there is no place in a turn.
std::string with_further(std::string text, const std::vector<router::Proposal>& further);

/// A text that the message of a dispatch is to show, with what was proposed beside that dispatch and nobody
/// has ordered since. Each text that takes the place of another has to have it, or it is lost to the person
/// and to the model, which reads the conversation.
std::string with_further(store::Database& db, const store::DispatchRecord& dispatch, std::string text);

}  // namespace bot::runs
