#include "bot/console/inbox_items.h"

#include <algorithm>
#include <chrono>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/rfc3339.h"
#include "bot/access/time_zone.h"
#include "bot/console/deliveries.h"
#include "bot/runs/budget.h"
#include "bot/texts/buttons.h"
#include "bot/texts/console_operations.h"
#include "bot/tools/asked_calls.h"
#include "store/operations_view.h"
#include "store/projects.h"
#include "store/section_troubles.h"

namespace bot::console {
namespace {

using nlohmann::json;

constexpr int kMostOfAKind = 200;
constexpr std::chrono::hours kCrashesShown{24 * 7};

json action(const std::string& id, const std::string& label, const std::string& style = "plain",
            bool needs_text = false) {
  return {{"id", id}, {"label", label}, {"style", style}, {"needs_text", needs_text}};
}

json item(const std::string& kind, const std::string& id, base::Timestamp at, json actions) {
  return {{"kind", kind},
          {"id", id},
          {"at", base::format_rfc3339(at)},
          {"chat", nullptr},
          {"person", nullptr},
          {"name", nullptr},
          {"dispatch", nullptr},
          {"project", nullptr},
          {"detail", ""},
          {"actions", std::move(actions)}};
}

json actions_of(const store::Approval& approval, const std::vector<store::Button>& shown) {
  auto list = json::array();
  const bool plan = approval.kind == store::ApprovalKind::plan;
  const auto options = options_of(approval);
  for (std::size_t i = 0; i < options.size(); ++i) {
    list.push_back(action("option-" + std::to_string(i + 1), options[i]));
  }
  for (const auto& button : shown) {
    switch (button.kind) {
      case store::ButtonKind::allow:
        list.push_back(action(plan ? "go" : "allow_once", button.label, "primary"));
        break;
      case store::ButtonKind::allow_for_task:
        list.push_back(action("allow_task", button.label));
        break;
      case store::ButtonKind::deny:
        list.push_back(action(plan ? "stop" : "deny", button.label, "danger"));
        break;
      case store::ButtonKind::change:
        list.push_back(action("change", button.label, "plain", true));
        break;
      default:
        break;
    }
  }
  if (approval.kind == store::ApprovalKind::question) {
    list.push_back(action("answer", texts::kAnswerInWords, "plain", true));
  }
  return list;
}

/// Who, where, and exactly what is to be done.
void describe(const Call& call, const store::ToolCallRecord& of, json& item) {
  const auto conversation = store::Conversations(call.db).get(of.conversation);
  const auto person = store::People(call.db).get(of.person);
  item["chat"] = conversation.section + ":" + conversation.chat_id;
  item["person"] = person.section + ":" + person.user_id;
  item["name"] = person.name;
  item["tool"] = of.server + "/" + of.tool;
  item["detail"] =
      tools::argument_lines(of.arguments, access::time_zone_of(call.services, call.db, of.person));
}

/// "the turn of message 12" has no chat to be opened; its row says which it was.
void name_job(const Call& call, const store::Job& job, json& named) {
  store::Conversations conversations(call.db);
  if (job.kind == runtime::kDispatchJob) {
    const auto dispatch = store::DispatchLog(call.db).dispatch({job.ref});
    const auto conversation = conversations.get(dispatch.conversation);
    named["dispatch"] = chat::dispatch_name(dispatch.id);
    named["project"] = store::Projects(call.db).get(dispatch.project).slug;
    named["chat"] = conversation.section + ":" + conversation.chat_id;
    named["detail"] = dispatch.prompt;
  } else if (job.kind == runtime::kTurnJob || job.kind == runtime::kQuickTurnJob) {
    const auto message = conversations.message({job.ref});
    const auto conversation = conversations.get(message.conversation);
    named["chat"] = conversation.section + ":" + conversation.chat_id;
    named["detail"] = message.text;
  } else {
    named["detail"] = fmt::format("{} {}", job.kind, job.ref);
  }
}

}  // namespace

std::vector<std::string> options_of(const store::Approval& approval) {
  std::vector<std::string> options;
  const auto questions = base::parse_json(approval.questions).value_or(json::array());
  const auto answers = base::parse_json(approval.answers).value_or(json::object());
  for (const auto& question : questions) {
    if (answers.contains(base::json_text(question, "text"))) {
      continue;
    }
    for (const auto& option : base::json_list(question, "options")) {
      options.push_back(option.is_string() ? option.get<std::string>() : std::string());
    }
    break;
  }
  return options;
}

std::string name_of(const store::Crash& crash) {
  return fmt::format("crash-{}-{}", crash.fault.pid, base::to_unix_ms(crash.fault.at));
}

std::string name_of(const store::BudgetAlert& alert) {
  return fmt::format("{}-{}-{:.0f}", alert.budget, base::to_unix_ms(alert.since), alert.share * 100);
}

std::vector<store::Job> suspects(const Call& call) {
  return store::JobQueue(call.db).suspects(runtime::kDispatchJob);
}

std::vector<store::Crash> crashes(const Call& call) {
  auto all = store::CrashLog(call.db).since(call.services.clock.now() - kCrashesShown);
  store::InboxDone put_away(call.db);
  std::erase_if(all, [&](const store::Crash& crash) { return put_away.has(name_of(crash)); });
  return all;
}

std::vector<store::BudgetAlert> alerts(const Call& call) {
  const auto month =
      runs::start_of_month(call.services.clock.now(), call.services.settings.secretary.timezone);
  auto all = store::Ledger(call.db).alerts_since(month);
  store::InboxDone put_away(call.db);
  std::erase_if(all, [&](const store::BudgetAlert& alert) { return put_away.has(name_of(alert)); });
  std::reverse(all.begin(), all.end());
  return all;
}

json question_items(const Call& call) {
  auto items = json::array();
  for (const auto& question : store::OperationsView(call.db).open_questions(kMostOfAKind)) {
    auto of = item("question", std::to_string(question.decision.value), question.at,
                   question.asked ? json{action("yes", texts::kYes, "primary"), action("no", texts::kNo)}
                                  : json::array());
    of["chat"] = question.chat;
    of["person"] = question.person;
    of["name"] = question.name;
    of["title"] = texts::kAsksWhetherToDispatch;
    of["detail"] = question.message;
    items.push_back(std::move(of));
  }
  return items;
}

json approval_items(const Call& call) {
  auto items = json::array();
  store::Conversations conversations(call.db);
  auto open = store::Approvals(call.db).open();
  std::reverse(open.begin(), open.end());
  for (const auto& approval : open) {
    const auto dispatch = store::DispatchLog(call.db).dispatch(approval.dispatch);
    const auto conversation = conversations.get(approval.conversation);
    const auto person = store::People(call.db).get(approval.person);
    auto of = item("approval", std::to_string(approval.id), approval.asked,
                   actions_of(approval, conversations.buttons(approval.message)));
    of["chat"] = conversation.section + ":" + conversation.chat_id;
    of["person"] = person.section + ":" + person.user_id;
    of["name"] = person.name;
    of["dispatch"] = chat::dispatch_name(approval.dispatch);
    of["project"] = store::Projects(call.db).get(dispatch.project).slug;
    of["title"] = approval.kind == store::ApprovalKind::permission ? texts::kAsksPermission
                  : approval.kind == store::ApprovalKind::question ? texts::kAsksQuestion
                                                                   : texts::kProposesPlan;
    of["tool"] = approval.tool;
    of["detail"] = approval.kind == store::ApprovalKind::question
                       ? conversations.message(approval.message).text
                       : approval.detail;
    of["until"] = base::format_rfc3339(approval.asked + call.services.settings.dispatch.approval_timeout);
    items.push_back(std::move(of));
  }
  return items;
}

json uncertain_items(const Call& call) {
  auto items = json::array();
  for (const auto& doubt : store::MessageParts(call.db).doubts(kMostOfAKind)) {
    auto actions = json::array({action("arrived", texts::kItArrived, "primary")});
    if (doubt.uncertain) {
      actions.push_back(action("send_again", texts::kSendItAgain));
    }
    auto of = item("uncertain", id_of(doubt), doubt.attempted, std::move(actions));
    of["chat"] = doubt.section + ":" + doubt.chat_id;
    of["title"] = doubt.uncertain ? texts::kMayBeMissing : texts::kMayBeDouble;
    of["detail"] = store::Conversations(call.db).message(doubt.message).text;
    items.push_back(std::move(of));
  }
  return items;
}

json call_items(const Call& call) {
  auto items = json::array();
  auto open = store::ToolCalls(call.db).open();
  std::reverse(open.begin(), open.end());
  for (const auto& asked : open) {
    // Nobody says Do it for somebody else: it is done with what that person may see and do.
    auto of = item("tool", std::to_string(asked.id), asked.made,
                   json::array({action("no", texts::kNo, "danger", true)}));
    describe(call, asked, of);
    of["title"] = texts::asks_whether_to_call(asked.tool, asked.server);
    if (asked.expires) {
      of["until"] = base::format_rfc3339(*asked.expires);
    }
    items.push_back(std::move(of));
  }
  return items;
}

json uncertain_call_items(const Call& call) {
  auto items = json::array();
  for (const auto& doubt : store::ToolCalls(call.db).doubts(kMostOfAKind)) {
    auto of = item("uncertain_call", std::to_string(doubt.id), doubt.begun.value_or(doubt.made),
                   json::array({action("done", texts::kPutAway)}));
    describe(call, doubt, of);
    of["title"] = texts::may_be_done(doubt.tool, doubt.server);
    of["detail"] = of.at("detail").get<std::string>() + "\n" + doubt.result;
    items.push_back(std::move(of));
  }
  return items;
}

json pairing_items(const Call& call) {
  auto items = json::array();
  for (const auto& request : store::People(call.db).pairing_requests(call.services.clock.now())) {
    auto of = item("pairing", std::to_string(request.id), request.made,
                   {action("admit", texts::kAdmit, "primary"), action("refuse", texts::kRefuse, "danger")});
    of["chat"] = request.person.section + ":" + request.place;
    of["person"] = request.person.section + ":" + request.person.user_id;
    of["name"] = request.person.name;
    of["title"] = texts::kWaitsForPairing;
    of["until"] = base::format_rfc3339(request.expires);
    items.push_back(std::move(of));
  }
  return items;
}

json suspect_items(const Call& call) {
  auto items = json::array();
  for (const auto& job : suspects(call)) {
    auto of = item("suspect", "job-" + std::to_string(job.id), job.created,
                   json::array({action("give_up", texts::kGiveUpJob, "danger")}));
    of["title"] = texts::kSuspect;
    name_job(call, job, of);
    items.push_back(std::move(of));
  }
  for (const auto& crash : crashes(call)) {
    auto of = item("suspect", name_of(crash), crash.fault.at, json::array({action("done", texts::kPutAway)}));
    of["title"] = texts::kDied;
    of["detail"] = crash.fault.cause + (crash.work.empty() ? "" : "; " + crash.work);
    items.push_back(std::move(of));
  }
  return items;
}

json alert_items(const Call& call) {
  auto items = json::array();
  for (const auto& alert : alerts(call)) {
    auto of = item("alert", name_of(alert), alert.since, json::array({action("done", texts::kPutAway)}));
    of["title"] = texts::kBudgetShare;
    of["detail"] = texts::share_spent(alert.budget, alert.share, alert.spent, alert.usd);
    items.push_back(std::move(of));
  }
  return items;
}

}  // namespace bot::console
