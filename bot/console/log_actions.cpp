#include "bot/console/log_actions.h"

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/utf8.h"
#include "bot/chat/platform.h"
#include "bot/console/calls.h"
#include "bot/console/decisions.h"
#include "bot/runs/budget.h"
#include "bot/runs/dispatch_desk.h"
#include "bot/texts/console_log.h"
#include "bot/turns/console_thresholds.h"
#include "bot/turns/turn_routing.h"
#include "store/dispatch_log.h"
#include "store/projects.h"
#include "store/routing_log.h"

namespace bot::console {
namespace {

using base::HttpResponse;
using nlohmann::json;

constexpr std::size_t kLongestTask = 64 * 1024;

/// The dispatch that a decision led to, itself or by a yes to its question. Throws Refusal 409.
store::DispatchRecord dispatch_of(const Call& call, const store::LogRow& row) {
  if (row.dispatch) {
    return store::DispatchLog(call.db).dispatch(*row.dispatch);
  }
  throw Refusal{409, texts::kNoDispatch};
}

std::string scope_of(const store::LogRow& row) {
  return "decision " + std::to_string(row.decision.value);
}

/// A new dispatch in the project of `earlier`, as that conversation and person, in one transaction.
HttpResponse order(const Call& call, const store::LogRow& row, const store::DispatchRecord& earlier,
                   router::Proposal proposal, const char* what) {
  auto& db = call.db;
  const auto conversation = store::Conversations(db).get(earlier.conversation);
  const auto person = store::People(db).get(earlier.person);
  if (conversation.section == store::kShellSection) {
    throw Refusal{409, texts::kOfAShell};
  }
  if (const auto used_up = runs::Budgets(call.services, db, person.id, conversation).used_up()) {
    throw Refusal{409, texts::kBudgetSpent};
  }
  store::Transaction transaction(db, call.services.notifier);
  store::DispatchLog log(db);
  const auto asked = log.asked(row.decision);
  proposal.slug = row.project;
  proposal.specialist = earlier.specialist;
  proposal.reason = texts::ordered_by(call.caller.name);
  const auto thresholds = turns::with_console(call.services.policy()->routing, db)
                              .thresholds(conversation.section, conversation.chat_id, person.user_id);
  store::DecisionRecord decision;
  decision.message = asked.message;
  decision.conversation = conversation.id;
  decision.person = person.id;
  decision.action = store::DecisionAction::dispatch;
  decision.p = asked.p;
  decision.ask_at = thresholds.ask_at;
  decision.dispatch_at = thresholds.dispatch_at;
  decision.layer = thresholds.layer;
  decision.cause = "rule:dispatch-command";
  decision.reason = proposal.reason;
  decision.proposal = router::to_json(proposal);
  const auto id = log.add_decision(decision, call.services.clock.now());
  store::RoutingLog(db).add_origins(id, turns::origins_of(thresholds));
  const auto ordered =
      runs::DispatchDesk(call.services, db)
          .order(conversation, person, id, proposal, runs::DispatchDesk::SlugOrigin::named, {}, {});
  const json answer = {{"dispatch", chat::dispatch_name(ordered)}, {"decision", id.value}};
  record(call, what, scope_of(row), nullptr, answer);
  transaction.commit();
  return HttpResponse::json(base::dump_json(answer));
}

HttpResponse rerun(const Call& call) {
  body_of(call, {});
  const auto row = decision_of(call);
  const auto earlier = dispatch_of(call, row);
  if (base::trim(earlier.prompt).empty()) {
    throw Refusal{409, texts::kTaskGone};
  }
  router::Proposal proposal;
  proposal.action = earlier.action == store::DispatchAction::review ? store::DispatchAction::review
                                                                    : store::DispatchAction::run;
  proposal.prompt = earlier.prompt;
  return order(call, row, earlier, proposal, "decision.rerun");
}

HttpResponse go_on(const Call& call) {
  const auto row = decision_of(call);
  const auto earlier = dispatch_of(call, row);
  const auto text = base::strip_controls(text_of(body_of(call, {"text"}), "text"));
  if (base::trim(text).empty() || text.size() > kLongestTask) {
    throw Refusal{400, texts::must_be("text", "what is to be done now, at most 64 KiB")};
  }
  router::Proposal proposal;
  proposal.action = store::DispatchAction::resume;
  proposal.prompt = text;
  return order(call, row, earlier, proposal, "decision.continue");
}

HttpResponse cancel(const Call& call) {
  body_of(call, {});
  const auto row = decision_of(call);
  const auto dispatch = dispatch_of(call, row);
  store::Transaction transaction(call.db, call.services.notifier);
  const auto by = store::People(call.db).of_console(call.caller.name, call.services.clock.now());
  if (!runs::DispatchDesk(call.services, call.db).request_stop(dispatch, by.id)) {
    throw Refusal{409, texts::kIsOver};
  }
  const json answer = {{"dispatch", chat::dispatch_name(dispatch.id)}};
  record(call, "decision.cancel", scope_of(row), nullptr, answer);
  transaction.commit();
  call.services.runs.stop(dispatch.id);
  return HttpResponse::json(base::dump_json(answer));
}

}  // namespace

std::vector<Route> log_action_routes() {
  return {{"POST", "/decisions/{id}/rerun", Role::editor, rerun},
          {"POST", "/decisions/{id}/continue", Role::admin, go_on},
          {"POST", "/decisions/{id}/cancel", Role::editor, cancel}};
}

}  // namespace bot::console
