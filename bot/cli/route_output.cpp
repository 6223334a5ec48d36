#include "bot/cli/route_output.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/json.h"

namespace bot::cli {
namespace {

using nlohmann::json;

double shown(router::Logit weight) {
  return static_cast<double>(weight) / static_cast<double>(router::kLogitOne);
}

json secretary_json(const router::SecretarySignal& signal) {
  json object = {{"called", signal.called.has_value()}};
  if (signal.called) {
    object["confidence"] = to_string(*signal.called);
  }
  if (signal.logprob) {
    object["logprob"] = *signal.logprob;
  }
  return object;
}

/// What is taken for granted of a secretary that was not asked.
const char* assumption(bool shadow) {
  return shadow ? "the secretary proposes it with medium confidence" : "the secretary proposes it";
}

json route_json(const Routed& routed) {
  const auto& [judgement, decision, secretary, moved, console, shadow, assumed] = routed;
  auto features = json::array();
  for (const auto& [word, weight] : router::weightiest_words(judgement, router::Scorer::built_in())) {
    features.push_back({{"name", word}, {"weight", shown(weight)}});
  }
  const auto& t = decision.thresholds;
  json object = {{"p", decision.p},
                 {"action", to_string(decision.action)},
                 {"ask_at", t.ask_at},
                 {"ask_at_from", t.ask_from},
                 {"dispatch_at", t.dispatch_at},
                 {"dispatch_at_from", t.dispatch_from},
                 {"rule", decision.rule().empty() ? json(nullptr) : json(decision.rule())},
                 {"features", features},
                 {"calibration", judgement.calibration}};
  if (shadow) {
    object["shadow"] = true;
  }
  if (assumed) {
    object["assumed"] = assumption(shadow);
  }
  if (secretary) {
    object["secretary"] = secretary_json(*secretary);
  }
  if (!moved.empty()) {
    object["moved"] = moved;
  }
  return object;
}

std::string secretary_text(const router::SecretarySignal& signal) {
  return (signal.called ? fmt::format("the specialist, with {} confidence", to_string(*signal.called))
                        : std::string("an answer of its own")) +
         (signal.logprob ? fmt::format(" (log-probability {:.2f})", *signal.logprob) : "");
}

}  // namespace

void print_route(const Routed& routed, bool as_json, std::ostream& out) {
  const auto& [judgement, decision, secretary, moved, console, shadow, assumed] = routed;
  if (as_json) {
    out << base::dump_json(route_json(routed)) << '\n';
    return;
  }
  const auto& t = decision.thresholds;
  out << fmt::format("{}: p = {:.2f}, ask_at = {:.2f} ({}), dispatch_at = {:.2f} ({})\n",
                     to_string(decision.action), decision.p, t.ask_at, t.ask_from, t.dispatch_at,
                     t.dispatch_from);
  if (!decision.rule().empty()) {
    out << "rule: " << decision.rule() << '\n';
  }
  if (shadow) {
    out << "shadow: the constants 0.3, 0.6 and 0.9 for the secretary's confidence decide, p is only kept\n";
  }
  if (assumed && decision.action != router::Decision::Action::answer) {
    out << "taken for granted: " << assumption(shadow) << "; --model asks it\n";
  }
  if (secretary) {
    out << "the secretary proposes " << secretary_text(*secretary) << '\n';
  }
  if (!moved.empty()) {
    out << "moved: " << moved << '\n';
  }
  for (const auto& [word, weight] : router::weightiest_words(judgement, router::Scorer::built_in())) {
    out << fmt::format("  {:+.2f}  {}\n", shown(weight), word);
  }
  if (!console.empty()) {
    out << "set in the console:\n" << console;
  }
}

}  // namespace bot::cli
