#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "bot/access/permissions.h"
#include "bot/console/query.h"
#include "bot/console/routing.h"
#include "bot/console/routing_parameters.h"
#include "bot/runs/budget.h"
#include "bot/runtime/calibration.h"
#include "bot/turns/moved_thresholds.h"
#include "bot/turns/turn_routing.h"
#include "config/config_file.h"
#include "store/ledger.h"
#include "store/people.h"

namespace bot::console {
namespace {

using nlohmann::json;

/// What a setting is, and each layer that it is made of, the one that counts first.
class Setting {
 public:
  explicit Setting(const char* name) : name_(name) {}

  /// Below those before it.
  Setting& layer(const std::string& from, json value, const std::string& scope = "global") {
    layers_.push_back({{"from", from}, {"value", std::move(value)}, {"scope", scope}});
    return *this;
  }

  json to_json() const {
    return {{"name", name_},
            {"value", layers_.front()["value"]},
            {"from", layers_.front()["from"]},
            {"layers", layers_}};
  }

 private:
  const char* name_;
  json layers_ = json::array();
};

/// All that is looked at for one chat and person.
struct Looked {
  const Call& call;
  reporting::RoutedPlace place;
  std::shared_ptr<const runtime::Policy> policy;
  std::set<std::string> configured;  ///< key paths of the file
  turns::TurnPlace turn;
  json settings = json::array();

