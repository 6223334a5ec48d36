#pragma once

#include <chrono>
#include <stop_token>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "base/http.h"
#include "llm/chat_model.h"
#include "llm/endpoint.h"
#include "llm/server_sent_events.h"

namespace llm {

/// Puts an answer together, whichever way it comes. One object per attempt; thread rule: one thread.
class AnswerReader {
 public:
  virtual ~AnswerReader() = default;

  /// The next event of a stream. Throws AttemptError where it reports a failure or breaks the protocol.
  virtual void take_event(const ServerSentEvent& event) = 0;

  /// The whole answer, of a server that does not stream. Throws AttemptError.
  virtual void take_document(const nlohmann::json& document) = 0;

  /// Whether nothing of interest can follow.
  virtual bool finished() const = 0;

  /// What was read. Throws AttemptError where that is no whole answer.
  virtual Completion completion() = 0;
};

/// Cuts the body of a 2xx response for the reader as it comes. Some servers ignore `stream` and some mislabel
/// what they send, so the first byte decides, not the Content-Type: a line of an event stream never begins
/// with '{', '[' or '<'. One object per attempt; thread rule: one thread.
class AnswerBody {
 public:
  explicit AnswerBody(AnswerReader& reader) : reader_(reader) {}

  /// Takes the next bytes, cut anywhere. False once the reader has all it wants. Throws AttemptError.
  bool push(std::string_view bytes);

  /// What was read, once no bytes follow. Throws AttemptError.
  Completion end();

 private:
  enum class Form { unknown, stream, document };

  AnswerReader& reader_;
  Form form_ = Form::unknown;
  std::string head_;  ///< what came until the form was known
  std::string document_;
  ServerSentEventParser parser_;
  bool any_event_ = false;
};

/// A call to `url` that has to end within `time`, with the endpoint's timeouts and no credentials.
base::HttpCall prepared_call(const Endpoint& endpoint, std::string url, std::string body,
                             std::chrono::milliseconds time);

/// Performs the call and feeds `reader`. Throws AttemptError, or base::Stopped.
Completion exchange(base::HttpCall call, AnswerReader& reader, const std::stop_token& stop);

/// Whether the answer ended by itself or at max_tokens.
enum class AnswerEnd { complete, cut_off };

/// The call with its arguments in their shortest form; none at all counts as {}. Throws AttemptError where
/// they are no JSON object, which after a cut would be no better the next time and is then not worth
/// repeating.
ToolCall checked_tool_call(ToolCall call, AnswerEnd end);

/// The tool's schema. Throws AttemptError that names the tool where it is not a JSON object.
nlohmann::json schema_of(const ToolSpec& tool);

}  // namespace llm
