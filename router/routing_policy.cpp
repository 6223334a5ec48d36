#include "router/routing_policy.h"

#include <algorithm>
#include <array>
#include <set>
#include <tuple>

#include <fmt/core.h>

#include "router/evaluation/certificate.h"

namespace router {
namespace {

constexpr double kLargestPrice = 1e6;

/// A thread "<chat>/<thread>" follows its chat's settings where it has none of its own.
std::vector<std::string> chat_ids(const std::string& chat_id) {
  const auto chat = chat_id.substr(0, chat_id.find('/'));
  return chat == chat_id ? std::vector{chat} : std::vector{chat, chat_id};
}

/// In the order of RoutingPolicy::Rule.
const std::vector<std::string>& rule_names() {
  static const std::vector<std::string> kRules = {"always_answer", "always_ask", "always_dispatch"};
  return kRules;
}

}  // namespace

std::pair<double, double> thresholds_for(const Prices& prices) {
  const auto [needless, missed, question] = prices;
  if (question < missed * needless / (missed + needless)) {
    return {question / missed, 1 - question / needless};
  }
  const double at = needless / (needless + missed);  // a question is never the cheapest
  return {at, at};
}

RoutingPolicy::Layer RoutingPolicy::read(config::Section& section) {
  Layer layer{section.optional_number("ask_at", 0, 1), section.optional_number("dispatch_at", 0, 1), {}};
  const auto name = section.one_of("rule", rule_names().front(), rule_names());
  if (section.has("rule")) {
    layer.rule =
        static_cast<Rule>(std::find(rule_names().begin(), rule_names().end(), name) - rule_names().begin());
  }
  return layer;
}

void RoutingPolicy::refuse_contradiction(const config::Section& section, double ask_at, double dispatch_at) {
  if (ask_at > dispatch_at) {
    section.fail("ask_at",
                 fmt::format("{} is above {}.dispatch_at = {}, so nothing would ever be asked; lower the one "
                             "or raise the other",
                             ask_at, section.path(), dispatch_at));
  }
}

RoutingPolicy::Layers RoutingPolicy::read_layers(config::Section& routing, const std::string& key) {
  Layers layers;
  for (auto& [name, section] : routing.children(key)) {
    const auto colon = name.find(':');
    if (colon == std::string::npos || colon == 0 || colon + 1 == name.size()) {
      section.fail("", "must be named \"<chat section>:<id>\", such as \"tg:12345678\"");
    }
    const auto& layer = layers[name] = read(section);
    section.finish();
    refuse_contradiction(section, layer.ask_at.value_or(0), layer.dispatch_at.value_or(1));
  }
  return layers;
}

void RoutingPolicy::read_prices(config::Section prices) {
  const auto price = [&](const char* key) {
    const auto value = prices.optional_number(key, 0, kLargestPrice);
    if (!value || *value == 0) {
      prices.fail_as_missing(key,
                             "is needed, and must be above 0; the three prices are in one unit of your own");
    }
    return *value;
  };
  prices_ = Prices{price("needless_dispatch"), price("missed_dispatch"), price("question")};
  prices.finish();
  std::tie(global_.ask_at, global_.dispatch_at) = thresholds_for(*prices_);
  global_.ask_from = global_.dispatch_from = "prices";
}

void RoutingPolicy::read_global(config::Section& routing) {
  const auto ask_at = routing.optional_number("ask_at", 0, 1);
  const auto dispatch_at = routing.optional_number("dispatch_at", 0, 1);
  target_dispatch_rate_ = routing.optional_number("target_dispatch_rate", 0, 1);
  max_under_dispatch_ = routing.optional_number("max_under_dispatch", 0.001, 1);
  shadow_ = routing.boolean("shadow", false);
  const bool prices = routing.has("prices");
  auto price_table = routing.child("prices");
  if (prices + target_dispatch_rate_.has_value() + max_under_dispatch_.has_value() > 1) {
    routing.fail(prices ? "prices" : "target_dispatch_rate",
                 "cannot stand beside another key that sets both thresholds; keep one of prices, "
                 "target_dispatch_rate and max_under_dispatch");
  }
  if (prices && (ask_at || dispatch_at)) {
    routing.fail("prices", "gives both thresholds; leave out ask_at and dispatch_at");
  }
  if (prices) {
    read_prices(std::move(price_table));
  }
  if (ask_at) {
    global_.ask_at = *ask_at;
    global_.ask_from = "global";
  }
  if (dispatch_at) {
    global_.dispatch_at = *dispatch_at;
    global_.dispatch_from = "global";
  }
  refuse_contradiction(routing, global_.ask_at, global_.dispatch_at);
}

RoutingPolicy::RoutingPolicy(config::Section routing) {
  read_global(routing);
  chats_ = read_layers(routing, "chat");
  users_ = read_layers(routing, "user");
  routing.finish();
}

std::optional<std::string> RoutingPolicy::learn(const RoutingHistory& history) {
  if (max_under_dispatch_) {
    const auto certificate = certify(history.labelled, *max_under_dispatch_);
    if (certificate.ask_at) {
      global_.ask_at = *certificate.ask_at;
      global_.ask_from = "certified";
      global_.dispatch_at = std::max(global_.dispatch_at, global_.ask_at);
      return std::nullopt;
    }
    if (certificate.missing == 0) {
      return fmt::format(
          "routing.max_under_dispatch: no threshold keeps {} on the {} labelled turns that needed the specialist; "
          "ask_at = {} holds",
          *max_under_dispatch_, certificate.specialist_turns, global_.ask_at);
    }
    return fmt::format(
        "routing.max_under_dispatch: {} needs {} labelled turns that needed the specialist, and there are {}: {} are "
        "missing; until then ask_at = {} holds",
        *max_under_dispatch_, certificate.specialist_turns + certificate.missing,
        certificate.specialist_turns, certificate.missing, global_.ask_at);
  }
  if (target_dispatch_rate_) {
    const auto threshold = threshold_for_rate(history.p, *target_dispatch_rate_);
    if (!threshold) {
      return fmt::format(
          "routing.target_dispatch_rate needs at least 20 turns in the log, and there are {}; until then dispatch_at = "
          "{} holds",
          history.p.size(), global_.dispatch_at);
    }
    global_.dispatch_at = *threshold;
    global_.dispatch_from = "rate";
    if (global_.ask_at > global_.dispatch_at) {
      global_.ask_at = global_.dispatch_at;
      global_.ask_from = "rate";
    }
  }
  return std::nullopt;
}

std::optional<ThresholdLayer> RoutingPolicy::console_layer(const std::string& scope) const {
  const auto at = console_.find(scope);
  return at == console_.end()
             ? std::nullopt
             : std::optional(ThresholdLayer{scope, "console", at->second.ask_at, at->second.dispatch_at});
}

std::vector<ThresholdLayer> RoutingPolicy::layers(const std::string& section, const std::string& chat_id,
                                                  const std::string& user_id) const {
  const Thresholds built_in;
  std::vector<ThresholdLayer> layers = {{"global", "default", built_in.ask_at, built_in.dispatch_at}};
  const auto add = [&](ThresholdLayer layer) {
    if (layer.ask_at || layer.dispatch_at) {
      layers.push_back(std::move(layer));
    }
  };
  // Learnt from the log they may come from two places.
  for (const auto& from : {global_.ask_from, global_.dispatch_from}) {
    if (from != "default" && (layers.size() == 1 || from != global_.ask_from)) {
      add({"global", from, global_.ask_from == from ? std::optional(global_.ask_at) : std::nullopt,
           global_.dispatch_from == from ? std::optional(global_.dispatch_at) : std::nullopt});
    }
  }
  // A certificate may push the other threshold up, which still counts as what it was.
  if (global_.dispatch_from == "default" && global_.dispatch_at != built_in.dispatch_at) {
    layers.front().dispatch_at = global_.dispatch_at;
  }
  if (const auto console = console_layer("global")) {
    add(*console);
  }
  const auto apply = [&](const Layers& of_kind, const std::string& id, const std::string& kind) {
    const auto name = section + ":" + id;
    if (const auto it = of_kind.find(name); it != of_kind.end()) {
      add({kind + " " + name, kind, it->second.ask_at, it->second.dispatch_at});
    }
    if (const auto console = console_layer(kind + " " + name)) {
      add(*console);
    }
  };
  for (const auto& id : chat_ids(chat_id)) {
    apply(chats_, id, "chat");
  }
  apply(users_, user_id, "user");
  return layers;
}

Thresholds RoutingPolicy::thresholds(const std::string& section, const std::string& chat_id,
                                     const std::string& user_id) const {
  Thresholds result;
  for (const auto& layer : layers(section, chat_id, user_id)) {
    if (layer.ask_at) {
      result.ask_at = *layer.ask_at;
      result.ask_from = layer.from;
    }
    if (layer.dispatch_at) {
      result.dispatch_at = *layer.dispatch_at;
      result.dispatch_from = layer.from;
    }
    result.layer = layer.scope;
  }
  return result;
}

std::vector<ThresholdLayer> RoutingPolicy::overrides() const {
  std::map<std::string, std::vector<ThresholdLayer>> by_scope;
  const auto add = [&](const Layers& layers, const std::string& kind) {
    for (const auto& [name, layer] : layers) {
      if (layer.ask_at || layer.dispatch_at) {
        const auto scope = kind + " " + name;
        by_scope[scope].push_back({scope, kind, layer.ask_at, layer.dispatch_at});
      }
    }
  };
  add(chats_, "chat");
  add(users_, "user");
  for (const auto& [scope, set] : console_) {
    if (scope != "global") {
      by_scope[scope].push_back({scope, "console", set.ask_at, set.dispatch_at});
    }
  }
  std::vector<ThresholdLayer> all;
  for (const auto& [scope, layers] : by_scope) {
    all.insert(all.end(), layers.begin(), layers.end());
  }
  return all;
}

std::optional<Prices> RoutingPolicy::prices() const {
  const auto at = console_.find("global");
  if (at == console_.end() || (!at->second.ask_at && !at->second.dispatch_at)) {
    return prices_;
  }
  return at->second.prices;
}

std::vector<std::string> RoutingPolicy::contradictions() const {
  std::vector<std::string> sentences;
  const auto key = [](const std::string& from, const std::string& chat, const std::string& user,
                      const char* name) {
    return from == "console" ? fmt::format("{} of the console", name)
           : from == "chat"  ? fmt::format("routing.chat.\"{}\".{}", chat, name)
           : from == "user"  ? fmt::format("routing.user.\"{}\".{}", user, name)
                             : fmt::format("routing.{}", name);
  };
  const auto look = [&](const std::string& chat, const std::string& user) {
    const auto section = (chat.empty() ? user : chat).substr(0, (chat.empty() ? user : chat).find(':'));
    const auto id = [](const std::string& name) { return name.substr(name.find(':') + 1); };
    const auto t = thresholds(section, chat.empty() ? "" : id(chat), user.empty() ? "" : id(user));
    if (t.ask_at <= t.dispatch_at) {
      return false;
    }
    // A key of the file says which chat or person it is about.
    const bool by_console = t.ask_from == "console" || t.dispatch_from == "console";
    sentences.push_back(fmt::format("{} = {} is above {} = {}, so nothing is ever asked there{}",
                                    key(t.ask_from, chat, user, "ask_at"), t.ask_at,
                                    key(t.dispatch_from, chat, user, "dispatch_at"), t.dispatch_at,
                                    !by_console    ? ""
                                    : chat.empty() ? fmt::format(" (user {})", user)
                                    : user.empty() ? fmt::format(" (chat {})", chat)
                                                   : fmt::format(" (chat {}, user {})", chat, user)));
    return true;
  };
  const auto names_of = [&](const Layers& layers, const std::string& kind) {
    std::set<std::string> names;
    for (const auto& [name, layer] : layers) {
      names.insert(name);
    }
    for (const auto& [scope, set] : console_) {
      if (scope.starts_with(kind)) {
        names.insert(scope.substr(kind.size()));
      }
    }
    return names;
  };
  std::vector<std::string> chats, users;  // those that are in order by themselves
  for (const auto& chat : names_of(chats_, "chat ")) {
    if (!look(chat, "")) {
      chats.push_back(chat);
    }
  }
  for (const auto& user : names_of(users_, "user ")) {
    if (!look("", user)) {
      users.push_back(user);
    }
  }
  for (const auto& chat : chats) {
    for (const auto& user : users) {
      if (chat.substr(0, chat.find(':')) == user.substr(0, user.find(':'))) {
        look(chat, user);
      }
    }
  }
  return sentences;
}

std::optional<RoutingPolicy::NamedRule> RoutingPolicy::rule(const std::string& section,
                                                            const std::string& chat_id,
                                                            const std::string& user_id) const {
  if (const auto it = users_.find(section + ":" + user_id); it != users_.end() && it->second.rule) {
    return NamedRule{*it->second.rule, "user-rule"};
  }
  std::optional<NamedRule> found;
  for (const auto& id : chat_ids(chat_id)) {
    if (const auto it = chats_.find(section + ":" + id); it != chats_.end() && it->second.rule) {
      found = NamedRule{*it->second.rule, "chat-rule"};
    }
  }
  return found;
}

std::vector<std::pair<std::string, std::string>> RoutingPolicy::rules(const std::string& section,
                                                                      const std::string& chat_id,
                                                                      const std::string& user_id) const {
  std::vector<std::pair<std::string, std::string>> rules;
  const auto add = [&](const Layers& layers, const std::string& kind, const std::string& id) {
    const auto name = section + ":" + id;
    if (const auto it = layers.find(name); it != layers.end() && it->second.rule) {
      rules.emplace_back(kind + " " + name, rule_names().at(static_cast<std::size_t>(*it->second.rule)));
    }
  };
  add(users_, "user", user_id);
  const auto chats = chat_ids(chat_id);
  for (auto id = chats.rbegin(); id != chats.rend(); ++id) {
    add(chats_, "chat", *id);
  }
  return rules;
}

}  // namespace router
