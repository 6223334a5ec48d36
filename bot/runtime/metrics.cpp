#include "bot/runtime/metrics.h"

#include <utility>
#include <vector>

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "base/utf8.h"
#include "bot/runtime/process_metrics.h"
#include "bot/runtime/services.h"

namespace bot::runtime {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildHistogram;
using prometheus::Counter;
using prometheus::Family;
using prometheus::Histogram;
using Buckets = Histogram::BucketBoundaries;
using Labels = std::map<std::string, std::string>;

const Buckets kShort = {0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60};
const Buckets kOfAnswers = {0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300};
const Buckets kOfTools = {0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 120};
const Buckets kOfModels = {0.1, 0.3, 1, 2, 4, 8, 16, 32, 64, 128};
const Buckets kOfRuns = {5, 15, 30, 60, 120, 300, 600, 1800};

/// A family's help must be one line of ASCII: the serializer does not escape it.
Family<Counter>& counters(prometheus::Registry& registry, const char* name, const char* help) {
  return BuildCounter().Name(name).Help(help).Register(registry);
}

Family<Histogram>& histograms(prometheus::Registry& registry, const char* name, const char* help) {
  return BuildHistogram().Name(name).Help(help).Register(registry);
}

/// The whole page would be unreadable by a label that is no UTF-8.
std::string label(const std::string& value) {
  return base::to_valid_utf8(value);
}

prometheus::MetricFamily gauge(const char* name, const char* help,
                               const std::vector<std::pair<Labels, double>>& values) {
  prometheus::MetricFamily family{name, help, prometheus::MetricType::Gauge, {}};
  for (const auto& [labels, value] : values) {
    prometheus::ClientMetric metric;
    for (const auto& [key, text] : labels) {
      metric.label.push_back({key, label(text)});
    }
    metric.gauge.value = value;
    family.metric.push_back(std::move(metric));
  }
  return family;
}

}  // namespace

std::string queue_of(const std::string& job_kind) {
  return job_kind == kTurnJob || job_kind == kQuickTurnJob ? "turn"
         : job_kind == kDispatchJob                        ? "dispatch"
         : job_kind.starts_with("deliver:")                ? "delivery"
                                                           : "";
}

