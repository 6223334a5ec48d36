#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "store/states.h"

namespace bot::runtime {

/// What metrics call the queue of the jobs of that kind; empty where they wait on purpose.
std::string queue_of(const std::string& job_kind);

/// Counters and gauges for `GET /metrics`, named in docs/operating.md. What counts begins with 0 at the start
/// of the program; gauges are of the moment. Thread rule: any thread.
class Metrics {
 public:
  Metrics();
  ~Metrics();

  // What will be counted of a chat section or specialist is there with 0 from now on, so that a first
  // increment is seen.
  void expect_section(const std::string& section);
  void expect_specialist(const std::string& specialist);
  void expect_tool_server(const std::string& server);

  void message_received(const std::string& section);
  void webhook_refused(const std::string& section, int status);
  /// A decision has come to its last outcome, one of store::log_outcomes(): once a decision.
  void decision(store::DecisionAction action, const std::string& outcome);
  /// `outcome` is that of the dispatch, or "joined". `seconds` have passed since it was ordered.
  void dispatch_finished(const std::string& specialist, const std::string& outcome, double seconds);
  /// How long the processes of a run worked.
  void specialist_worked(const std::string& specialist, double seconds);
  void approval(store::ApprovalKind kind, store::ApprovalState outcome);
  /// What became of a call: "delivered", "uncertain", "retried", "dead".
  void delivery(const std::string& section, const std::string& outcome);
  /// The first answer to a message has arrived so long after the message was stored.
  void answered(double seconds);
  /// A job of that kind (runtime::kTurnJob and so on) was begun so long after it was stored.
  void waited(const std::string& job_kind, double seconds);
  /// `purpose` is llm::ChatRequest::purpose.
  void model_call(const std::string& purpose, const std::string& provider, double seconds, bool ok);
  struct Tokens {
    std::int64_t input = 0, cache_read = 0, cache_write = 0, output = 0;
  };
  void used(store::Purpose purpose, const Tokens& tokens);
  void spent(store::Purpose purpose, double usd);
  /// A call of a tool by MCP has ended as that state; `seconds` of those that were made.
  void tool_call(const std::string& server, store::ToolCallState outcome, std::optional<double> seconds);
  /// What became of an answer that people saw while it was written: "answered" or "withdrawn".
  void draft(const std::string& section, const std::string& outcome);
  /// From the beginning of the answer to its first words on show.
  void draft_begun(const std::string& section, double seconds);

  /// State that is looked up when the page is asked for.
  struct Gauges {
    struct Queue {
      double depth = 0, oldest_seconds = 0;
    };
    std::map<std::string, Queue> queues;  ///< by kind
    int running_dispatches = 0;
    int dead_deliveries = 0;
    int uncertain_deliveries = 0;
    int uncertain_tool_calls = 0;  ///< that nobody has put away
    std::size_t event_streams = 0;
    std::map<std::string, double> budget_left_usd;  ///< by budget
  };
  /// The Prometheus text format, version 0.0.4.
  std::string text(const Gauges& gauges);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bot::runtime
