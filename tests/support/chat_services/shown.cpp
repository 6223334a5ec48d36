#include "tests/support/chat_services/shown.h"

#include <nlohmann/json.hpp>

namespace support {

std::string Shown::action(const std::string& label) const {
  for (const auto& [name, button] : actions) {
    if (name == label) {
      return button;
    }
  }
  return {};
}

std::vector<std::pair<std::string, std::string>> actions_of(const nlohmann::json& message) {
  std::vector<std::pair<std::string, std::string>> actions;
  for (const auto& action : message.value("actions", nlohmann::json::array())) {
    actions.emplace_back(action.value("label", ""), action.value("id", ""));
  }
  return actions;
}

}  // namespace support
