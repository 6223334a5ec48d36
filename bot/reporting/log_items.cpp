#include "bot/reporting/log_items.h"

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/rfc3339.h"
#include "bot/chat/platform.h"
#include "store/approvals.h"
#include "store/routing_log.h"

namespace bot::reporting {

using nlohmann::json;

std::string user_of(const store::Person& person) {
  return person.section + ":" + person.user_id;
}

json to_json(const store::LogRow& row) {
  json object = {{"id", row.decision.value},
                 {"decision", row.decision.value},
                 {"at", base::format_rfc3339(row.at)},
                 {"at_ms", base::to_unix_ms(row.at)},
                 {"chat", row.chat},
                 {"person", row.user},
                 {"user", row.user},
                 {"name", row.person},
                 {"text", row.message},
                 {"message", row.message},
                 {"action", to_string(row.action)},
                 {"p", row.p},
                 {"ask_at", row.ask_at},
                 {"dispatch_at", row.dispatch_at},
                 {"layer", row.layer},
                 {"ask_at_from", row.ask_from.empty() ? json(nullptr) : json(row.ask_from)},
                 {"dispatch_at_from", row.dispatch_from.empty() ? json(nullptr) : json(row.dispatch_from)},
                 {"cause", row.cause},
                 {"reason", row.reason},
                 {"proposal", base::parse_json(row.proposal).value_or(json(nullptr))},
                 {"question", row.question ? json(to_string(*row.question)) : json(nullptr)},
                 {"dispatch", row.dispatch ? json(chat::dispatch_name(*row.dispatch)) : json(nullptr)},
                 {"project", row.project.empty() ? json(nullptr) : json(row.project)},
                 {"outcome", row.outcome},
                 {"usd", row.usd}};
  return object;
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

json verdicts_json(store::Database& db, store::DecisionId decision) {
  auto list = json::array();
  for (const auto& verdict : store::RoutingLog(db).verdicts(decision)) {
    list.push_back({{"at", base::format_rfc3339(verdict.at)},
                    {"verdict", to_string(verdict.verdict)},
                    {"by", verdict.by ? json(user_of(store::People(db).get(*verdict.by))) : json(nullptr)},
                    {"source", to_string(verdict.source)},
                    {"note", verdict.note}});
  }
  return list;
}

json approvals_json(store::Database& db, const std::optional<store::DispatchRecord>& dispatch) {
  auto list = json::array();
  if (!dispatch) {
    return list;
  }
  for (const auto& approval : store::Approvals(db).of(dispatch->id)) {
    list.push_back({{"at", base::format_rfc3339(approval.asked)},
                    {"kind", to_string(approval.kind)},
                    {"tool", approval.tool},
                    {"detail", approval.detail},
                    {"state", to_string(approval.state)},
                    {"by", approval.by ? json(user_of(store::People(db).get(*approval.by))) : json(nullptr)},
                    {"comment", approval.comment}});
  }
  return list;
}

}  // namespace bot::reporting
