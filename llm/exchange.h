#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/http.h"
#include "llm/chat_model.h"
#include "llm/endpoint.h"
#include "llm/images.h"
#include "llm/long_strings.h"
#include "llm/server_sent_events.h"

namespace llm {

/// The counts as far as they can be true of one call: no model of today reads or writes as much. One absurd
/// figure of a server would else take everybody's budget for the day.
Usage believable(Usage usage);

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
  /// Strings longer than `max_string` bytes are cut.
  explicit AnswerBody(AnswerReader& reader, std::size_t max_string = 1 << 20)
      : reader_(reader), long_strings_(max_string) {}

  /// Takes the next bytes, cut anywhere. False once the reader has all it wants. Throws AttemptError.
  bool push(std::string_view bytes);

  /// What was read, once no bytes follow. Throws AttemptError.
  Completion end();

 private:
  enum class Form { unknown, stream, document };

  AnswerReader& reader_;
  LongStrings long_strings_;
  Form form_ = Form::unknown;
  std::string head_;  ///< what came until the form was known
  std::string document_;
  ServerSentEventParser parser_;
  bool any_event_ = false;
  std::size_t bytes_ = 0;
};

/// What a reader has to know of the request and the endpoint.
struct Asked {
  std::vector<std::string> tools = {};  ///< the names of those that were offered
  std::set<std::string> ids = {};       ///< of the calls that the conversation has already
  std::size_t max_bytes = Endpoint{}.max_answer_bytes;
  AnswerListener* listener = nullptr;
  std::atomic<bool>* thinks_first = nullptr;  ///< as ToldAnswer takes it
};
Asked asked(const ChatRequest& request, const Endpoint& endpoint, std::atomic<bool>* thinks_first = nullptr);

/// A call as a provider sent it: strings as base::parse_json_piece() leaves them, arguments as written.
struct SentCall {
  std::int64_t index = -1;  ///< its place in the answer, where the provider says so
  ToolCall call;
};

/// Watches the text of an answer while it comes.
class TextBound {
 public:
  explicit TextBound(std::size_t max_bytes) : max_bytes_(max_bytes), look_at_(max_bytes) {}

  /// Whether what people will see of the text is longer than the bound by now.
  bool is_passed(const std::string& text);

 private:
  const std::size_t max_bytes_;
  std::size_t look_at_;  ///< how long the text must be for another look
};

/// A call to `url` that has to end within `time`, with the endpoint's timeouts and no credentials.
base::HttpCall prepared_call(const Endpoint& endpoint, std::string url, std::string body,
                             std::chrono::milliseconds time);

/// Performs the call and feeds `reader`. Tokens that the provider did not count are estimated; `images` are
/// those of the request. Throws AttemptError, or base::Stopped.
Completion exchange(base::HttpCall call, AnswerReader& reader, std::size_t max_answer_bytes,
                    const std::stop_token& stop, const ImageSize& images = {});

/// The answer that was sent in these parts, for the rest of the program; `usage` is left to the caller.
/// `calls` are left as they are in the answer: with names that were offered and ids that are nowhere else,
/// arguments read, and of calls that are equal in all three only the first; without any where the model
/// declined. Calls in the text count where there are no others. Throws AttemptError for a call without a
/// name.
Completion settled(std::string_view text, std::vector<SentCall>& calls, Ending ending, const Asked& asked);

/// The tool's schema. Throws AttemptError that names the tool where it is not a JSON object.
nlohmann::json schema_of(const ToolSpec& tool);

}  // namespace llm