class Metrics::Impl {
 public:
  prometheus::Registry registry;
  Family<Counter>& messages =
      counters(registry, "frontdesk_messages_received_total", "Messages and clicks stored, by chat section");
  Family<Counter>& refused = counters(registry, "frontdesk_webhooks_refused_total",
                                      "Webhook calls refused, by chat section and HTTP status");
  Family<Counter>& decisions =
      counters(registry, "frontdesk_decisions_total",
               "Routing decisions, by action and outcome; each is counted once, when its outcome is final");
  Family<Counter>& dispatches = counters(registry, "frontdesk_dispatches_total",
                                         "Dispatches that have ended, by specialist and outcome");
  Family<Counter>& approvals = counters(registry, "frontdesk_approvals_total",
                                        "Requests of specialists that were settled, by kind and outcome");
  Family<Counter>& deliveries =
      counters(registry, "frontdesk_deliveries_total",
               "Calls to chat platforms, by section and outcome: delivered, uncertain (nobody can tell "
               "whether all of it arrived), retried, dead");
  Family<Counter>& failed_calls =
      counters(registry, "frontdesk_model_calls_failed_total", "Calls of the secretary's models that failed");
  Family<Counter>& tokens =
      counters(registry, "frontdesk_model_tokens_total", "Tokens that models counted, by purpose and kind");
  Family<Counter>& usd =
      counters(registry, "frontdesk_spent_usd_total", "US dollars spent since the start, by purpose");
  Family<Counter>& tool_calls = counters(
      registry, "frontdesk_tool_calls_total",
      "Calls of the secretary's tools that have ended, by server and outcome: done (as the tool says), "
      "failed, uncertain, refused, replaced, expired");
  Family<Histogram>& tool_seconds = histograms(registry, "frontdesk_tool_call_seconds",
                                               "From a call of a tool to its answer, waiting included");
  Family<Counter>& drafts = counters(registry, "frontdesk_drafts_total",
                                     "Answers that were shown while they were written, by section and "
                                     "outcome: answered, withdrawn");
  Family<Histogram>& first_words = histograms(registry, "frontdesk_draft_first_words_seconds",
                                              "From the beginning of an answer to its first words on show");
  Histogram& answers = histograms(registry, "frontdesk_answer_seconds",
                                  "Time from a stored message to its delivered first answer")
                           .Add({}, kOfAnswers);
  Family<Histogram>& waits = histograms(registry, "frontdesk_queue_wait_seconds",
                                        "Time from storing a job to beginning it for the first time");
  Family<Histogram>& model_calls = histograms(registry, "frontdesk_model_call_seconds",
                                              "Calls of the secretary's models, retries included");
  Family<Histogram>& runs =
      histograms(registry, "frontdesk_dispatch_seconds", "Time from order to outcome of a dispatch");
  Family<Histogram>& work = histograms(registry, "frontdesk_specialist_seconds",
                                       "Time that the processes of a run worked, by specialist");
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {
  for (const auto purpose :
       {store::Purpose::secretary, store::Purpose::summary, store::Purpose::specialist}) {
    spent(purpose, 0);
    used(purpose, {});
  }
  for (const char* kind : {"turn", "dispatch", "delivery"}) {
    impl_->waits.Add({{"kind", kind}}, kShort);
  }
  using Action = store::DecisionAction;
  for (const auto& [action, outcomes] : std::map<Action, std::vector<const char*>>{
           {Action::answer, {"answered", "failed", "over_budget"}},
           {Action::ask, {"declined", "expired", "success", "error", "blocked", "timeout", "cancelled"}},
           {Action::dispatch, {"success", "error", "blocked", "timeout", "cancelled"}}}) {
    for (const char* outcome : outcomes) {
      impl_->decisions.Add({{"action", to_string(action)}, {"outcome", outcome}});
    }
  }
}
Metrics::~Metrics() = default;

void Metrics::expect_section(const std::string& section) {
  impl_->messages.Add({{"section", label(section)}});
  for (const char* outcome : {"delivered", "uncertain", "retried", "dead"}) {
    impl_->deliveries.Add({{"section", label(section)}, {"outcome", outcome}});
  }
  for (const char* outcome : {"answered", "withdrawn"}) {
    impl_->drafts.Add({{"section", label(section)}, {"outcome", outcome}});
  }
}

void Metrics::expect_specialist(const std::string& specialist) {
  for (const char* outcome : {"success", "error", "blocked", "timeout", "cancelled"}) {
    impl_->dispatches.Add({{"specialist", label(specialist)}, {"outcome", outcome}});
  }
  impl_->work.Add({{"specialist", label(specialist)}}, kOfRuns);
}

void Metrics::expect_tool_server(const std::string& server) {
  using State = store::ToolCallState;
  for (const auto outcome :
       {State::done, State::failed, State::uncertain, State::refused, State::replaced, State::expired}) {
    impl_->tool_calls.Add({{"server", label(server)}, {"outcome", to_string(outcome)}});
  }
  impl_->tool_seconds.Add({{"server", label(server)}}, kOfTools);
}

void Metrics::message_received(const std::string& section) {
  impl_->messages.Add({{"section", label(section)}}).Increment();
}

void Metrics::webhook_refused(const std::string& section, int status) {
  impl_->refused.Add({{"section", label(section)}, {"status", std::to_string(status)}}).Increment();
}

void Metrics::decision(store::DecisionAction action, const std::string& outcome) {
  impl_->decisions.Add({{"action", to_string(action)}, {"outcome", outcome}}).Increment();
}

void Metrics::dispatch_finished(const std::string& specialist, const std::string& outcome, double seconds) {
  const Labels labels = {{"specialist", label(specialist)}, {"outcome", outcome}};
  impl_->dispatches.Add(labels).Increment();
  impl_->runs.Add(labels, kOfRuns).Observe(seconds);
}

void Metrics::specialist_worked(const std::string& specialist, double seconds) {
  impl_->work.Add({{"specialist", label(specialist)}}, kOfRuns).Observe(seconds);
}

void Metrics::approval(store::ApprovalKind kind, store::ApprovalState outcome) {
  impl_->approvals.Add({{"kind", to_string(kind)}, {"outcome", to_string(outcome)}}).Increment();
}

void Metrics::delivery(const std::string& section, const std::string& outcome) {
  impl_->deliveries.Add({{"section", label(section)}, {"outcome", outcome}}).Increment();
}

void Metrics::answered(double seconds) {
  impl_->answers.Observe(seconds);
}

void Metrics::waited(const std::string& job_kind, double seconds) {
  if (const auto queue = queue_of(job_kind); !queue.empty()) {
    impl_->waits.Add({{"kind", queue}}, kShort).Observe(seconds);
  }
}

void Metrics::model_call(const std::string& purpose, const std::string& provider, double seconds, bool ok) {
  const Labels labels = {{"purpose", purpose}, {"provider", label(provider)}};
  impl_->model_calls.Add(labels, kOfModels).Observe(seconds);
  impl_->failed_calls.Add(labels).Increment(ok ? 0 : 1);
}

void Metrics::used(store::Purpose purpose, const Tokens& tokens) {
  for (const auto& [kind, count] : {std::pair("input", tokens.input),
                                    {"cache_read", tokens.cache_read},
                                    {"cache_write", tokens.cache_write},
                                    {"output", tokens.output}}) {
    impl_->tokens.Add({{"purpose", to_string(purpose)}, {"kind", kind}})
        .Increment(static_cast<double>(count));
  }
}

void Metrics::spent(store::Purpose purpose, double amount) {
  impl_->usd.Add({{"purpose", to_string(purpose)}}).Increment(amount);
}

void Metrics::tool_call(const std::string& server, store::ToolCallState outcome,
                        std::optional<double> seconds) {
  impl_->tool_calls.Add({{"server", label(server)}, {"outcome", to_string(outcome)}}).Increment();
  if (seconds) {
    impl_->tool_seconds.Add({{"server", label(server)}}, kOfTools).Observe(*seconds);
  }
}

void Metrics::draft(const std::string& section, const std::string& outcome) {
  impl_->drafts.Add({{"section", label(section)}, {"outcome", outcome}}).Increment();
}

void Metrics::draft_begun(const std::string& section, double seconds) {
  impl_->first_words.Add({{"section", label(section)}}, kOfModels).Observe(seconds);
}

std::string Metrics::text(const Gauges& gauges) {
  std::vector<std::pair<Labels, double>> depths, ages, left;
  for (const auto& [kind, queue] : gauges.queues) {
    depths.push_back({{{"kind", kind}}, queue.depth});
    ages.push_back({{{"kind", kind}}, queue.oldest_seconds});
  }
  for (const auto& [budget, usd] : gauges.budget_left_usd) {
    left.push_back({{{"budget", budget}}, usd});
  }
  auto families = impl_->registry.Collect();
  const auto add = [&](const char* name, const char* help,
                       const std::vector<std::pair<Labels, double>>& values) {
    if (!values.empty()) {
      families.push_back(gauge(name, help, values));
    }
  };
  add("frontdesk_queue_depth", "What is not done yet, by kind; approvals and questions wait for a person",
      depths);
  add("frontdesk_queue_oldest_seconds", "Age of the oldest of these, 0 where there is none", ages);
  add("frontdesk_running_dispatches", "Runs at work", {{{}, double(gauges.running_dispatches)}});
  add("frontdesk_uncertain_deliveries", "Calls of which nobody knows whether they arrived",
      {{{}, double(gauges.uncertain_deliveries)}});
  add("frontdesk_uncertain_tool_calls", "Calls of tools of which nobody knows whether they took effect",
      {{{}, double(gauges.uncertain_tool_calls)}});
  add("frontdesk_dead_deliveries", "Calls that were given up", {{{}, double(gauges.dead_deliveries)}});
  add("frontdesk_event_streams", "Open pages", {{{}, double(gauges.event_streams)}});
  add("frontdesk_budget_left_usd", "US dollars left of a configured budget", left);
  add("frontdesk_build_info", "The program that runs; always 1", {{{{"version", FRONTDESK_VERSION}}, 1}});
  add_process_metrics(families);
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace bot::runtime
