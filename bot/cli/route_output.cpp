#include "bot/cli/route_output.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "bot/texts/why.h"
#include "router/scorer.h"

namespace bot::cli {
namespace {

std::string secretary_text(const router::SecretarySignal& signal) {
  return (signal.called ? fmt::format("the specialist, with {} confidence", to_string(*signal.called))
                        : std::string("an answer of its own")) +
         (signal.logprob ? fmt::format(" (log-probability {:.2f})", *signal.logprob) : "");
}

}  // namespace

void print_route(const reporting::Routed& routed, bool as_json, std::ostream& out) {
  const auto& [judgement, decision, secretary, moved, console, shadow, assumed] = routed;
  if (as_json) {
    out << base::dump_json(reporting::to_json(routed)) << '\n';
    return;
  }
  const auto& t = decision.thresholds;
  out << fmt::format("{}: p = {}, ask_at = {:.2f} ({}), dispatch_at = {:.2f} ({})\n",
                     to_string(decision.action), texts::probability(decision.p), t.ask_at, t.ask_from,
                     t.dispatch_at, t.dispatch_from);
  if (!decision.rule().empty()) {
    out << "rule: " << decision.rule() << '\n';
  }
  if (shadow) {
    out << "shadow: the constants 0.3, 0.6 and 0.9 for the secretary's confidence decide, p is only kept\n";
  }
  if (assumed && decision.action != router::Decision::Action::answer) {
    out << "taken for granted: " << reporting::assumption(shadow) << "; --model asks it\n";
  }
  if (secretary) {
    out << "the secretary proposes " << secretary_text(*secretary) << '\n';
  }
  if (!moved.empty()) {
    out << "moved: " << moved << '\n';
  }
  for (const auto& [word, weight] : router::weightiest_words(judgement, router::Scorer::built_in())) {
    out << fmt::format("  {:+.2f}  {}\n", reporting::shown_weight(weight), word);
  }
  if (!console.empty()) {
    out << "set in the console:\n" << console;
  }
}

}  // namespace bot::cli
