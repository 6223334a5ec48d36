#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "bot/console/api.h"
#include "store/approvals.h"
#include "store/crash_log.h"
#include "store/job_queue.h"
#include "store/ledger.h"

namespace bot::console {

// What waits for a person, as the inbox shows it; each list the newest first.

nlohmann::json question_items(const Call& call);
nlohmann::json approval_items(const Call& call);
nlohmann::json uncertain_items(const Call& call);
/// Calls of the secretary's tools about which a person in a chat is asked.
nlohmann::json call_items(const Call& call);
/// Those of which nobody knows what they did.
nlohmann::json uncertain_call_items(const Call& call);
nlohmann::json pairing_items(const Call& call);
/// Jobs during which the program died, and its deaths, until somebody has put them away.
nlohmann::json suspect_items(const Call& call);
nlohmann::json alert_items(const Call& call);

/// The options of the next part of a specialist's question that has no answer yet.
std::vector<std::string> options_of(const store::Approval& approval);
/// As InboxDone knows them, and as their ids.
std::string name_of(const store::Crash& crash);
std::string name_of(const store::BudgetAlert& alert);
/// The jobs that are under suspicion.
std::vector<store::Job> suspects(const Call& call);
/// Of the last week, not put away.
std::vector<store::Crash> crashes(const Call& call);
/// Of this month, not put away.
std::vector<store::BudgetAlert> alerts(const Call& call);

}  // namespace bot::console
