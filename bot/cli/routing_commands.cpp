#include "bot/cli/routing_commands.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/money.h"
#include "base/nearest.h"
#include "bot/chat/commands.h"
#include "bot/runtime/settings.h"
#include "bot/turns/routing_outcomes.h"
#include "bot/turns/turn_routing.h"
#include "router/decision.h"
#include "router/evaluation/evaluation.h"
#include "router/scorer.h"
#include "router/scoring/judgement.h"
#include "router/scoring/own_words.h"

namespace bot::cli {
namespace {

/// Throws base::ConfigError that names the flag, where it names a chat or a person of no chat section.
void require_section(const std::string& text, const char* flag, const std::vector<std::string>& sections) {
  const auto name = text.substr(0, text.find(':'));
  if (text.empty() || std::find(sections.begin(), sections.end(), name) != sections.end()) {
    return;
  }
  const auto near = base::nearest(name, sections);
  throw base::ConfigError(fmt::format("{}: there is no chat section \"{}\"; {}", flag, name,
                                      near ? fmt::format("did you mean \"{}\"?", *near)
                                           : fmt::format("choose one of: {}", fmt::join(sections, ", "))));
}

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

/// The calibration in force, where there is a database already.
router::Calibration calibration_of(const std::filesystem::path& database) {
  if (!std::filesystem::exists(database)) {
    return {};
  }
  store::Database db(database);
  return turns::calibration_in_force(db);
}

/// "ask_at=0.3,dispatch_at=0.8" taken apart. Throws base::ConfigError.
std::pair<double, double> thresholds_of(const std::string& text) {
  double ask_at = -1;
  double dispatch_at = -1;
  int end = 0;
  if (std::sscanf(text.c_str(), "ask_at=%lf,dispatch_at=%lf%n", &ask_at, &dispatch_at, &end) != 2 ||
      static_cast<std::size_t>(end) != text.size() || ask_at < 0 || ask_at > 1 || dispatch_at < 0 ||
      dispatch_at > 1) {
    throw base::ConfigError(
        fmt::format("--what-if: \"{}\" is not ask_at=X,dispatch_at=Y with numbers from 0 to 1", text));
  }
  return {ask_at, dispatch_at};
}

/// What comes before p: a command, or the operator's rule for the chat or person.
void apply_rule(const router::RoutingPolicy& policy, const RouteOptions& options,
                router::Decision& decision) {
  using Action = router::Decision::Action;
  const auto set = [&](const std::string& name, Action action, double p) {
    decision.cause = "rule:" + name;
    decision.action = action;
    decision.p = p;
  };
  if (const auto command = chat::parse_command(options.text)) {
    const bool dispatches = command->name == chat::Command::Name::dispatch;
    const bool answers = command->name == chat::Command::Name::answer;
    set(dispatches ? "dispatch-command"
        : answers  ? "answer-command"
                   : "command",
        dispatches ? Action::dispatch : Action::answer, dispatches ? router::kDemanded : router::kDeclined);
    return;
  }
  const auto [section, chat] = section_and_id(options.chat, "--chat");
  const auto [user_section, user] = section_and_id(options.user, "--user");
  if (const auto rule = policy.rule(section.empty() ? user_section : section, chat, user)) {
    using Rule = router::RoutingPolicy::Rule;
    set(rule->name,
        rule->rule == Rule::always_answer ? Action::answer
        : rule->rule == Rule::always_ask  ? Action::ask
                                          : Action::dispatch,
        decision.p);
  }
}

nlohmann::json route_json(const router::Judgement& judgement, const router::Decision& decision) {
  auto features = nlohmann::json::array();
  for (const auto& [word, weight] : router::weightiest_words(judgement, router::Scorer::built_in())) {
    features.push_back(
        {{"name", word}, {"weight", static_cast<double>(weight) / static_cast<double>(router::kLogitOne)}});
  }
  const auto& t = decision.thresholds;
  return {{"p", decision.p},
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
  out << fmt::format("{}: p = {:.2f}, ask_at = {:.2f} ({}), dispatch_at = {:.2f} ({})\n",
                     to_string(decision.action), decision.p, t.ask_at, t.ask_from, t.dispatch_at,
                     t.dispatch_from);
  if (!decision.rule().empty()) {
    out << "rule: " << decision.rule() << '\n';
  }
  for (const auto& [word, weight] : router::weightiest_words(judgement, router::Scorer::built_in())) {
    out << fmt::format("  {:+.2f}  {}\n",
                       static_cast<double>(weight) / static_cast<double>(router::kLogitOne), word);
  }
}

}  // namespace

int show_route(const RouteOptions& options, std::ostream& out) {
  if (!options.what_if.empty()) {
    return show_projection(options, out);
  }
  if (options.text.empty()) {
    throw base::ConfigError("route: the message is missing; write it in quotes behind the command");
  }
  const auto settings = runtime::load_shell_settings(options.config);
  section_and_id(options.chat, "--chat");
  section_and_id(options.user, "--user");
  require_section(options.chat, "--chat", settings.chats);
  require_section(options.user, "--user", settings.chats);
  const auto own = router::own_words(options.text);
  const auto judgement = router::judge({own.text}, std::nullopt, router::Scorer::built_in(),
                                       calibration_of(settings.database), options.chat);
  router::Circumstances circumstances;
  circumstances.foreign_text = own.foreign;
  circumstances.proposed = true;
  auto decision = router::decide(judgement.p, thresholds_for(settings.routing, options), circumstances);
  apply_rule(settings.routing, options, decision);
  if (options.json) {
    out << base::dump_json(route_json(judgement, decision)) << '\n';
  } else {
    print_route(judgement, decision, out);
  }
  return 0;
}

int show_projection(const RouteOptions& options, std::ostream& out) {
  const auto [ask_at, dispatch_at] = thresholds_of(options.what_if);
  const auto settings = runtime::load_shell_settings(options.config);
  store::Database db(settings.database);
  const auto since = base::SystemClock().now() - std::chrono::hours(24 * options.days);
  const auto p = turns::project_routing(db, ask_at, dispatch_at, since);
  if (options.json) {
    out << base::dump_json({{"n", p.n},
                            {"answer", p.answer},
                            {"ask", p.ask},
                            {"dispatch", p.dispatch},
                            {"usd", p.usd},
                            {"known_mistakes", p.known_mistakes}})
        << '\n';
  } else {
    out << fmt::format(
        "{} turns of the last {} days: {:.1f} % answered, {:.1f} % asked, {:.1f} % dispatched for about {}; known "
        "mistakes: {}\n",
        p.n, options.days, 100 * p.answer, 100 * p.ask, 100 * p.dispatch, base::format_usd(p.usd),
        p.known_mistakes);
  }
  return 0;
}

int evaluate_routing(const EvalOptions& options, std::ostream& out) {
  const auto settings = runtime::load_shell_settings(options.config);
  const auto turns = router::read_labelled_turns(options.file);
  const auto thresholds = settings.routing.thresholds("", "", "");
  const router::EvaluationOptions at{thresholds.ask_at, thresholds.dispatch_at,
                                     calibration_of(settings.database)};
  const auto evaluation = router::evaluate(turns, router::Scorer::built_in(), at);
  if (!options.html.empty()) {
    base::write_file_atomically(options.html, router::evaluation_html(evaluation, at));
  }
  out << (options.json ? router::evaluation_json(evaluation) + "\n"
                       : router::evaluation_text(evaluation, at));
  return 0;
}

}  // namespace bot::cli
