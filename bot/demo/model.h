#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/http.h"

namespace bot::demo {

/// A scripted model server that speaks the Anthropic Messages API
/// (https://docs.anthropic.com/en/api/messages and .../messages-streaming), so that the whole job can be seen
/// without a key: the secretary and the real Claude Code CLI both talk to it. It knows the requests of
/// demo_examples() and what follows from them; to anything else it says that it is scripted and how to get a
/// real model. It keeps no state: everything it needs is in the conversation it is sent. What it says about
/// time and sums is worked out, what it says about files is true to the conversation.
///
/// Answers POST /v1/messages (JSON, or Server-Sent Events where `stream` is true), POST
/// /v1/messages/count_tokens and GET /v1/models; errors are {"type":"error","error":{"type","message"}}.
/// Token numbers are estimates, a quarter of the characters. Requests of Claude Code need the server to take
/// bodies of several megabytes.
///
/// Thread rule: handle() and stop() may be called from any thread.
class DemoModel {
 public:
  struct Options {
    std::chrono::milliseconds pace{
        600};  ///< waited before each answer to the specialist, so that one can watch it
    std::string
        api_key;  ///< asked for in x-api-key or Authorization: Bearer; without it every request gets 401
  };

  /// Keeps a reference to the clock.
  DemoModel(Options options, const base::Clock& clock);

  base::HttpResponse handle(const base::HttpRequest& request);

  /// Ends the pauses, this one and all later ones.
  void stop();

 private:
  base::HttpResponse answer_messages(const base::HttpRequest& request);
  bool is_authorized(const base::HttpRequest& request) const;
  void wait_pace();

  Options options_;
  const base::Clock& clock_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false;  ///< guarded by mutex_
};

/// A request that the chat page offers to a newcomer.
struct DemoExample {
  std::string label;
  std::string text;
};
const std::vector<DemoExample>& demo_examples();

}  // namespace bot::demo
