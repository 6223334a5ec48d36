#pragma once

#include <algorithm>
#include <chrono>
#include <string>

#include "dispatch/task/specialist.h"

namespace dispatch {

/// What a CLI says that its run used is a claim, which somebody else's text may have made. It is believed as
/// far as it can be true: one call to begin with, then so many tokens a second, and so many dollars for these
/// tokens and this time. All figures are totals of the run. Thread rule: one thread.
class Claims {
 public:
  /// Of a run that begins now. `most_usd` is what it may cost, in US dollars; 0: no limit.
  explicit Claims(double most_usd = 0) : most_usd_(most_usd) {}
  /// Of a run that is read afterwards, of which nobody knows how long it took.
  static Claims afterwards();

  Tokens believed(Tokens claimed);
  /// US dollars for these tokens of that model. Where no tokens are claimed, what the time alone allows.
  double believed(double usd, const Tokens& tokens, const std::string& model);
  /// What counts of the run's dollars against budgets that others share: once a claim was beyond belief, no
  /// more than the run may cost.
  double counted(double usd) const { return exceeded_ && most_usd_ > 0 ? std::min(usd, most_usd_) : usd; }
  /// Whether something was claimed beyond what can be true.
  bool exceeded() const { return exceeded_; }

 private:
  double seconds() const;
  template <typename Figure>
  Figure at_most(Figure claimed, Figure most);

  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  double most_usd_;
  bool exceeded_ = false;
};

/// The report with texts of lengths that the log, a chat and a person can bear.
void bound_texts(Report& report);
/// The same of an event. A request that is longer than is shown cannot be allowed.
void bound_texts(Event& event);

}  // namespace dispatch
