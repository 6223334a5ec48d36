#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace llm {

struct Text {
  std::string text;
};

/// The model asks for a tool. `arguments` is the JSON text of an object; the adapter guarantees that it
/// parses.
struct ToolCall {
  std::string id;
  std::string name;
  std::string arguments;
};

/// What the tool answered, for the model's next turn.
struct ToolResult {
  std::string call_id;
  std::string text;
  bool is_error = false;
};

enum class Role { user, assistant };

struct ChatMessage {
  Role role;
  std::vector<std::variant<Text, ToolCall, ToolResult>> content;
};

struct ToolSpec {
  std::string name;
  std::string description;
  std::string schema;  ///< a JSON Schema object, as text
};

struct ChatRequest {
  std::string guide;    ///< system prompt that rarely changes; adapters mark it, with the tools, as cacheable
  std::string context;  ///< system prompt of this turn: date, projects; after the cached part
  std::vector<ChatMessage> messages;  ///< begins with the user's; a tool call is followed by its result
  std::vector<ToolSpec> tools;
  int max_tokens = 2048;
};

/// Tokens as the provider counted them. `input` includes neither cache reads nor cache writes.
struct Usage {
  std::int64_t input = 0;
  std::int64_t cache_read = 0;
  std::int64_t cache_write = 0;
  std::int64_t output = 0;
};

struct Completion {
  std::string text;
  std::vector<ToolCall> tool_calls;
  bool truncated = false;  ///< the answer ended at max_tokens
  Usage usage;
};

/// The model could not be used. `what()` is precise and for the log (never a key).
class ModelError : public std::runtime_error {
 public:
  enum class Kind {
    unreachable,   ///< no connection, or no answer in time
    overloaded,    ///< 429, 5xx, 529, still after the retries
    unauthorized,  ///< the key is missing, wrong or may not use this model
    out_of_credit,
    misconfigured,  ///< no such model or address, or a request that this endpoint does not take
    too_long,       ///< the conversation does not fit the model
    malformed       ///< the answer is empty or breaks the protocol
  };
  ModelError(Kind why, const std::string& what) : std::runtime_error(what), kind(why) {}
  Kind kind;
};

/// A model that completes conversations. Thread rule: complete() may be called from several threads at once.
class ChatModel {
 public:
  virtual ~ChatModel() = default;

  /// The model's next turn, retrying what is worth retrying within a bounded time.
  /// Throws ModelError, or base::Stopped when `stop` is requested.
  virtual Completion complete(const ChatRequest& request, std::stop_token stop) = 0;

  /// Provider and model for the ledger and the log, such as "anthropic" and "claude-haiku-4-5".
  virtual std::string provider() const = 0;
  virtual std::string model() const = 0;
};

}  // namespace llm
