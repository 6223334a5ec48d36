#include "bot/runtime/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace bot::runtime {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;

class Metrics::Impl {
 public:
  prometheus::Registry registry;
  prometheus::Family<prometheus::Counter>& messages = BuildCounter()
                                                          .Name("frontdesk_messages_received_total")
                                                          .Help("Messages and clicks stored, by chat section")
                                                          .Register(registry);
  prometheus::Family<prometheus::Counter>& refused =
      BuildCounter()
          .Name("frontdesk_webhooks_refused_total")
          .Help("Webhook calls refused, by chat section and HTTP status")
          .Register(registry);
  prometheus::Family<prometheus::Counter>& decisions = BuildCounter()
                                                           .Name("frontdesk_decisions_total")
                                                           .Help(
                                                               "Routing decisions, by action and outcome; "
                                                               "each outcome that one comes to is counted")
                                                           .Register(registry);
  prometheus::Family<prometheus::Counter>& dispatch_outcomes =
      BuildCounter()
          .Name("frontdesk_dispatches_total")
          .Help("Dispatches that have ended, by specialist and outcome")
          .Register(registry);
  prometheus::Family<prometheus::Histogram>& dispatches = BuildHistogram()
                                                              .Name("frontdesk_dispatch_seconds")
                                                              .Help("Time from order to outcome, by outcome")
                                                              .Register(registry);
  prometheus::Family<prometheus::Counter>& deliveries =
      BuildCounter()
          .Name("frontdesk_deliveries_total")
          .Help(
              "Calls to chat platforms, by section and result: delivered, uncertain (nobody can tell "
              "whether all of it arrived), retried, dead")
          .Register(registry);
  prometheus::Family<prometheus::Histogram>& model_calls =
      BuildHistogram()
          .Name("frontdesk_model_call_seconds")
          .Help("Turns of the secretary's model, by purpose and result")
          .Register(registry);
  prometheus::Family<prometheus::Counter>& usd = BuildCounter()
                                                     .Name("frontdesk_spent_usd_total")
                                                     .Help("US dollars spent since the start, by purpose")
                                                     .Register(registry);
  prometheus::Family<prometheus::Gauge>& state =
      BuildGauge().Name("frontdesk_state").Help("What is open now, by kind").Register(registry);
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

void Metrics::message_received(const std::string& section) {
  impl_->messages.Add({{"section", section}}).Increment();
}

void Metrics::webhook_refused(const std::string& section, int status) {
  impl_->refused.Add({{"section", section}, {"status", std::to_string(status)}}).Increment();
}

void Metrics::decision(store::DecisionAction action, const std::string& outcome) {
  impl_->decisions.Add({{"action", to_string(action)}, {"outcome", outcome}}).Increment();
}

void Metrics::dispatch_finished(const std::string& specialist, const std::string& outcome, double seconds) {
  impl_->dispatch_outcomes.Add({{"specialist", specialist}, {"outcome", outcome}}).Increment();
  const prometheus::Histogram::BucketBoundaries kBuckets = {5, 15, 30, 60, 120, 300, 600, 1800};
  impl_->dispatches.Add({{"outcome", outcome}}, kBuckets).Observe(seconds);
}

void Metrics::delivery(const std::string& section, const std::string& result) {
  impl_->deliveries.Add({{"section", section}, {"result", result}}).Increment();
}

void Metrics::model_call(store::Purpose purpose, double seconds, bool ok) {
  const prometheus::Histogram::BucketBoundaries kBuckets = {0.1, 0.3, 1, 2, 4, 8, 16, 32, 64, 128};
  impl_->model_calls.Add({{"purpose", to_string(purpose)}, {"result", ok ? "ok" : "error"}}, kBuckets)
      .Observe(seconds);
}

void Metrics::spent(store::Purpose purpose, double amount) {
  impl_->usd.Add({{"purpose", to_string(purpose)}}).Increment(amount);
}

std::string Metrics::text(const Gauges& gauges) {
  impl_->state.Add({{"kind", "open_turns"}}).Set(gauges.open_turns);
  impl_->state.Add({{"kind", "open_dispatches"}}).Set(gauges.open_dispatches);
  impl_->state.Add({{"kind", "running_dispatches"}}).Set(gauges.running_dispatches);
  impl_->state.Add({{"kind", "dead_deliveries"}}).Set(gauges.dead_deliveries);
  impl_->state.Add({{"kind", "doubtful_deliveries"}}).Set(gauges.doubtful_deliveries);
  impl_->state.Add({{"kind", "event_streams"}}).Set(static_cast<double>(gauges.event_streams));
  return prometheus::TextSerializer().Serialize(impl_->registry.Collect());
}

}  // namespace bot::runtime
