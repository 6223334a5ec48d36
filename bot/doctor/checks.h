#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "bot/chat/capabilities.h"
#include "bot/doctor/finding.h"
#include "bot/runtime/settings.h"

namespace bot::doctor {

/// Who is told what the checks find, in the thread that runs them; both must be there.
struct Report {
  std::function<void(const std::string& check)> begins;  ///< one of check_names()
  std::function<void(const Finding&)> found;             ///< one line, without secrets
};

/// The checks in their order.
const std::vector<std::string>& check_names();

/// Runs the list of checks at the end of checks.cpp, one after the other, by the configuration as it stands
/// in the file now. With Repair::yes the platforms first set up what they can. A stop ends it after the check
/// that runs. Returns texts in several lines that are to be pasted into a service's settings. Calls models
/// and services, so that it takes seconds, each check 30 at most for each of those. Thread rule: one thread.
std::vector<std::string> run_checks(const runtime::Flags& flags, chat::Repair repair, const Report& report,
                                    std::stop_token stop = {});

}  // namespace bot::doctor
