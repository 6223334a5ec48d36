#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "dispatch/task/claims.h"
#include "dispatch/task/specialist.h"
#include "dispatch/task/token_price.h"

namespace dispatch {

/// What one process of the Claude Code CLI spends, its sub-agents included. Between two results it is
/// estimated from the model calls that were seen; a result says what the CLI counted since the one before
/// (`model_usage_since_last_result`), and so does an answer to the control request `get_usage`. The CLI's
/// `total_cost_usd` is no help: it is the sum over a session's processes, without those that were killed
/// (measured with 2.1.330). All of it is believed as far as it can be true. Thread rule: one thread.
class UsageMeter {
 public:
  /// Of the process: whether its session is new, goes on, or nobody knows.
  enum class Session { fresh, continued, unknown };

  /// `price`, where there is one, is the price of every model, instead of what the CLI takes for it.
  UsageMeter(std::optional<TokenPrice> price, Session session, const Claims& claims = Claims::afterwards());

  /// A call of `model`, as far as it has come: `usage` is that of the Messages API. Counts only grow. `id` is
  /// the caller's own, another one for each call. Returns whether it says anything.
  bool see_call(const std::string& id, const std::string& model, const nlohmann::json& usage);
  /// A result of the CLI. Returns whether it says what this process spent by itself; otherwise only the
  /// session's total is known, as from older CLIs.
  bool settle(const nlohmann::json& result);
  /// An answer to `get_usage`. The first one for a session that goes on says what was spent before. Returns
  /// whether more was spent than was known.
  bool take_totals(const nlohmann::json& model_usage);

  const std::optional<TokenPrice>& price() const { return price_; }
  /// US dollars so far.
  double usd() const;
  std::vector<ModelSpending> spending() const;
  Tokens tokens() const;
  /// Whether something in it is no figure of the CLI's, or one with a price that the CLI made up.
  bool is_estimate() const;
  /// Of what else the CLI says that it used.
  Claims& claims() { return claims_; }
  /// Whether more was claimed than can be true (see Claims), and left out.
  bool claims_too_much() const { return claims_.exceeded(); }
  /// The counts of a `usage` of the Messages API.
  static Tokens tokens_of(const nlohmann::json& usage);
  /// How many calls of a model were seen.
  int calls() const { return calls_; }

 private:
  struct Counted {
    Tokens tokens;
    double usd = 0;
    bool made_up = false;  ///< its price
  };
  using ByModel = std::map<std::string, Counted>;

  ByModel read(const nlohmann::json& model_usage) const;
  ByModel believed(ByModel models, const ByModel& before);
  ByModel estimated() const;
  ByModel current() const;
  static void add(ByModel& to, const ByModel& more);
  static double sum(const ByModel& models);
  static Tokens sum_of_tokens(const ByModel& models);

  struct Call {
    std::string model;
    Tokens tokens;
  };

  const std::optional<TokenPrice> price_;
  Claims claims_;
  std::map<std::string, Call> open_;  ///< calls since the last result, by id
  int calls_ = 0;
  ByModel settled_;                ///< what results said
  ByModel polled_;                 ///< since the last result, as get_usage has it
  std::optional<ByModel> before_;  ///< the session's totals at the last result, or at the start
};

}  // namespace dispatch
