#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "router/scoring/logistic.h"

namespace router {

/// What became of a decision, as far as it shows whether the turn needed the specialist.
struct Outcome {
  Logit logit = 0;    ///< before any calibration
  double needed = 0;  ///< 1: it needed the specialist; 0: it did not
  double weight = 1;  ///< an operator's verdict counts in full, what a person's taps say less
  std::string chat;   ///< "<section>:<chat>"
  std::string
      person;  ///< "<section>:<user>"; empty for an operator's verdict, which nobody's bound holds back
};

/// From the logit of the fused signals to one that fits what happened here. Integers, so that it is the same
/// on every machine. A value. Thread rule: any thread.
class Calibration {
 public:
  /// Changes nothing.
  Calibration() = default;

  /// Fitted to outcomes: Platt's two parameters below 1,000 of them, an isotonic curve from there on; offsets
  /// for chats with outcomes of their own, drawn towards 0 where there are few. What one person's taps weigh
  /// is bounded to 5 % of what all weigh then, where enough people say anything; and all taps together, curve
  /// and offset, move no p by more than 0.05 from what the operator's verdicts alone give, or, where these
  /// are fewer than 30 (of the chat: none), from no calibration at all. So the same outcomes give the same
  /// calibration, however often they are fitted.
  static Calibration fit(std::vector<Outcome> outcomes);

  Logit apply(Logit logit, const std::string& chat) const;

  /// One line of JSON, and back; nothing where a text is no calibration.
  std::string to_json() const;
  static std::optional<Calibration> parse(std::string_view json);

  /// "none", or the first 12 hexadecimal digits of the SHA-256 of to_json().
  std::string version() const;
  bool is_none() const { return points_.empty(); }

 private:
  /// The curve, by straight lines between points and beyond the outer ones; empty: nothing changes.
  struct Point {
    Logit from = 0;
    Logit to = 0;
  };
  Logit curve(Logit logit) const;
  void fit_curve(const std::vector<Outcome>& outcomes, const Calibration* anchor);
  void fit_offsets(const std::vector<Outcome>& outcomes);

  std::vector<Point> points_;
  std::map<std::string, Logit> offsets_;  ///< by chat
};

/// The share of all weight that the taps of one person may have.
inline constexpr double kMostOfOnePerson = 0.05;
/// How far people's taps may move p.
inline constexpr double kLargestStep = 0.05;
/// From so many outcomes on the curve is isotonic.
inline constexpr std::size_t kIsotonicFrom = 1000;

}  // namespace router
