#include "router/routing_policy.h"

namespace router {

RoutingPolicy::Layer RoutingPolicy::read(config::Section& section) {
  return {section.optional_number("ask_at", 0, 1), section.optional_number("dispatch_at", 0, 1)};
}

std::map<std::string, RoutingPolicy::Layer> RoutingPolicy::read_layers(config::Section& routing,
                                                                       const std::string& key) {
  std::map<std::string, Layer> layers;
  for (auto& [name, section] : routing.children(key)) {
    if (name.find(':') == std::string::npos) {
      section.fail("", "must be named \"<chat section>:<id>\", such as \"tg:12345678\"");
    }
    layers[name] = read(section);
    section.finish();
  }
  return layers;
}

RoutingPolicy::RoutingPolicy(config::Section routing) {
  const auto layer = read(routing);
  global_.ask_at = layer.ask_at.value_or(global_.ask_at);
  global_.dispatch_at = layer.dispatch_at.value_or(global_.dispatch_at);
  chats_ = read_layers(routing, "chat");
  users_ = read_layers(routing, "user");
  routing.finish();
}

Thresholds RoutingPolicy::thresholds(const std::string& section, const std::string& chat_id,
                                     const std::string& user_id) const {
  auto result = global_;
  const auto apply = [&](const std::map<std::string, Layer>& layers, const std::string& id,
                         const char* kind) {
    const auto it = layers.find(section + ":" + id);
    if (it == layers.end() || (!it->second.ask_at && !it->second.dispatch_at)) {
      return;
    }
    result.ask_at = it->second.ask_at.value_or(result.ask_at);
    result.dispatch_at = it->second.dispatch_at.value_or(result.dispatch_at);
    result.layer = std::string(kind) + " " + it->first;
  };
  // A thread "<chat>/<thread>" follows its chat's settings where it has none of its own.
  const auto chat = chat_id.substr(0, chat_id.find('/'));
  apply(chats_, chat, "chat");
  if (chat != chat_id) {
    apply(chats_, chat_id, "chat");
  }
  apply(users_, user_id, "user");
  return result;
}

}  // namespace router
