#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "llm/chat_model.h"

namespace llm {

struct BareCalls {
  std::string text;             ///< what is left, in which white space may stand at both ends
  std::vector<ToolCall> calls;  ///< as read_written_calls() has them
  bool unread_call =
      false;  ///< a call was left out: it does not come to an end, or the text is one of an unknown tool
};

/// Calls as models write them that know no marks for calls: the whole text; JSON behind, between or before
/// words; or a fence of code that holds nothing else. Among words they count where they name a tool that was
/// offered and can hardly be data. Other code, and JSON within JSON, is left as it is.
BareCalls take_bare_calls(std::string_view text, const std::vector<std::string>& tools);

}  // namespace llm
