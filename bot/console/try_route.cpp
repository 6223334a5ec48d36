#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/log.h"
#include "bot/console/calls.h"
#include "bot/console/routing.h"
#include "bot/console/routing_parameters.h"
#include "bot/reporting/asked_secretary.h"
#include "bot/reporting/routed.h"
#include "bot/texts/console_routing.h"
#include "llm/chat_model.h"
#include "router/scorer.h"
#include "store/ledger.h"

namespace bot::console {
namespace {

using nlohmann::json;

constexpr std::size_t kMostText = 32 * 1024;

/// What the secretary's model makes of the message. What that costs is written down.
router::SecretarySignal ask_secretary(const Call& call, const std::string& text) {
  const auto& services = call.services;
  if (services.settings.secretary.demo) {
    throw Refusal{400, texts::kOnlyDemoModel};
  }
  std::vector<store::LedgerEntry> paid;
  const auto note = [&](const llm::Usage& usage) {
    paid.push_back({.conversation = {},
                    .person = {},
                    .dispatch = {},
                    .purpose = store::Purpose::secretary,
                    .provider = services.provider_of(usage),
                    .model = services.model_of(usage),
                    .input_tokens = usage.input,
                    .cache_read_tokens = usage.cache_read,
                    .cache_write_tokens = usage.cache_write,
                    .output_tokens = usage.output,
                    .usd = services.price(usage)});
  };
  std::optional<router::SecretarySignal> signal;
  try {
    signal = reporting::AskedSecretary(services.settings).ask({}, text, note);
  } catch (const llm::ModelError& e) {
    base::log_error("the model that the console asked about a message: {}", e.what());
  }
  store::Transaction transaction(call.db);
  for (const auto& entry : paid) {
    store::Ledger(call.db).add(entry, services.clock.now());
  }
  transaction.commit();
  if (!signal) {
    throw Refusal{503, texts::kModelFailed};
  }
  return *signal;
}

/// Sentences, the decisive one first.
json why_of(const reporting::Routed& routed, bool model_kept_back) {
  const auto& decision = routed.decision;
  const auto& t = decision.thresholds;
  const bool proposed = routed.secretary ? routed.secretary->called.has_value() : routed.is_assumed;
  auto why = json::array();
  if (routed.shadow && decision.rule().empty()) {
    why.push_back(texts::kWhyShadow);
  } else {
    why.push_back(texts::why_routed({.action = to_string(decision.action),
                                     .rule = decision.rule(),
                                     .p = decision.p,
                                     .ask_at = t.ask_at,
                                     .dispatch_at = t.dispatch_at,
                                     .ask_from = t.ask_from,
                                     .dispatch_from = t.dispatch_from,
                                     .proposed = proposed}));
  }
  if (!routed.moved.empty()) {
    why.push_back(texts::why_moved(routed.moved));
  }
  if (model_kept_back) {
    why.push_back(texts::kWhyBudgetKeepsModel);
  }
  if (routed.is_assumed && decision.action != router::Decision::Action::answer) {
    why.push_back(texts::why_assumed(reporting::assumption(routed.shadow)));
  }
  std::vector<std::string> specialist;
  std::vector<std::string> secretary;
  for (const auto& [word, weight] : router::weightiest_words(routed.judgement, router::Scorer::built_in())) {
    (weight > 0 ? specialist : secretary).push_back(word);
  }
  if (!specialist.empty() || !secretary.empty()) {
    why.push_back(texts::why_words(specialist, secretary));
  }
  return why;
}

base::HttpResponse try_route(const Call& call) {
  const auto body = body_of(call, {"text", "chat", "person", "model"});
  const auto text = text_of(body, "text");
  if (text.empty()) {
    throw Refusal{400, texts::kTryNeedsText};
  }
  if (text.size() > kMostText) {
    throw Refusal{413, texts::kTryTooLong};
  }
  const auto place = place_of(call, text_of(body, "chat"), text_of(body, "person"));
  const bool model = flag_of(body, "model");
  if (model && call.caller.role < Role::editor) {
    throw Refusal{403, texts::kModelCosts};
  }
  reporting::RouteQuestion question{text, place, policy_in_force(call), call.services.policy()->budget,
                                    call.services.settings.secretary.timezone};
  const bool kept_back = model && reporting::stops_secretary(question, call.db);
  if (model && !kept_back) {
    question.secretary = ask_secretary(call, text);
  }
  const auto routed = reporting::route(question, &call.db);
  auto answer = reporting::to_json(routed);
  answer["why"] = why_of(routed, kept_back);
  return base::HttpResponse::json(base::dump_json(answer));
}

}  // namespace

std::vector<Route> try_routes() {
  return {{"POST", "/routing/try", Role::viewer, try_route, Pace::slow}};
}

}  // namespace bot::console
