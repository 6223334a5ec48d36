#pragma once

#include <chrono>
#include <string>

#include "dispatch/task/specialist.h"

namespace dispatch {

/// What a CLI says that its run used is a claim, which somebody else's text may have made. It is believed as
/// far as it can be true: so many tokens in the time that passed, and so many dollars for these tokens.
/// Thread rule: one thread.
class Claims {
 public:
  Tokens believed(Tokens claimed);
  /// US dollars for these tokens of that model. Where no tokens are claimed, what the time alone allows.
  double believed(double usd, const Tokens& tokens, const std::string& model);
  /// Whether something was claimed beyond that.
  bool exceeded() const { return exceeded_; }

 private:
  double seconds() const;
  template <typename Figure>
  Figure at_most(Figure claimed, Figure most);

  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  bool exceeded_ = false;
};

/// The report with texts of lengths that the log, a chat and a person can bear.
void bound_texts(Report& report);
/// The same of an event. A request that is longer than is shown cannot be allowed.
void bound_texts(Event& event);

}  // namespace dispatch
