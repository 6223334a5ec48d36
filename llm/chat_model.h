#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
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

/// The model asks for a tool. The adapter guarantees that `arguments` is the JSON text of an object, and that
/// no two calls of a conversation have the same id.
struct ToolCall {
  std::string id;
  std::string name;
  std::string arguments;
  /// Where the model wrote arguments that nobody can read: what is wrong with them, in sentences for the
  /// model. `arguments` is {} then, and the call must not be carried out.
  std::string problem = {};
};

/// What the tool answered, for the model's next turn.
struct ToolResult {
  std::string call_id;
  std::string text;
  bool is_error = false;
};

/// A picture that a person sent. A request is copied for each model that is tried, so the bytes are shared.
struct Image {
  std::string name;  ///< as the person calls the file; may be empty
  int width = 0;     ///< in pixels
  int height = 0;
  std::shared_ptr<const std::string> base64;  ///< of a JPEG file; never null
};
inline constexpr const char* kImageType = "image/jpeg";

enum class Role { user, assistant };

struct ChatMessage {
  Role role;
  std::vector<std::variant<Text, ToolCall, ToolResult, Image>> content;
  /// The assistant's message as the same model sent it (Completion::as_received); else empty.
  std::string as_received = {};
};

struct ToolSpec {
  std::string name;
  std::string description;
  std::string schema;  ///< a JSON Schema object, as text

  bool operator==(const ToolSpec&) const = default;
};

/// Is told of an answer while the model writes it. What it is told is provisional: the Completion counts.
/// Called by the thread of complete() and before that returns or throws; must not block and not throw.
class AnswerListener {
 public:
  virtual ~AnswerListener() = default;
  /// More of what is probably meant for people: neither thoughts nor calls, and whole characters.
  virtual void add(std::string_view text) = 0;
  /// All of it so far was not the answer: the attempt failed, or it was a thought.
  virtual void withdraw() = 0;
};

struct ChatRequest {
  std::string guide;    ///< system prompt that rarely changes; adapters mark it, with the tools, as cacheable
  std::string context;  ///< system prompt of this turn: date, projects; after the cached part
  std::vector<ChatMessage> messages;  ///< begins with the user's; a tool call is followed by its result
  std::vector<ToolSpec> tools;
  int max_tokens = 2048;
  bool wants_logprob = false;          ///< see Completion::logprob
  std::string purpose = "secretary";   ///< what the answer is for, for metrics
  AnswerListener* listener = nullptr;  ///< null: nobody watches; there until complete() is over
};

/// Tokens as the provider counted them. `input` includes neither cache reads nor cache writes.
struct Usage {
  std::int64_t input = 0;
  std::int64_t cache_read = 0;
  std::int64_t cache_write = 0;
  std::int64_t output = 0;
  std::size_t by = 0;  ///< which of several models counted them (make_fallback_models())
};

/// Why an answer ended where it does.
enum class Ending {
  complete,
  at_max_tokens,
  at_max_bytes,  ///< it was cut at Endpoint::max_answer_bytes
  declined       ///< the model refused to go on, or a filter of the provider stopped it
};

struct Completion {
  std::string text;  ///< for people: without thoughts and without calls that were written into it
  std::vector<ToolCall> tool_calls;
  Ending ending = Ending::complete;
  Usage usage;
  /// The natural logarithm of the probability that the model gave to the first token of its answer; nothing
  /// where nobody asked for it or the endpoint does not tell it.
  std::optional<double> logprob = {};
  /// A call of a tool stood in the text and could not be read. It was left out and not carried out.
  bool unread_call = false;
  /// There were pictures in the request, and the model answered without having seen them.
  bool without_images = false;
  /// With tool calls: what the provider wants back in the next request of this turn, as the adapter of this
  /// model reads it. A message for another model must not have it.
  std::string as_received = {};
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
    refused,        ///< the model, or a filter of its provider, declined to answer
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
