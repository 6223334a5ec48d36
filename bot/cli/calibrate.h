#pragma once

#include <ostream>
#include <string>

namespace bot::cli {

/// What `frontdesk calibrate` was asked.
struct CalibrateOptions {
  std::string config;
  std::string svg;  ///< the picture to write; empty: none
  bool apply = false;
  bool undo = false;
  bool json = false;
};

/// What `frontdesk log verdict` and `frontdesk log replay` were asked.
struct VerdictOptions {
  std::string config;
  std::string id;
  std::string verdict;
  std::string note;
};

// How p is held against what happened. Each returns the exit status and throws base::ConfigError.

/// Fits the calibration to the outcomes in the log and shows before and after, on outcomes that the fit has
/// not seen.
int calibrate_routing(const CalibrateOptions& options, std::ostream& out);
/// Writes down what the operator says of a decision.
int give_verdict(const VerdictOptions& options, std::ostream& out);
/// Decides again from what is stored; 1 where a decision comes out differently.
int replay_decisions(const VerdictOptions& options, std::ostream& out);

}  // namespace bot::cli
