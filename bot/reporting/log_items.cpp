#include "bot/reporting/log_items.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/rfc3339.h"
#include "base/utf8.h"
#include "bot/chat/platform.h"
#include "store/approvals.h"
#include "store/routing_log.h"

namespace bot::reporting {

using nlohmann::json;

std::string origin_of(const std::string& recorded, const store::LogRow& row) {
  return recorded.empty() ? row.layer.substr(0, row.layer.find(' ')) : recorded;
}

std::string user_of(const store::Person& person) {
  return person.section + ":" + person.user_id;
}

namespace {

/// Longer ones are cut in a list.
constexpr std::size_t kSummary = 200;

/// A beginning of at most so many characters.
std::string beginning(const std::string& text, std::size_t characters) {
  std::size_t end = 0;
  for (; characters > 0 && end < text.size(); --characters) {
    end += std::max<std::size_t>(base::utf8_sequence(std::string_view(text).substr(end)), 1);
  }
  return text.substr(0, end);
}

json or_null(const std::string& text) {
  return text.empty() ? json(nullptr) : json(text);
}

}  // namespace

std::string cause_of(const store::LogRow& row) {
  const auto facts = base::parse_json(row.facts).value_or(json::object());
  if (row.outcome == to_string(store::DispatchOutcome::blocked)) {
    std::string refused;
    for (const auto& denial : base::json_list(facts, "denials")) {
      refused += (refused.empty() ? "" : "; ") + base::json_text(denial, "tool") + ": " +
                 base::one_line(base::json_text(denial, "detail"));
    }
    return refused.empty() ? base::json_text(facts, "problem") : refused;
  }
  const bool of_decision = row.outcome == to_string(store::DecisionOutcome::failed) ||
                           row.outcome == to_string(store::DecisionOutcome::over_budget);
  return of_decision ? row.reason : base::json_text(facts, "problem");
}

json rule_of(const store::LogRow& row) {
  return row.cause.starts_with("rule:") ? json(row.cause.substr(row.cause.find(':') + 1)) : json(nullptr);
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
                 {"chat_name", or_null(row.chat_name)},
                 {"text", row.message},
                 {"message", row.message},
                 {"summary", beginning(row.message, kSummary)},
                 {"action", to_string(row.action)},
                 {"p", row.p},
                 {"ask_at", row.ask_at},
                 {"dispatch_at", row.dispatch_at},
                 {"layer", row.layer},
                 {"ask_at_from", origin_of(row.ask_from, row)},
                 {"dispatch_at_from", origin_of(row.dispatch_from, row)},
                 {"cause", row.cause},
                 {"rule", rule_of(row)},
                 {"reason", row.reason},
                 {"proposal", base::parse_json(row.proposal).value_or(json(nullptr))},
                 {"question", row.question ? json(to_string(*row.question)) : json(nullptr)},
                 {"dispatch", row.dispatch ? json(chat::dispatch_name(*row.dispatch)) : json(nullptr)},
                 {"project", or_null(row.project)},
                 {"outcome", row.outcome},
                 {"outcome_cause", or_null(cause_of(row))},
                 {"verdict", row.verdict ? json(to_string(*row.verdict)) : json(nullptr)},
                 {"follows", row.follows ? json(row.follows->value) : json(nullptr)},
                 {"usd", row.usd},
                 {"tools", base::parse_json(row.tools).value_or(json::array())}};
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
                    {"settled_at", call.settled ? json(base::format_rfc3339(*call.settled)) : json(nullptr)},
                    {"state", to_string(call.state)},
                    {"error", call.error}});
  }
  return list;
}

json verdicts_json(store::Database& db, store::DecisionId decision) {
  auto list = json::array();
  store::RoutingLog log(db);
  auto verdicts = log.verdicts(decision);
  if (const auto asked = store::DispatchLog(db).asked(decision).id; asked != decision) {
    const auto of_question = log.verdicts(asked);
    verdicts.insert(verdicts.begin(), of_question.begin(), of_question.end());
  }
  for (const auto& verdict : verdicts) {
    list.push_back(
        {{"at", base::format_rfc3339(verdict.at)},
         {"verdict", to_string(verdict.verdict)},
         {"by", verdict.by ? json(user_of(store::People(db).get(*verdict.by))) : or_null(verdict.reviewer)},
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
    const auto allowed = store::allowed_instead(approval);
    list.push_back(
        {{"id", approval.id},
         {"at", base::format_rfc3339(approval.asked)},
         {"settled_at", approval.settled ? json(base::format_rfc3339(*approval.settled)) : json(nullptr)},
         {"kind", to_string(approval.kind)},
         {"tool", approval.tool},
         {"detail", approval.detail},
         {"state", to_string(approval.state)},
         {"by", approval.by ? json(user_of(store::People(db).get(*approval.by))) : json(nullptr)},
         {"allowed_instead", allowed.empty() ? json(nullptr) : json(allowed)},
         {"comment", approval.comment}});
  }
  return list;
}

}  // namespace bot::reporting
