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
#include "bot/cli/asked_secretary.h"
#include "bot/cli/route_output.h"
#include "bot/runtime/settings.h"
#include "bot/turns/console_thresholds.h"
#include "bot/turns/moved_thresholds.h"
#include "bot/turns/routing_outcomes.h"
#include "bot/turns/turn_routing.h"
#include "router/decision.h"
#include "router/evaluation/evaluation.h"
#include "router/scorer.h"
#include "router/scoring/judgement.h"
#include "router/scoring/own_words.h"
#include "store/people.h"

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

/// Whose turn it would be, where the log knows chat and person.
std::optional<turns::TurnPlace> place_of(store::Database& db, const RouteOptions& options,
                                         const std::string& text) {
  const auto [section, chat] = section_and_id(options.chat, "--chat");
  const auto [user_section, user] = section_and_id(options.user, "--user");
  const auto conversation = store::Conversations(db).find(section.empty() ? user_section : section, chat);
  const auto person = store::People(db).find(user_section.empty() ? section : user_section, user);
  if (!conversation) {
    return std::nullopt;
  }
  return turns::TurnPlace{*conversation, person ? person->id : store::PersonId{}, text,
                          base::SystemClock().now(), base::machine_time_zone()};
}

}  // namespace

int show_route(const RouteOptions& options, std::ostream& out) {
  if (!options.reset.empty()) {
    return reset_route(options, out);
  }
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
  auto policy = settings.routing;
  std::optional<store::Database> db;
  Routed routed;
  if (std::filesystem::exists(settings.database)) {
    db.emplace(settings.database);
    policy = turns::with_console(std::move(policy), *db);
    routed.console = turns::console_text(*db);
  }
  if (options.model) {
    routed.secretary =
        AskedSecretary(runtime::load_settings({.config = options.config})).ask({}, options.text);
  }
  const auto own = router::own_words(options.text);
  routed.judgement =
      router::judge({own.text}, routed.secretary, router::Scorer::built_in(),
                    db ? turns::calibration_in_force(*db) : router::Calibration(), options.chat);
  auto thresholds = thresholds_for(policy, options);
  if (const auto place = db && !policy.shadow() ? place_of(*db, options, own.text) : std::nullopt) {
    auto moved = turns::moved_thresholds(thresholds, settings.budget, *db, *place);
    thresholds = std::move(moved.thresholds);
    routed.moved = std::move(moved.why);
  }
  // Without asking it the secretary is taken to propose what it is asked about.
  const bool proposed = !routed.secretary || routed.secretary->called;
  routed.decision = router::decide(routed.judgement.p, thresholds, {proposed, own.foreign});
  apply_rule(policy, options, routed.decision);
  print_route(routed, options.json, out);
  return 0;
}

int reset_route(const RouteOptions& options, std::ostream& out) {
  const auto settings = runtime::load_shell_settings(options.config);
  // "--reset chat tg:1" is taken without quotes, too.
  const auto scope = options.text.empty() ? options.reset : options.reset + " " + options.text;
  store::Database db(settings.database);
  const bool done = turns::reset_thresholds(db, scope, "the shell", base::SystemClock().now());
  out << (done ? fmt::format("Dropped what the console stored for {}.\n", scope)
               : fmt::format("The console has stored nothing for {}.\n", scope));
  return done ? 0 : 1;
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
  auto turns = router::read_labelled_turns(options.file);
  if (options.model) {
    AskedSecretary secretary(runtime::load_settings({.config = options.config}));
    for (auto& turn : turns) {
      turn.secretary = secretary.ask(turn.thread, turn.text);
    }
  }
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
