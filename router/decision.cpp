#include "router/decision.h"

#include <array>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/json.h"

namespace router {
namespace {

constexpr std::array kConfidences = {std::pair{Confidence::low, "low"},
                                     std::pair{Confidence::medium, "medium"},
                                     std::pair{Confidence::high, "high"}};

std::string name_of(Confidence confidence) {
  return kConfidences.at(static_cast<std::size_t>(confidence)).second;
}

}  // namespace

std::optional<Confidence> parse_confidence(std::string_view text) {
  for (const auto& [confidence, name] : kConfidences) {
    if (name == text) {
      return confidence;
    }
  }
  return std::nullopt;
}

std::string to_json(const Proposal& p) {
  nlohmann::json json = {{"action", to_string(p.action)},       {"slug", p.slug},
                         {"description", p.description},        {"prompt", p.prompt},
                         {"confidence", name_of(p.confidence)}, {"reason", p.reason}};
  if (!p.specialist.empty()) {
    json["specialist"] = p.specialist;
  }
  return base::dump_json(json);
}

Proposal proposal_from_json(const std::string& text) {
  const auto json = base::parse_json(text).value_or(nlohmann::json::object());
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

Decision decide(const std::optional<Proposal>& proposal, double p, const Thresholds& thresholds) {
  Decision decision;
  decision.p = p;
  decision.thresholds = thresholds;
  const auto why =
      proposal ? fmt::format("the secretary proposed it with {} confidence", name_of(proposal->confidence))
               : std::string("the secretary proposed nothing");
  if (!proposal) {
    decision.offer_specialist = p >= thresholds.ask_at;
    decision.reason = fmt::format("p={:.2f}: {}", p, why);
  } else if (p < thresholds.ask_at) {
    decision.reason = fmt::format("p={:.2f} < ask_at={:.2f}: {}", p, thresholds.ask_at, why);
  } else if (p < thresholds.dispatch_at) {
    decision.action = Decision::Action::ask;
    decision.reason = fmt::format("ask_at={:.2f} <= p={:.2f} < dispatch_at={:.2f}: {}", thresholds.ask_at, p,
                                  thresholds.dispatch_at, why);
  } else {
    decision.action = Decision::Action::dispatch;
    decision.reason = fmt::format("p={:.2f} >= dispatch_at={:.2f}: {}", p, thresholds.dispatch_at, why);
  }
  return decision;
}

}  // namespace router
