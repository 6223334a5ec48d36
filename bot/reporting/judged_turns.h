#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/clock.h"
#include "bot/turns/routing_outcomes.h"
#include "router/scoring/logistic.h"
#include "store/database.h"
#include "store/ids.h"
#include "store/routing_log.h"
#include "store/states.h"

namespace bot::reporting {

/// What past turns would have come to at other thresholds; a rule that decided one still does, and what holds
/// words of others is asked about at most.
struct RoutingProjection {
  std::size_t n = 0;  ///< turns
  double answer = 0;  ///< shares, 0 to 1
  double ask = 0;
  double dispatch = 0;
  double usd = 0;                  ///< for the dispatches, at what one cost on average
  std::size_t known_mistakes = 0;  ///< answered though needed, or dispatched though not
};

/// As `frontdesk route --what-if --json` prints it and the API answers it.
nlohmann::json to_json(const RoutingProjection& projection);

/// A turn that has a p, as little of it as a projection needs: a hundred thousand are gone through in less
/// than a millisecond.
struct JudgedTurn {
  store::DecisionId decision = {};
  base::Timestamp at = {};
  double p = 0;
  store::DecisionAction action = store::DecisionAction::answer;  ///< what was decided
  bool by_rule = false;                                          ///< at any thresholds
  bool proposed = false;
  bool foreign = false;                ///< it holds words of others
  std::optional<bool> needed = {};     ///< the specialist, where somebody or something says so
  std::uint32_t chat = 0, person = 0;  ///< numbers that JudgedTurns gives their names
};

/// Whose turns are wanted; an empty text is any.
struct TurnsOf {
  std::string chat = {};    ///< "section:chat id"
  std::string person = {};  ///< "section:user id"
};
/// Those that thresholds of a scope are about: "global", "chat S:ID" or "user S:ID".
TurnsOf turns_of_scope(const std::string& scope);

/// What would have become of it at those thresholds. Pure.
store::DecisionAction action_at(const JudgedTurn& turn, double ask_at, double dispatch_at);
/// Whether that is known to be wrong: answered though needed, or dispatched though not. Pure.
bool is_mistake(const JudgedTurn& turn, store::DecisionAction action);

/// The turns of the log that have a p, in memory. Thread rule: one thread at a time.
class JudgedTurns {
 public:
  /// Brings it up to date with all that is in the log since then. The first call reads everything; later ones
  /// read what the hash chain says was written or changed since, whoever wrote it.
  void refresh(store::Database& db, base::Timestamp since);

  /// Oldest first; there may be older ones than was asked for.
  const std::vector<JudgedTurn>& all() const { return turns_; }
  /// Those since then.
  std::vector<JudgedTurn> since(base::Timestamp since, const TurnsOf& of = {}) const;

  /// Those of the turns since then of which is known who should have dealt with them, in the order of
  /// decisions.
  struct Labelled {
    JudgedTurn turn;
    router::Logit logit = 0;  ///< before calibration
    std::string chat;
    turns::Label label;
  };
  std::vector<Labelled> labelled(base::Timestamp since) const;

  /// `usd_of_a_dispatch`: on average.
  RoutingProjection project(double ask_at, double dispatch_at, base::Timestamp since,
                            double usd_of_a_dispatch, const TurnsOf& of = {}) const;

 private:
  /// Calls with each turn since then that is wanted.
  template <typename See>
  void each(base::Timestamp since, const TurnsOf& of, const See& see) const;
  std::uint32_t number_of(const std::string& name);
  void put(const store::JudgedDecision& decision);

  std::optional<base::Timestamp> since_;  ///< nothing: nothing is read yet
  store::RoutingLog::Mark mark_;
  std::vector<JudgedTurn> turns_;
  std::unordered_map<std::string, std::uint32_t> numbers_;  ///< of chats and persons, from 1 on
  std::map<store::DecisionId, Labelled> labelled_;
};

/// The projection over the turns since then, by a reading of the log as it is now.
RoutingProjection project_routing(store::Database& db, double ask_at, double dispatch_at,
                                  base::Timestamp since, const TurnsOf& of = {});
/// The same by turns that were read before, which are brought up to date.
RoutingProjection project_routing(JudgedTurns& turns, store::Database& db, double ask_at, double dispatch_at,
                                  base::Timestamp since, const TurnsOf& of = {});

}  // namespace bot::reporting
