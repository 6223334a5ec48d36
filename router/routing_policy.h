#pragma once

#include <map>
#include <optional>
#include <string>

#include "config/section.h"
#include "router/decision.h"

namespace router {

/// The operator's thresholds: [routing], [routing.chat."section:chat"], [routing.user."section:user"]. A
/// value; copy it freely. Each of the two thresholds is taken from the narrowest setting that has it: user,
/// then chat, then global.
class RoutingPolicy {
 public:
  RoutingPolicy() = default;
  /// Reads the section and finishes it. Throws base::ConfigError.
  explicit RoutingPolicy(config::Section routing);

  Thresholds thresholds(const std::string& section, const std::string& chat_id,
                        const std::string& user_id) const;

 private:
  struct Layer {
    std::optional<double> ask_at;
    std::optional<double> dispatch_at;
  };
  static Layer read(config::Section& section);
  static std::map<std::string, Layer> read_layers(config::Section& routing, const std::string& key);

  Thresholds global_;
  std::map<std::string, Layer> chats_;
  std::map<std::string, Layer> users_;
};

}  // namespace router
