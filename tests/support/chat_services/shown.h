#pragma once

#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace support {

/// A message as somebody sees it who keeps the ids he has seen and applies the edits.
struct Shown {
  std::string id;
  std::string chat;
  std::string text;
  std::string reply_to;
  std::string dispatch;
  std::vector<std::pair<std::string, std::string>> actions;  ///< label, id
  int edits = 0;

  /// The id of the button of that label, or empty.
  std::string action(const std::string& label) const;
};

/// The member "actions" of a message of the generic platform or of the page: label, id.
std::vector<std::pair<std::string, std::string>> actions_of(const nlohmann::json& message);

}  // namespace support
