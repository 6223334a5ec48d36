#pragma once

#include <memory>
#include <string>

#include "store/states.h"

namespace bot::runtime {

/// Counters and gauges for `GET /metrics`. Thread rule: any thread.
class Metrics {
 public:
  Metrics();
  ~Metrics();

  void message_received(const std::string& section);
  void webhook_refused(const std::string& section, int status);
  /// A decision has come to that outcome, one of store::log_outcomes(): each that it comes to is counted.
  void decision(store::DecisionAction action, const std::string& outcome);
  /// `outcome` is that of the dispatch, or "joined". `seconds` have passed since it was ordered.
  void dispatch_finished(const std::string& specialist, const std::string& outcome, double seconds);
  /// What became of a call: "delivered", "uncertain", "retried", "dead".
  void delivery(const std::string& section, const std::string& result);
  void model_call(store::Purpose purpose, double seconds, bool ok);
  void spent(store::Purpose purpose, double usd);

  /// State that is looked up when the page is asked for.
  struct Gauges {
    int open_turns = 0;
    int open_dispatches = 0;
    int running_dispatches = 0;
    int dead_deliveries = 0;
    int doubtful_deliveries = 0;
    std::size_t event_streams = 0;
  };
  /// The Prometheus text format, version 0.0.4.
  std::string text(const Gauges& gauges);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bot::runtime
