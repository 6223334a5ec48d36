#include "bot/cli/routing_commands.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "bot/runtime/settings.h"
#include "router/decision.h"
#include "router/evaluation/evaluation.h"
#include "router/scoring/judgement.h"
#include "router/scoring/own_words.h"

namespace bot::cli {
namespace {

/// "tg:123" taken apart; two empty texts where there is none. Throws base::ConfigError that names the flag.
std::pair<std::string, std::string> section_and_id(const std::string& text, const char* flag) {
  const auto colon = text.find(':');
  if (!text.empty() && (colon == 0 || colon == std::string::npos || colon + 1 == text.size())) {
    throw base::ConfigError(fmt::format("{}: \"{}\" is not SECTION:ID, such as tg:12345678", flag, text));
  }
  return text.empty() ? std::pair<std::string, std::string>()
                      : std::pair(text.substr(0, colon), text.substr(colon + 1));
}

router::Thresholds thresholds_for(const router::RoutingPolicy& policy, const RouteOptions& options) {
  const auto [section, chat] = section_and_id(options.chat, "--chat");
  const auto [user_section, user] = section_and_id(options.user, "--user");
  return policy.thresholds(section.empty() ? user_section : section, chat, user);
}

nlohmann::json route_json(const router::Judgement& judgement, const router::Decision& decision) {
  auto features = nlohmann::json::array();
  for (const auto& [word, weight] : judgement.words) {
    features.push_back(
        {{"name", word}, {"weight", static_cast<double>(weight) / static_cast<double>(router::kLogitOne)}});
  }
  const auto& t = decision.thresholds;
  return {{"p", judgement.p},
          {"action", to_string(decision.action)},
          {"ask_at", t.ask_at},
          {"ask_at_from", t.ask_from},
          {"dispatch_at", t.dispatch_at},
          {"dispatch_at_from", t.dispatch_from},
          {"rule", decision.rule().empty() ? nlohmann::json(nullptr) : nlohmann::json(decision.rule())},
          {"features", features},
          {"calibration", judgement.calibration}};
}

void print_route(const router::Judgement& judgement, const router::Decision& decision, std::ostream& out) {
  const auto& t = decision.thresholds;
  out << fmt::format("{}: p = {:.2f}, ask_at = {:.2f} ({}), dispatch_at = {:.2f} ({})\n", to_string(decision.action),
                     judgement.p, t.ask_at, t.ask_from, t.dispatch_at, t.dispatch_from);
  if (!decision.rule().empty()) {
    out << "rule: " << decision.rule() << '\n';
  }
  for (const auto& [word, weight] : judgement.words) {
    out << fmt::format("  {:+.2f}  {}\n", static_cast<double>(weight) / static_cast<double>(router::kLogitOne), word);
  }
}

}  // namespace

int show_route(const RouteOptions& options, std::ostream& out) {
  const auto settings = runtime::load_shell_settings(options.config);
  const auto own = router::own_words(options.text);
  const auto judgement =
      router::judge({own.text}, std::nullopt, router::Scorer::built_in(), {}, options.chat);
  router::Circumstances circumstances;
  circumstances.foreign_text = own.foreign;
  circumstances.proposed = true;
  const auto decision =
      router::decide(judgement.p, thresholds_for(settings.routing, options), circumstances);
  if (options.json) {
    out << base::dump_json(route_json(judgement, decision)) << '\n';
  } else {
    print_route(judgement, decision, out);
  }
  return 0;
}

int evaluate_routing(const EvalOptions& options, std::ostream& out) {
  const auto settings = runtime::load_shell_settings(options.config);
  const auto turns = router::read_labelled_turns(options.file);
  const auto thresholds = settings.routing.thresholds("", "", "");
  const router::EvaluationOptions at{thresholds.ask_at, thresholds.dispatch_at, {}};
  const auto evaluation = router::evaluate(turns, router::Scorer::built_in(), at);
  if (!options.html.empty()) {
    base::write_file_atomically(options.html, router::evaluation_html(evaluation, at));
  }
  out << (options.json ? router::evaluation_json(evaluation) + "\n" : router::evaluation_text(evaluation, at));
  return 0;
}

}  // namespace bot::cli
