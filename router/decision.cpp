#include "router/decision.h"

#include <algorithm>
#include <iterator>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/json.h"

namespace router {
namespace {

nlohmann::json json_of(const Proposal& p) {
  nlohmann::json json = {{"action", to_string(p.action)},         {"slug", p.slug},
                         {"description", p.description},          {"prompt", p.prompt},
                         {"confidence", to_string(p.confidence)}, {"reason", p.reason}};
  if (!p.specialist.empty()) {
    json["specialist"] = p.specialist;
  }
  return json;
}

Proposal proposal_of(const nlohmann::json& json) {
  Proposal p;
  p.action = store::parse<store::DispatchAction>(base::json_string(json, "action").value_or(""))
                 .value_or(store::DispatchAction::run);
  p.slug = base::json_string(json, "slug").value_or("");
  p.description = base::json_string(json, "description").value_or("");
  p.prompt = base::json_string(json, "prompt").value_or("");
  p.reason = base::json_string(json, "reason").value_or("");
  p.specialist = base::json_string(json, "specialist").value_or("");
  p.confidence =
      parse_confidence(base::json_string(json, "confidence").value_or("")).value_or(Confidence::medium);
  return p;
}

/// p and a threshold with as many digits as it takes to see which is larger, and that p is neither 0 nor 1.
struct Shown {
  std::string p;
  std::string threshold;
};
Shown shown(double p, double threshold) {
  constexpr int kFewest = 2, kMost = 6;
  Shown shown;
  for (int digits = kFewest; digits <= kMost; ++digits) {
    shown = {fmt::format("{:.{}f}", p, digits), fmt::format("{:.{}f}", threshold, digits)};
    const bool is_told_apart = p == threshold || shown.p != shown.threshold;
    if (is_told_apart && shown.p != fmt::format("{:.{}f}", 1.0, digits) &&
        shown.p != fmt::format("{:.{}f}", 0.0, digits)) {
      break;
    }
  }
  return shown;
}

}  // namespace

std::string to_json(const Proposal& proposal, const std::vector<Proposal>& further) {
  auto json = json_of(proposal);
  for (const auto& other : further) {
    json["further"].push_back(json_of(other));
  }
  return base::dump_json(json);
}

Proposal proposal_from_json(const std::string& text) {
  return proposal_of(base::parse_json(text).value_or(nlohmann::json::object()));
}

std::vector<Proposal> further_from_json(const std::string& text) {
  const auto json = base::parse_json(text).value_or(nlohmann::json::object());
  std::vector<Proposal> further;
  if (const auto* list = base::json_member(json, "further"); list != nullptr && list->is_array()) {
    std::transform(list->begin(), list->end(), std::back_inserter(further), proposal_of);
  }
  return further;
}

std::string Decision::rule() const {
  constexpr std::string_view kPrefix = "rule:";
  return cause.starts_with(kPrefix) ? cause.substr(kPrefix.size()) : std::string();
}

Decision::Action action_at(double p, double ask_at, double dispatch_at, const Circumstances& circumstances) {
  using Action = Decision::Action;
  if (!circumstances.proposed || p < ask_at) {
    return Action::answer;
  }
  return p < dispatch_at || circumstances.foreign_text ? Action::ask : Action::dispatch;
}

Decision decide(double p, const Thresholds& thresholds, const Circumstances& circumstances) {
  Decision decision;
  const auto asked = shown(p, thresholds.ask_at);
  const auto dispatch = shown(p, thresholds.dispatch_at);
  decision.p = p;
  decision.thresholds = thresholds;
  decision.action = action_at(p, thresholds.ask_at, thresholds.dispatch_at, circumstances);
  if (!circumstances.proposed) {
    decision.offer_specialist = p >= thresholds.ask_at;
    decision.reason = fmt::format("p={:.2f}: the secretary proposed nothing", p);
  } else if (p < thresholds.ask_at) {
    decision.reason = fmt::format("p={} < ask_at={}", asked.p, asked.threshold);
  } else if (p < thresholds.dispatch_at) {
    decision.reason =
        fmt::format("ask_at={} <= p={} < dispatch_at={}", asked.threshold, dispatch.p, dispatch.threshold);
  } else if (circumstances.foreign_text) {
    decision.cause = "rule:foreign-text";
    decision.reason =
        fmt::format("p={} >= dispatch_at={}, but the message holds words of others, which order nothing",
                    dispatch.p, dispatch.threshold);
  } else {
    decision.reason = fmt::format("p={} >= dispatch_at={}", dispatch.p, dispatch.threshold);
  }
  return decision;
}

}  // namespace router
