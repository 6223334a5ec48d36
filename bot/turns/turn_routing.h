#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bot/runtime/services.h"
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
  /// `context` ends with the turn's message.
  TurnRouting(runtime::Services& services, store::Database& db, const store::Conversation& conversation,
              const store::Person& person, const std::vector<store::Message>& context, const Said& said);

  /// Whether any proposal of the secretary could come to a question or a dispatch; without that the model
  /// need not be offered the tool.
  bool tool_is_of_use() const;

  /// Decides by the operator's rule for the chat or person, or by p.
  router::Decision decide(const std::optional<router::Proposal>& proposal);

  /// p as far as it is known when the secretary's model fails.
  double p_alone() const { return alone_.p; }

  /// Keeps what the last p followed from, beside the decision; inside its transaction.
  void keep(store::DecisionId decision, const router::Decision& decided, base::Timestamp now);

 private:
  router::Judgement judge(const std::optional<router::SecretarySignal>& secretary) const;
  bool is_shadow() const;

  runtime::Services& services_;
  store::Database& db_;
  const std::string section_;
  const std::string chat_id_;
  const std::string user_id_;
  const router::Thresholds thresholds_;
  router::ScoredText scored_;
  bool foreign_ = false;
  router::Calibration calibration_;
  router::Judgement alone_;
  std::optional<router::Judgement> judged_;
};

/// The calibration in force, and none where there is none or it cannot be read.
router::Calibration calibration_in_force(store::Database& db);

}  // namespace bot::turns
