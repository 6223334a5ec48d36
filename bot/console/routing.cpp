#include "bot/console/routing.h"

#include <memory>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/guarded.h"
#include "base/json.h"
#include "base/rfc3339.h"
#include "base/utf8.h"
#include "bot/console/calls.h"
#include "bot/console/query.h"
#include "bot/console/routing_parameters.h"
#include "bot/reporting/judged_turns.h"
#include "bot/reporting/routing_figures.h"
#include "bot/runtime/calibration.h"
#include "bot/texts/console_routing.h"
#include "bot/turns/console_thresholds.h"
#include "bot/turns/turn_routing.h"
#include "store/routing_console.h"

namespace bot::console {
namespace {

using base::HttpResponse;
using nlohmann::json;

constexpr std::size_t kMostReason = 500;

/// Read once and kept up to date, for all operations that go through the turns of the log.
using SharedTurns = std::shared_ptr<base::Guarded<reporting::JudgedTurns>>;

template <typename Value>
json or_null(const std::optional<Value>& value) {
  return value ? json(*value) : json(nullptr);
}

json thresholds_json(const router::Thresholds& t) {
  return {{"ask_at", t.ask_at},
          {"ask_at_from", t.ask_from},
          {"dispatch_at", t.dispatch_at},
          {"dispatch_at_from", t.dispatch_from}};
}

/// Who set it in the console, and why.
json setting_json(const store::ConsoleSetting& setting) {
  return {{"version", setting.version},
          {"scope", setting.scope},
          {"ask_at", or_null(setting.ask_at)},
          {"dispatch_at", or_null(setting.dispatch_at)},
          {"prices", turns::to_json(turns::numbers_of(setting).prices)},
          {"reason", setting.reason},
          {"by", setting.by},
          {"at", base::format_rfc3339(setting.at)}};
}

/// One for each chat and person, of the file with the console above it.
json overrides_json(const router::RoutingPolicy& policy, const std::vector<store::ConsoleSetting>& console) {
  auto list = json::array();
  for (const auto& layer : policy.overrides()) {
    if (list.empty() || list.back()["scope"] != layer.scope) {
      list.push_back({{"scope", layer.scope},
                      {"ask_at", nullptr},
                      {"ask_at_from", nullptr},
                      {"dispatch_at", nullptr},
                      {"dispatch_at_from", nullptr},
                      {"console", nullptr}});
    }
    auto& item = list.back();
    if (layer.ask_at) {
      item["ask_at"] = *layer.ask_at;
      item["ask_at_from"] = layer.from;
    }
    if (layer.dispatch_at) {
      item["dispatch_at"] = *layer.dispatch_at;
      item["dispatch_at_from"] = layer.from;
    }
  }
  for (auto& item : list) {
    for (const auto& setting : console) {
      if (setting.scope == item["scope"]) {
        item["console"] = setting_json(setting);
      }
    }
  }
  return list;
}

json routing_json(const Call& call) {
  const auto policy = policy_in_force(call);
  store::RoutingConsole stored(call.db);
  const auto console = stored.in_force();
  auto answer = thresholds_json(policy.thresholds("", "", ""));
  answer["file"] = thresholds_json(call.services.policy()->routing.thresholds("", "", ""));
  answer["prices"] = turns::to_json(policy.prices());
  answer["max_under_dispatch"] = or_null(policy.max_under_dispatch());
  answer["target_dispatch_rate"] = or_null(policy.target_dispatch_rate());
  answer["shadow"] = policy.shadow();
  answer["overrides"] = overrides_json(policy, console);
  answer["console"] = nullptr;
  for (const auto& setting : console) {
    if (setting.scope == "global") {
      answer["console"] = setting_json(setting);
    }
  }
  answer["calibration"] = runtime::calibration_in_force(call.db).version();
  answer["version"] = stored.version();
  answer["warnings"] = policy.contradictions();
  return answer;
}

HttpResponse answer_of(const json& value) {
  return HttpResponse::json(base::dump_json(value));
}

HttpResponse get_routing(const Call& call) {
  allow_only(call.request, {});
  return answer_of(routing_json(call));
}

std::optional<router::Prices> prices_of(const json& body) {
  const auto* const member = base::json_member(body, "prices");
  if (member == nullptr || member->is_null()) {
    return std::nullopt;
  }
  if (!member->is_object()) {
    throw Refusal{400, texts::not_an_object("prices")};
  }
  const auto price = [&](const char* name) { return number_of(*member, name).value_or(0); };
  return router::Prices{price("needless_dispatch"), price("missed_dispatch"), price("question")};
}

std::string reason_of(const std::string& text) {
  if (text.size() > kMostReason) {
    throw Refusal{400, texts::kReasonTooLong};
  }
  return base::strip_controls(text);
}

turns::ThresholdChange change_of(const Call& call) {
  const auto body = body_of(call, {"scope", "ask_at", "dispatch_at", "prices", "reason", "version"});
  const auto version = base::json_integer(body, "version");
  if (!version) {
    throw Refusal{400, texts::kVersionIsMissing};
  }
  return {scope_of(call, text_of(body, "scope")),
          number_of(body, "ask_at"),
          number_of(body, "dispatch_at"),
          reason_of(text_of(body, "reason")),
          call.caller.name,
          version,
          prices_of(body)};
}

/// Refuses what would put ask_at above dispatch_at together with what is set for wider scopes.
void require_order(const Call& call, const std::string& scope) {
  const auto policy = policy_in_force(call);
  const auto space = scope.find(' ');
  const auto named =
      space == std::string::npos ? std::nullopt : id_of(call, "scope", scope.substr(space + 1));
  const auto t = !named                       ? policy.thresholds("", "", "")
                 : scope.starts_with("chat ") ? policy.thresholds(named->section, named->id, "")
                                              : policy.thresholds(named->section, "", named->id);
  if (t.ask_at > t.dispatch_at) {
    throw Refusal{400, texts::asks_never(t.ask_at, t.dispatch_at)};
  }
}

HttpResponse put_routing(const Call& call) {
  const auto change = change_of(call);
  const auto now = call.services.clock.now();
  store::Transaction transaction(call.db);
  const auto before = turns::stored_thresholds(call.db, change.scope);
  try {
    if (!turns::store_thresholds(call.db, change, now)) {
      throw Refusal{409, texts::kOldVersion};
    }
  } catch (const base::ConfigError& e) {
    throw Refusal{400, texts::as_sentence(e.what())};
  }
  require_order(call, change.scope);
  if (base::trim(change.reason).empty()) {
    throw Refusal{400, texts::kReasonIsMissing};
  }
  record(call, "routing.set", change.scope, before, turns::stored_thresholds(call.db, change.scope),
         change.reason);
  transaction.commit();
  return answer_of(routing_json(call));
}

HttpResponse delete_routing(const Call& call) {
  allow_only(call.request, {"scope", "version", "reason"});
  const auto scope = scope_of(call, text_parameter(call.request, "scope"));
  const auto reason = reason_of(text_parameter(call.request, "reason"));
  const auto seen =
      parameter(call.request, "version") ? whole(text_parameter(call.request, "version")) : std::nullopt;
  if (!seen) {
    throw Refusal{400, texts::kVersionIsMissing};
  }
  const auto now = call.services.clock.now();
  store::Transaction transaction(call.db);
  if (store::RoutingConsole(call.db).version() != *seen) {
    throw Refusal{409, texts::kOldVersion};
  }
  const auto before = turns::stored_thresholds(call.db, scope);
  if (!turns::drop_thresholds(call.db, scope, call.caller.name, reason.empty() ? "reset" : reason, now)) {
    throw Refusal{404, texts::kNothingStored};
  }
  require_order(call, scope);
  record(call, "routing.reset", scope, before, nullptr, reason);
  transaction.commit();
  return answer_of(routing_json(call));
}

/// Newest first.
HttpResponse get_history(const Call& call) {
  allow_only(call.request, {"limit", "cursor"});
  const auto limit = limit_of(call.request);
  auto items = json::array();
  const auto changes = store::RoutingConsole(call.db).changes_before(below(call.request), limit + 1);
  for (const auto& change : changes) {
    if (static_cast<int>(items.size()) < limit) {
      items.push_back(setting_json(change));
    }
  }
  const bool more = static_cast<int>(changes.size()) > limit;
  const auto last = items.empty() ? 0 : items.back()["version"].get<std::int64_t>();
  return list_of(std::move(items), more ? std::optional(last) : std::nullopt);
}

/// Everybody's, unless the query names a scope.
reporting::TurnsOf turns_asked_for(const Call& call) {
  const auto scope = parameter(call.request, "scope");
  return scope ? reporting::turns_of_scope(scope_of(call, *scope)) : reporting::TurnsOf();
}

HttpResponse get_projection(const Call& call, const SharedTurns& turns) {
  allow_only(call.request, {"ask_at", "dispatch_at", "days", "scope"});
  const double ask_at = threshold_parameter(call.request, "ask_at");
  const double dispatch_at = threshold_parameter(call.request, "dispatch_at");
  if (ask_at > dispatch_at) {
    throw Refusal{400, texts::asks_never(ask_at, dispatch_at)};
  }
  const auto since = since_days(call);
  const auto of = turns_asked_for(call);
  return turns->with([&](reporting::JudgedTurns& judged) {
    return answer_of(
        reporting::to_json(reporting::project_routing(judged, call.db, ask_at, dispatch_at, since, of)));
  });
}

HttpResponse get_distribution(const Call& call, const SharedTurns& turns) {
  allow_only(call.request, {"days", "scope"});
  const auto since = since_days(call);
  const auto of = turns_asked_for(call);
  auto answer = turns->with([&](reporting::JudgedTurns& judged) {
    judged.refresh(call.db, since);
    return reporting::distribution_json(judged.since(since, of));
  });
  answer["days"] = days_of(call.request);
  return answer_of(answer);
}

HttpResponse get_figures(const Call& call, const SharedTurns& turns) {
  allow_only(call.request, {"days"});
  const auto since = since_days(call);
  // What drift is measured against.
  const auto earlier = since - std::chrono::hours(24) * days_of(call.request);
  reporting::FiguresOf of{{}, {}, {}, call.services.settings.secretary.timezone};
  turns->with([&](reporting::JudgedTurns& judged) {
    judged.refresh(call.db, earlier);
    for (const auto& turn : judged.since(earlier)) {
      (turn.at < since ? of.earlier : of.turns).push_back(turn);
    }
    of.labelled = judged.labelled(since);
  });
  auto answer = reporting::figures_json(of, call.db, since);
  answer["days"] = days_of(call.request);
  return answer_of(answer);
}

}  // namespace

std::vector<Route> routing_routes() {
  const auto turns = std::make_shared<base::Guarded<reporting::JudgedTurns>>();
  const auto with_turns = [turns](HttpResponse (*handler)(const Call&, const SharedTurns&)) {
    return [turns, handler](const Call& call) { return handler(call, turns); };
  };
  return {{"GET", "/routing", Role::viewer, get_routing},
          {"PUT", "/routing", Role::editor, put_routing},
          {"DELETE", "/routing", Role::editor, delete_routing},
          {"GET", "/routing/history", Role::viewer, get_history},
          {"GET", "/routing/projection", Role::viewer, with_turns(get_projection), Pace::slow},
          {"GET", "/routing/distribution", Role::viewer, with_turns(get_distribution), Pace::slow},
          {"GET", "/routing/figures", Role::viewer, with_turns(get_figures), Pace::slow}};
}

}  // namespace bot::console