  void add(const Setting& setting) { settings.push_back(setting.to_json()); }
  /// A setting that is the same everywhere; `built_in` is what holds where the file has no such key.
  void add_global(const char* key, const json& value, const json& built_in) {
    Setting setting(key);
    if (configured.contains(key)) {
      setting.layer("global", value).layer("default", built_in);
    } else {
      setting.layer("default", value);
    }
    add(setting);
  }
};

/// The keys that the file sets; none where it cannot be read any more.
std::set<std::string> configured_keys(const runtime::Settings& settings) {
  std::set<std::string> keys;
  try {
    for (const auto& [key, value] : config::configured_values(settings.file)) {
      keys.insert(key);
    }
  } catch (const base::ConfigError&) {
    // It was changed since the start; what is in force does not come from it.
  }
  return keys;
}

turns::TurnPlace turn_of(const Call& call, const reporting::RoutedPlace& place) {
  const auto found = store::Conversations(call.db).find(place.section, place.chat);
  auto conversation = found.value_or(store::Conversation());
  if (!found) {
    conversation.section = place.section;
    conversation.chat_id = place.chat;
    conversation.room = place.chat.substr(0, place.chat.find('/'));
  }
  const auto person = store::People(call.db).find(place.section, place.user);
  return {conversation, person ? person->id : store::PersonId{}, call.services.clock.now(),
          call.services.settings.secretary.timezone};
}

void add_thresholds(Looked& looked, const router::RoutingPolicy& policy) {
  const auto& [section, chat, user] = looked.place;
  auto layers = policy.layers(section, chat, user);
  std::reverse(layers.begin(), layers.end());
  const auto settled = policy.thresholds(section, chat, user);
  const auto moved =
      policy.shadow() ? router::MovedThresholds{settled, {}}
                      : turns::moved_thresholds(settled, looked.policy->budget, looked.call.db, looked.turn);
  const auto add = [&](const char* name, double now, const std::string& from, double before,
                       std::optional<double> router::ThresholdLayer::*member) {
    Setting setting(name);
    if (now != before) {
      setting.layer(from, now, "the next turn");
    }
    for (const auto& layer : layers) {
      if (layer.*member) {
        setting.layer(layer.from, *(layer.*member), layer.scope);
      }
    }
    looked.add(setting);
  };
  const auto& t = moved.thresholds;
  add("ask_at", t.ask_at, t.ask_from, settled.ask_at, &router::ThresholdLayer::ask_at);
  add("dispatch_at", t.dispatch_at, t.dispatch_from, settled.dispatch_at,
      &router::ThresholdLayer::dispatch_at);
}

void add_routing(Looked& looked) {
  const auto policy = policy_in_force(looked.call);
  add_thresholds(looked, policy);
  const auto& [section, chat, user] = looked.place;
  Setting rule("rule");
  for (const auto& [scope, name] : policy.rules(section, chat, user)) {
    rule.layer(scope.substr(0, scope.find(' ')), name, scope);
  }
  looked.add(rule.layer("default", nullptr));
  const auto prices = policy.prices();
  Setting priced("prices");
  if (prices) {
    priced.layer(policy.thresholds("", "", "").ask_from, {{"needless_dispatch", prices->needless_dispatch},
                                                          {"missed_dispatch", prices->missed_dispatch},
                                                          {"question", prices->question}});
  }
  looked.add(priced.layer("default", nullptr));
  const auto& secretary = looked.call.services.settings.secretary;
  if (secretary.demo) {
    looked.add(Setting("routing.shadow").layer("demo", true).layer("default", false));
  } else {
    looked.add_global("routing.shadow", policy.shadow(), false);
  }
  const auto calibration = runtime::calibration_in_force(looked.call.db);
  Setting fitted("calibration");
  if (!calibration.is_none()) {
    fitted.layer("log", calibration.version());
  }
  looked.add(fitted.layer("default", "none"));
}

/// A limit with what it was raised to until midnight above it.
void add_limit(Looked& looked, const char* name, const std::optional<double>& usd, const std::string& budget,
               const std::string& from = "global", const std::string& scope = "global") {
  Setting setting(name);
  if (usd) {
    const auto raised = store::Ledger(looked.call.db).raised_to(budget, looked.call.services.clock.now());
    if (raised && *raised > *usd) {
      setting.layer("raised", *raised, scope);
    }
    setting.layer(from, *usd, scope);
  }
  looked.add(setting.layer("default", nullptr));
}

void add_budgets(Looked& looked) {
  const auto& budget = looked.policy->budget;
  add_limit(looked, "budget.usd_per_day", budget.usd_per_day, "day");
  add_limit(looked, "budget.usd_per_month", budget.usd_per_month, "month");
  add_limit(looked, "budget.usd_per_user_per_day", budget.usd_per_user_per_day,
            runs::user_budget_name(looked.turn.person));
  const auto chat = looked.place.section + ":" + looked.turn.conversation.room;
  const auto found = budget.chat_usd_per_day.find(chat);
  add_limit(looked, "budget.chat.usd_per_day",
            found == budget.chat_usd_per_day.end() ? std::nullopt : std::optional(found->second),
            runs::chat_budget_name(chat), "chat", "chat " + chat);
  add_limit(looked, "budget.usd_per_run", budget.usd_per_run, "");
  looked.add_global("budget.secretary", budget.stops_secretary ? "stop" : "unlimited", "stop");
}

/// What is the same for every chat.
void add_program(Looked& looked) {
  const auto& settings = looked.call.services.settings;
  const auto& dispatch = settings.dispatch;
  const runtime::DispatchSettings built_in{};
  const auto sandbox = [](runtime::DispatchSettings::Sandbox which) {
    using Sandbox = runtime::DispatchSettings::Sandbox;
    return which == Sandbox::bwrap ? "bwrap" : which == Sandbox::off ? "off" : "auto";
  };
  looked.add_global("dispatch.specialist", dispatch.specialist, "claude-code");
  looked.add_global("dispatch.permission", dispatch.permission, "acceptEdits");
  looked.add_global("dispatch.allowed_tools", dispatch.allowed_tools, json::array());
  looked.add_global("dispatch.sandbox", sandbox(dispatch.sandbox), "auto");
  looked.add_global("dispatch.timeout_s", dispatch.timeout.count(), built_in.timeout.count());
  looked.add_global("dispatch.silence_s", dispatch.silence.count(), built_in.silence.count());
  looked.add_global("dispatch.max_turns", dispatch.max_turns, built_in.max_turns);
  looked.add_global("dispatch.concurrency", dispatch.concurrency, built_in.concurrency);
  looked.add_global("dispatch.approval_timeout_s", dispatch.approval_timeout.count(),
                    built_in.approval_timeout.count());
  looked.add_global("dispatch.trusted_projects", dispatch.trusted_projects, json::array());
  looked.add_global("secretary.provider", settings.secretary.demo ? "demo" : settings.secretary.provider,
                    "anthropic");
  looked.add_global("secretary.model", settings.secretary.model, nullptr);
  looked.add_global("secretary.timezone", settings.secretary.timezone, base::machine_time_zone());
  looked.add_global("secretary.max_answer_bytes", settings.secretary.max_answer_bytes,
                    runtime::ModelSettings().max_answer_bytes);
}

const char* to_text(runtime::Access::Mode mode) {
  using Mode = runtime::Access::Mode;
  return mode == Mode::open ? "open" : mode == Mode::allowlist ? "allowlist" : "pairing";
}

/// What the chat section says of the person.
void add_access(Looked& looked) {
  const auto& [section, chat, user] = looked.place;
  const auto found = looked.policy->access.find(section);
  if (found == looked.policy->access.end()) {
    return;
  }
  const auto& access = found->second;
  const auto key = "chat." + section + ".";
  const auto from = [&](const char* name) {
    return looked.configured.contains(key + name) ? "section" : "default";
  };
  looked.add(Setting("access").layer(from("access"), to_text(access.mode), "section " + section));
  if (!user.empty()) {
    const auto role = access::role_of(access, user);
    const char* const list = role == access::Role::admin      ? "admins"
                             : role == access::Role::approver ? "approvers"
                                                              : nullptr;
    Setting setting("role");
    if (list != nullptr) {
      setting.layer(list, access::to_string(role), "section " + section);
    }
    looked.add(setting.layer("default", access::to_string(access::Role::user)));
    const auto place = looked.turn.conversation.id.value == 0 ? std::string(store::kDirect)
                                                              : store::place_of(looked.turn.conversation);
    looked.add(Setting("allowed").layer(
        access.mode == runtime::Access::Mode::open ? "access" : "lists",
        access.mode == runtime::Access::Mode::open || access::is_listed(access, user, place) ||
            store::People(looked.call.db).is_admitted(looked.turn.person, place),
        place));
  }
  looked.add(Setting("repair_buttons")
                 .layer(from("repair_buttons"),
                        looked.policy->repairs(section, looked.turn.conversation.in_group),
                        "section " + section));
  const auto waiting = looked.policy->max_waiting.find(section);
  looked.add(Setting("max_waiting")
                 .layer(from("max_waiting"),
                        waiting == looked.policy->max_waiting.end() ? json(nullptr) : json(waiting->second),
                        "section " + section));
}

base::HttpResponse get_effective(const Call& call) {
  allow_only(call.request, {"chat", "person"});
  const auto place =
      place_of(call, text_parameter(call.request, "chat"), text_parameter(call.request, "person"));
  Looked looked{call, place, call.services.policy(), configured_keys(call.services.settings),
                turn_of(call, place)};
  add_routing(looked);
  add_budgets(looked);
  add_access(looked);
  add_program(looked);
  return base::HttpResponse::json(base::dump_json({{"settings", looked.settings}}));
}

}  // namespace

std::vector<Route> effective_routes() {
  return {{"GET", "/routing/effective", Role::viewer, get_effective}};
}

}  // namespace bot::console
