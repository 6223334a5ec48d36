#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "store/database.h"
#include "store/ids.h"
#include "store/states.h"

namespace store {

/// What a decision's p followed from. The texts are the router's; they are only kept here.
struct JudgementRecord {
  DecisionId decision = {};
  std::string signals;   ///< JSON
  std::string features;  ///< packed
  std::string chat;      ///< "section:chat id", as the calibration knows it; never empty
  std::string ask_from;
  std::string dispatch_from;
  std::string adjustment = {};  ///< in words, where the thresholds were moved for this turn
};

/// Where the thresholds of a decision came from: default, global, chat, user and so on.
struct ThresholdOrigins {
  std::string ask_from;
  std::string dispatch_from;
};

/// What somebody said afterwards of a decision.
struct VerdictRecord {
  DecisionId decision = {};
  Verdict verdict = Verdict::right;
  std::string note;
  std::optional<PersonId> by = {};  ///< a person in a chat; nothing: the operator
  base::Timestamp at = {};
  VerdictSource source = VerdictSource::said;
  std::optional<MessageId> message = {};  ///< the click, command or repetition that said it
  std::string reviewer = {};              ///< of an operator in the console: their name there
};

/// A decision that has a judgement, and what became of it.
struct JudgedDecision {
  DecisionId decision = {};
  base::Timestamp at = {};
  DecisionAction action = DecisionAction::answer;
  double p = 0;
  std::string signals;
  std::string chat;
  std::string person;     ///< "section:user id"
  bool proposed = false;  ///< the secretary proposed a dispatch
  std::string cause;      ///< of the decision
  std::optional<QuestionState> question = {};
  std::optional<base::Timestamp> answered = {};  ///< the question
  /// The last of its kind.
  struct Said {
    Verdict verdict = Verdict::right;
    std::string person = {};  ///< "section:user id"; empty: the operator
    base::Timestamp at = {};
  };
  std::optional<Said> by_operator = {};
  std::optional<Said> by_person = {};  ///< on purpose
  std::optional<Said> by_use = {};     ///< see is_from_use()
};

/// How p came about: judgements, the weights and calibrations that they name, verdicts. Thread rule: that of
/// the Database.
class RoutingLog {
 public:
  explicit RoutingLog(Database& db) : db_(db) {}

  void add(const JudgementRecord& judgement);
  std::optional<JudgementRecord> judgement(DecisionId decision);
  /// For a decision of a rule, which has no judgement.
  void add_origins(DecisionId decision, const ThresholdOrigins& origins);
  /// Those of its judgement, or those added; nothing where neither is known.
  std::optional<ThresholdOrigins> origins(DecisionId decision);
  /// The decisions that have one, oldest first.
  std::vector<DecisionId> judged();

  /// Keeps the bytes of weights or of a calibration under their version, once.
  void keep_model(const std::string& version, const std::string& bytes, base::Timestamp now);
  bool has_model(const std::string& version);
  std::optional<std::string> model(const std::string& version);

  /// The version of the calibration in force; nothing: none is.
  std::optional<std::string> calibration();
  /// Since when it is.
  std::optional<base::Timestamp> calibrated();
  /// Puts a kept calibration in force.
  void apply_calibration(const std::string& version, base::Timestamp now);
  /// Goes back to the one before; false where there is none to go back from.
  bool undo_calibration(base::Timestamp now);

  void add(const VerdictRecord& verdict);
  std::vector<VerdictRecord> verdicts(DecisionId decision);
  /// Whether that message has given a verdict already.
  bool has_verdict_by(MessageId message);

  /// The decisions since then that have a judgement, oldest first.
  std::vector<JudgedDecision> judged_since(base::Timestamp since);
  /// One of them; nothing where it has none.
  std::optional<JudgedDecision> judged(DecisionId decision);

  /// Where the log stands, for changed_since().
  struct Mark {
    std::int64_t entry = 0;    ///< of the hash chain
    DecisionId decision = {};  ///< the newest
  };
  Mark mark();
  /// The decisions that were written or changed, or of which something was said, since then; in order.
  std::vector<DecisionId> changed_since(const Mark& mark);
  /// What a dispatch since then cost on average; 0 where there was none.
  double usd_of_a_dispatch(base::Timestamp since);

 private:
  Database& db_;
};

}  // namespace store
