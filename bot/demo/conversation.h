#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace bot::demo {

/// One content block of the conversation, in order.
struct Item {
  enum class Kind { user_text, assistant_text, tool_call, tool_result };
  Kind kind = Kind::user_text;
  std::string text;                              ///< of a text or a tool result
  std::string id;                                ///< of a tool call, or of the call that a result answers
  std::string tool;                              ///< of a tool call, and of its result
  std::map<std::string, std::string> arguments;  ///< the text arguments of a tool call
  bool is_error = false;                         ///< of a tool result
};

/// What the demo model needs of a request to POST /v1/messages, without the texts that a program adds to what
/// the person wrote (<system-reminder> blocks, notes of interruption).
struct Conversation {
  std::string model;
  bool stream = false;
  bool wants_json = false;         ///< the answer has to follow a JSON schema
  std::vector<std::string> tools;  ///< names
  std::string context;             ///< the last block of the system prompt
  std::string working_directory;   ///< as Claude Code states it; else empty
  std::vector<Item> items;
  std::size_t characters = 0;  ///< the size of all that counts as input

  bool offers(std::string_view tool) const;
  /// The last text of the person, or "".
  std::string last_user_text() const;
};

/// Why a request is refused, in the words of the error response.
struct Malformed {
  std::string message;
};

/// Reads the JSON body of POST /v1/messages or of /v1/messages/count_tokens.
std::variant<Conversation, Malformed> read_conversation(std::string_view body);

/// The model's turn: a text, then perhaps one tool call. Arguments keep their order.
struct Turn {
  std::string text;
  std::string tool;  ///< empty: none
  std::vector<std::pair<std::string, std::string>> arguments;
};

}  // namespace bot::demo
