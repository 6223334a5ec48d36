#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/section.h"
#include "router/decision.h"
#include "router/evaluation/metrics.h"

namespace router {

/// What the log knows, for thresholds that follow from it.
struct RoutingHistory {
  std::vector<double> p;         ///< of the last turns
  std::vector<Scored> labelled;  ///< turns of which somebody said who should have dealt with them
};

/// What a mistake and a question cost, in one unit of the operator's own; each above 0.
struct Prices {
  double needless_dispatch = 0;
  double missed_dispatch = 0;
  double question = 0;
};

/// Answering costs p * missed, dispatching (1 - p) * needless, asking `question` (Chow's rule): from where on
/// each is the cheapest, as ask_at and dispatch_at. Pure.
std::pair<double, double> thresholds_for(const Prices& prices);

/// Two numbers that were set in the console; they stand above the file's for the same scope.
struct ConsoleThresholds {
  std::optional<double> ask_at = {};
  std::optional<double> dispatch_at = {};
  std::optional<Prices> prices = {};  ///< that the numbers were compiled from
};

/// One setting of thresholds, for a scope.
struct ThresholdLayer {
  std::string scope;  ///< "global", "chat S:ID" or "user S:ID"
  std::string from;   ///< as Thresholds::ask_from: "default", "global", "prices", "chat", "console", ...
  std::optional<double> ask_at = {};
  std::optional<double> dispatch_at = {};
};

/// The operator's thresholds: [routing], [routing.chat."section:chat"], [routing.user."section:user"]. A
/// value; copy it freely. Each of the two thresholds is taken from the narrowest setting that has it: user,
/// then chat, then global.
class RoutingPolicy {
 public:
  /// What is decided without p, for a chat or a person.
  enum class Rule { always_answer, always_ask, always_dispatch };

  RoutingPolicy() = default;
  /// Reads the section and finishes it. Throws base::ConfigError.
  explicit RoutingPolicy(config::Section routing);

  Thresholds thresholds(const std::string& section, const std::string& chat_id,
                        const std::string& user_id) const;

  /// What thresholds() is made of, the widest first: the defaults, the file and the console for each scope.
  std::vector<ThresholdLayer> layers(const std::string& section, const std::string& chat_id,
                                     const std::string& user_id) const;
  /// Every scope beside "global" for which the file or the console sets something, in the order of names. A
  /// scope that both set has two, that of the file first.
  std::vector<ThresholdLayer> overrides() const;
  /// The prices that the global thresholds in force were compiled from, where they were.
  std::optional<Prices> prices() const;
  /// What the file asks for in place of the two numbers, where it does.
  std::optional<double> max_under_dispatch() const { return max_under_dispatch_; }
  std::optional<double> target_dispatch_rate() const { return target_dispatch_rate_; }

  /// A sentence for each chat and person for whom the settings, taken together, put ask_at above dispatch_at,
  /// so that nothing is ever asked there. Within one section that is an error.
  std::vector<std::string> contradictions() const;

  /// The rule and its name, "user-rule" or "chat-rule"; the user's comes first.
  struct NamedRule {
    Rule rule;
    const char* name;
  };
  std::optional<NamedRule> rule(const std::string& section, const std::string& chat_id,
                                const std::string& user_id) const;

  /// Every rule that is set for them, the one that counts first: its scope and its key's value.
  std::vector<std::pair<std::string, std::string>> rules(const std::string& section,
                                                         const std::string& chat_id,
                                                         const std::string& user_id) const;

  /// p is computed and stored, but what decides is the secretary's confidence alone.
  bool shadow() const { return shadow_; }
  /// As if `shadow` were set: for a model whose confidence is scripted.
  void let_confidence_decide() { shadow_ = true; }

  /// Whether learn() has anything to do.
  bool needs_history() const { return target_dispatch_rate_ || max_under_dispatch_; }
  /// Sets the global thresholds that `target_dispatch_rate` or `max_under_dispatch` stand for. Returns a
  /// sentence for the operator where there is too little history, and the two numbers hold.
  std::optional<std::string> learn(const RoutingHistory& history);

  /// By scope: "global", "chat S:ID" or "user S:ID".
  void set_console(std::map<std::string, ConsoleThresholds> console) { console_ = std::move(console); }

 private:
  struct Layer {
    std::optional<double> ask_at;
    std::optional<double> dispatch_at;
    std::optional<Rule> rule;
  };
  using Layers = std::map<std::string, Layer>;
  static Layer read(config::Section& section);
  static Layers read_layers(config::Section& routing, const std::string& key);
  void read_global(config::Section& routing);
  void read_prices(config::Section prices);
  static void refuse_contradiction(const config::Section& section, double ask_at, double dispatch_at);
  std::optional<ThresholdLayer> console_layer(const std::string& scope) const;

  Thresholds global_;
  std::optional<Prices> prices_;
  Layers chats_;
  Layers users_;
  std::map<std::string, ConsoleThresholds> console_;
  std::optional<double> target_dispatch_rate_;
  std::optional<double> max_under_dispatch_;
  bool shadow_ = false;
};

}  // namespace router
