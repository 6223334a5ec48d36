#include "bot/cli/log_members.h"

#include <nlohmann/json.hpp>

#include "base/rfc3339.h"
#include "store/approvals.h"
#include "store/routing_log.h"

namespace bot::cli {

using nlohmann::json;

std::string user_of(const store::Person& person) {
  return person.section + ":" + person.user_id;
}

json costs_json(const std::vector<store::CostRow>& costs) {
  auto list = json::array();
  for (const auto& cost : costs) {
    list.push_back({{"purpose", to_string(cost.purpose)},
                    {"model", cost.model},
                    {"usd", cost.usd},
                    {"input_tokens", cost.input_tokens},
                    {"cached_tokens", cost.cache_read_tokens + cost.cache_write_tokens},
                    {"output_tokens", cost.output_tokens}});
  }
  return list;
}

json deliveries_json(const std::vector<store::DeliveryRow>& deliveries) {
  auto list = json::array();
  for (const auto& call : deliveries) {
    list.push_back({{"at", base::format_rfc3339(call.created)},
                    {"kind", to_string(call.kind)},
                    {"id", call.key},
                    {"state", to_string(call.state)},
                    {"error", call.error}});
  }
  return list;
}

json verdicts_json(OpenLog& log, store::DecisionId decision) {
  auto list = json::array();
  for (const auto& verdict : store::RoutingLog(log.db).verdicts(decision)) {
    list.push_back(
        {{"at", base::format_rfc3339(verdict.at)},
         {"verdict", to_string(verdict.verdict)},
         {"by", verdict.by ? json(user_of(store::People(log.db).get(*verdict.by))) : json(nullptr)},
         {"source", to_string(verdict.source)},
         {"note", verdict.note}});
  }
  return list;
}

json approvals_json(OpenLog& log, const std::optional<store::DispatchRecord>& dispatch) {
  auto list = json::array();
  if (!dispatch) {
    return list;
  }
  for (const auto& approval : store::Approvals(log.db).of(dispatch->id)) {
    list.push_back(
        {{"at", base::format_rfc3339(approval.asked)},
         {"kind", to_string(approval.kind)},
         {"tool", approval.tool},
         {"detail", approval.detail},
         {"state", to_string(approval.state)},
         {"by", approval.by ? json(user_of(store::People(log.db).get(*approval.by))) : json(nullptr)},
         {"comment", approval.comment}});
  }
  return list;
}

}  // namespace bot::cli
