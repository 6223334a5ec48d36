#include "bot/cli/routing_commands.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <iostream>
#include <map>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/money.h"
#include "base/nearest.h"
#include "base/utf8.h"
#include "bot/cli/route_output.h"
#include "bot/cli/routing_facts.h"
#include "bot/reporting/asked_secretary.h"
#include "bot/reporting/judged_turns.h"
#include "bot/reporting/routed.h"
#include "bot/runtime/calibration.h"
#include "bot/runtime/settings.h"
#include "bot/turns/console_thresholds.h"
#include "bot/turns/routing_outcomes.h"
#include "bot/turns/turn_routing.h"
#include "router/evaluation/evaluation.h"
#include "router/scorer.h"
#include "store/existing_database.h"

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

/// Empty texts where the flags do not say.
reporting::RoutedPlace place_of(const RouteOptions& options) {
  const auto [section, chat] = section_and_id(options.chat, "--chat");
  const auto [user_section, user] = section_and_id(options.user, "--user");
  return {section.empty() ? user_section : section, chat, user};
}

/// The operator's policy as a serve has it: with the thresholds that follow from the log, and with what the
/// console stores. What is missing for the former is told on standard error.
router::RoutingPolicy policy_in_force(router::RoutingPolicy policy, store::Database* db) {
  const auto missing =
      db != nullptr ? turns::learn_thresholds(policy, *db, base::SystemClock().now()) : policy.learn({});
  if (missing) {
    std::cerr << "frontdesk: " << *missing << '\n';
  }
  return db != nullptr ? turns::with_console(std::move(policy), *db) : policy;
}

/// The same, and as a serve would have it with the demo model. Where it may be that only this shell lacks the
/// key, p decides, and standard error tells it.
router::RoutingPolicy policy_of_route(const runtime::ShellSettings& settings, const RoutingFacts& facts,
                                      store::Database* db) {
  auto policy = policy_in_force(settings.routing, db);
  if (facts.is_demo) {
    policy.let_confidence_decide();
  } else if (facts.lacks_key) {
    std::cerr
        << "frontdesk: there is no key of the secretary's model here; a serve without one runs the demo "
           "model, whose scripted confidence decides instead of p\n";
  }
  return policy;
}

double threshold_of(std::string_view text) {
  double value = -1;
  const auto* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  // Written so that what is no number is refused, too.
  return parsed.ec == std::errc() && parsed.ptr == end && value >= 0 && value <= 1 ? value : -1;
}

/// "ask_at=0.3,dispatch_at=0.8" taken apart, in either order. Throws base::ConfigError.
std::pair<double, double> thresholds_of(const std::string& text) {
  std::map<std::string_view, double> values;
  const auto comma = text.find(',');
  const std::string_view whole = text;
  for (const auto part :
       {whole.substr(0, comma), comma == std::string::npos ? "" : whole.substr(comma + 1)}) {
    const auto equals = part.find('=');
    values[base::trim(part.substr(0, equals))] =
        equals == std::string_view::npos ? -1 : threshold_of(base::trim(part.substr(equals + 1)));
  }
  const double ask_at = values.contains("ask_at") ? values["ask_at"] : -1;
  const double dispatch_at = values.contains("dispatch_at") ? values["dispatch_at"] : -1;
  if (ask_at < 0 || dispatch_at < 0) {
    throw base::ConfigError(
        fmt::format("--what-if: \"{}\" is not ask_at=X,dispatch_at=Y with numbers from 0 to 1", text));
  }
  if (ask_at > dispatch_at) {
    throw base::ConfigError(
        fmt::format("--what-if: ask_at = {} is above dispatch_at = {}, so nothing would ever be asked",
                    ask_at, dispatch_at));
  }
  return {ask_at, dispatch_at};
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
  const auto place = place_of(options);
  require_section(options.chat, "--chat", settings.chats);
  require_section(options.user, "--user", settings.chats);
  auto db = store::open_if_there(settings.database);
  const auto facts = read_routing_facts(options.config);
  reporting::RouteQuestion question{options.text, place,
                                    policy_of_route(settings, facts, db ? &*db : nullptr), settings.budget,
                                    facts.timezone};
  if (options.model) {
    question.secretary =
        reporting::AskedSecretary(runtime::load_settings({.config = options.config, .listen = {}}))
            .ask({}, options.text);
  }
  print_route(reporting::route(question, db ? &*db : nullptr), options.json, out);
  return 0;
}

int reset_route(const RouteOptions& options, std::ostream& out) {
  const auto settings = runtime::load_shell_settings(options.config);
  // "--reset chat tg:1" is taken without quotes, too.
  const auto scope = options.text.empty() ? options.reset : options.reset + " " + options.text;
  auto db = store::open_existing(settings.database);
  const bool done = turns::reset_thresholds(db, scope, base::SystemClock().now());
  (options.json ? std::cerr : out) << (done ? fmt::format("Dropped what the console stored for {}.\n", scope)
                                            : fmt::format("The console has stored nothing for {}.\n", scope));
  if (options.json) {
    out << base::dump_json({{"scope", scope}, {"dropped", done}}) << '\n';
  }
  return done ? 0 : 1;
}

int show_projection(const RouteOptions& options, std::ostream& out) {
  const auto [ask_at, dispatch_at] = thresholds_of(options.what_if);
  const auto settings = runtime::load_shell_settings(options.config);
  auto db = store::open_existing(settings.database);
  const auto since = base::SystemClock().now() - std::chrono::hours(24 * options.days);
  require_section(options.chat, "--chat", settings.chats);
  require_section(options.user, "--user", settings.chats);
  const auto p = reporting::project_routing(db, ask_at, dispatch_at, since, {options.chat, options.user});
  if (options.json) {
    out << base::dump_json(reporting::to_json(p)) << '\n';
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
    reporting::AskedSecretary secretary(runtime::load_settings({.config = options.config, .listen = {}}));
    for (auto& turn : turns) {
      turn.secretary = secretary.ask(turn.thread, turn.text);
    }
  }
  auto db = store::open_if_there(settings.database);
  const auto thresholds = policy_in_force(settings.routing, db ? &*db : nullptr).thresholds("", "", "");
  const router::EvaluationOptions at{thresholds.ask_at,
                                     thresholds.dispatch_at,
                                     db ? runtime::calibration_in_force(*db) : router::Calibration(),
                                     thresholds.ask_from,
                                     thresholds.dispatch_from,
                                     read_routing_facts(options.config).prices};
  const auto evaluation = router::evaluate(turns, router::Scorer::built_in(), at);
  if (!options.html.empty()) {
    base::write_file_atomically(options.html, router::evaluation_html(evaluation, at));
  }
  out << (options.json ? router::evaluation_json(evaluation, at) + "\n"
                       : router::evaluation_text(evaluation, at));
  return 0;
}

}  // namespace bot::cli
