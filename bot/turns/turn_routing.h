#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bot/runtime/services.h"
#include "bot/texts/tasks.h"
#include "router/decision.h"
#include "router/scoring/judgement.h"
#include "store/conversations.h"
#include "store/database.h"
#include "store/people.h"
#include "store/routing_log.h"

namespace bot::turns {

/// How the p of one turn is computed, compared and kept. One object per turn; thread rule: one thread.
class TurnRouting {
 public:
  /// What a person says in a turn.
  struct Said {
    std::string text;
    bool with_foreign_words = false;  ///< words of others came along beside it
  };
  /// What stands for this chat and person beside the words of the turn.
  struct Terms {
    router::RoutingPolicy policy;
    router::Thresholds thresholds;
    std::string moved;  ///< why they are not those of the settings
    router::Calibration calibration;
  };
  static Terms read_terms(runtime::Services& services, store::Database& db,
                          const store::Conversation& conversation, store::PersonId person,
                          const std::string& user_id);
  /// `context` ends with the turn's message. Without `terms` it reads them.
  TurnRouting(runtime::Services& services, store::Database& db, const store::Conversation& conversation,
              const store::Person& person, const std::vector<store::Message>& context, const Said& said,
              std::optional<Terms> terms = std::nullopt);

  /// Whether any proposal of the secretary could come to a question or a dispatch; without that the model
  /// need not be offered the tool.
  bool tool_is_of_use() const;

  /// Decides by the operator's rule for the chat or person, or by p. `logprob`: of the secretary's answer,
  /// where its endpoint tells it.
  router::Decision decide(const std::optional<router::Proposal>& proposal,
                          std::optional<double> logprob = std::nullopt);

  /// The same where the secretary's model was not offered the tool, so that what it did says nothing.
  router::Decision decide_alone();

  /// Puts the operator's rule for the chat or person in place of what p came to, where there is one.
  void follow_operator(bool proposed, router::Decision& decision) const;

  /// The sender's own words, without what others said.
  const std::string& own_text() const { return scored_.text; }

  /// Whether words of others came into the turn, which order nothing.
  bool has_foreign_words() const { return others_ != texts::OthersWords::none; }
  texts::OthersWords others_words() const { return others_; }
  /// From now on they have: with what a tool brought.
  void note_tool_words() { others_ = texts::OthersWords::tool; }
  /// The same with so many pictures that came along and the model saw.
  void note_pictures(std::size_t count) {
    others_ = texts::OthersWords::picture;
    pictures_ = count;
  }

  /// Whether the operator gives everything of this chat or person to the specialist.
  bool is_always_dispatched() const;

  /// p as far as it is known when the secretary's model fails.
  double p_alone() const { return alone_.p; }

  /// Keeps what the last p followed from, beside the decision; inside its transaction.
  void keep(store::DecisionId decision, const router::Decision& decided, base::Timestamp now);

 private:
  router::Decision compare(const std::optional<router::Proposal>& proposal);
  router::Judgement judge(const router::SecretarySignal& secretary) const;
  std::string chat() const;
  bool is_shadow() const;

  store::Database& db_;
  const std::string section_;
  const std::string chat_id_;
  const std::string user_id_;
  const Terms terms_;
  router::ScoredText scored_;
  texts::OthersWords others_ = texts::OthersWords::none;
  std::size_t pictures_ = 0;
  router::Judgement alone_;
  std::optional<router::Judgement> judged_;
};

/// As the log keeps them.
store::ThresholdOrigins origins_of(const router::Thresholds& thresholds);

/// Puts the operator's rule in place of what p came to. Without a proposal there is nothing to ask, so that
/// `always_ask` leaves it to p; what holds words of others is asked about at most. Pure.
void follow_rule(const router::RoutingPolicy::NamedRule& rule, const router::Circumstances& circumstances,
                 router::Decision& decision);

/// The decision of a turn by the constants 0.3, 0.6 and 0.9 for the secretary's confidence, while p is only
/// kept (`shadow`). Pure.
router::Decision decide_in_shadow(double p, double by_confidence, const router::Thresholds& thresholds,
                                  const router::Circumstances& circumstances);

}  // namespace bot::turns
