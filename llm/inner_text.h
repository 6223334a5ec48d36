#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "llm/chat_model.h"

namespace llm {

/// A model's text, taken apart.
struct InnerText {
  std::string text;             ///< what is meant for people, trimmed at both ends
  std::vector<ToolCall> calls;  ///< what was written as calls, as read_written_calls() has them
  bool unread_call = false;     ///< a call was left out that could not be read
};

/// Takes the text of a model apart whose server does not: thoughts such as <think>…</think>, calls of tools
/// such as <tool_call>…</tool_call>, and the marks of the model's own format, are not for people. Code is
/// left as it is, so that an answer can speak of such marks. A text that is nothing but one call of an
/// offered tool in JSON is that call.
InnerText read_inner_text(std::string_view text, const std::vector<std::string>& tools);

}  // namespace llm
