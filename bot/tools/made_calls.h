#pragma once

#include <string>
#include <vector>

#include "store/database.h"
#include "store/ids.h"
#include "store/tool_calls.h"

namespace bot::tools {

/// Whether the call changes nothing, as its server says or the name of its tool sounds.
bool seems_to_read(const store::ToolCallRecord& call);

/// "start: 12:00, summary: lunch", as Markdown; empty where there are none.
std::string short_arguments(const std::string& arguments);

/// What the calls of that message's turn have done, for its person where the turn failed behind them, as
/// Markdown to be put behind a sentence; empty where none has changed anything. Thread rule: that of the
/// Database.
std::string told_before_failure(store::Database& db, store::MessageId message);

/// The same where the turn did not fail: of each call that may have been made, and of which nobody knows. The
/// model may say anything of it.
std::string told_of_doubts(store::Database& db, store::MessageId message);

/// What is to be known before the person says yes to that call: that it was made before. Markdown; empty
/// where it was not.
std::string told_of_same(store::Database& db, const store::ToolCallRecord& call, const std::string& timezone);

/// The calls as lines for the model, with what the tools said; the oldest first. What is too much is left
/// out at the beginning.
std::string told_to_model(store::Database& db, const std::vector<store::ToolCallRecord>& calls,
                          const std::string& timezone);

}  // namespace bot::tools
