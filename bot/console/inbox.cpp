#include "bot/console/inbox.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/utf8.h"
#include "bot/console/calls.h"
#include "bot/console/deliveries.h"
#include "bot/console/inbox_items.h"
#include "bot/console/pairing.h"
#include "bot/console/query.h"
#include "bot/markup/literal_markdown.h"
#include "bot/runs/approval_desk.h"
#include "bot/runs/dispatch_desk.h"
#include "bot/texts/approvals.h"
#include "bot/texts/console_operations.h"
#include "bot/texts/page.h"
#include "bot/texts/tools.h"
#include "bot/tools/asked_calls.h"
#include "bot/turns/console_click.h"
#include "store/backlog.h"
#include "store/dispatch_log.h"
#include "store/outbox.h"
#include "store/section_troubles.h"

namespace bot::console {
namespace {

using nlohmann::json;
using store::ButtonKind;

/// Throws Refusal 404.
std::int64_t row_of(const std::string& id) {
  const auto row = whole(id);
  return row ? *row : throw Refusal{404, texts::kNotFound};
}

/// What a POST asks for.
struct Wanted {
  std::string id;
  std::string action;
  std::string text;
};

store::Person presser(const Call& call) {
  return store::People(call.db).of_console(call.caller.name, call.services.clock.now());
}

// --- A question of the secretary

void answer_question(const Call& call, const Wanted& wanted) {
  if (wanted.action != "yes" && wanted.action != "no") {
    throw Refusal{400, texts::unknown_action(wanted.action)};
  }
  const store::DecisionId id{row_of(wanted.id)};
  store::Transaction transaction(call.db, call.services.notifier);
  const auto state = store::DispatchLog(call.db).question_of(id);
  if (!state) {
    throw Refusal{404, texts::kNotFound};
  }
  store::Conversations conversations(call.db);
  const auto kind = wanted.action == "yes" ? ButtonKind::yes : ButtonKind::no;
  const auto shown = conversations.message_with_button(kind, id.value);
  if (*state != store::QuestionState::open || !shown) {
    throw Refusal{409, texts::kQuestionGone};
  }
  const auto buttons = conversations.buttons(*shown);
  const auto button =
      std::find_if(buttons.begin(), buttons.end(), [&](const auto& b) { return b.kind == kind; });
  if (button == buttons.end() ||
      !turns::click_in_console(call.services, call.db, {*button, *shown, true}, presser(call))) {
    throw Refusal{409, texts::kClickedAlready};
  }
  record(call, "question." + wanted.action, "decision " + wanted.id, "open", wanted.action);
  transaction.commit();
}

// --- What a specialist asks

ButtonKind kind_of(const std::string& action) {
  if (action == "allow_once" || action == "go") {
    return ButtonKind::allow;
  }
  if (action == "allow_task") {
    return ButtonKind::allow_for_task;
  }
  if (action == "deny" || action == "stop") {
    return ButtonKind::deny;
  }
  throw Refusal{400, texts::unknown_action(action)};
}

std::string option_of(const store::Approval& approval, const std::string& action) {
  constexpr std::string_view kOption = "option-";
  const auto options = options_of(approval);
  const auto chosen =
      whole(std::string_view(action).substr(std::min(kOption.size(), action.size()))).value_or(0);
  if (chosen < 1 || chosen > static_cast<std::int64_t>(options.size())) {
    throw Refusal{400, texts::unknown_action(action)};
  }
  return options[static_cast<std::size_t>(chosen) - 1];
}

/// Returns a sentence where it was not taken.
std::string take(runs::ApprovalDesk& desk, const store::Approval& approval, const Wanted& wanted,
                 const store::Person& person) {
  if (wanted.action == "answer" || wanted.action == "change") {
    const auto fits = wanted.action == "answer" ? store::ApprovalKind::question : store::ApprovalKind::plan;
    if (approval.kind != fits) {
      throw Refusal{400, texts::unknown_action(wanted.action)};
    }
    if (wanted.text.empty()) {
      throw Refusal{400, texts::kTextMissing};
    }
    return desk.take_text(approval, wanted.text, person);
  }
  if (wanted.action.starts_with("option-")) {
    return desk.take_button(approval, ButtonKind::option, option_of(approval, wanted.action), person, {});
  }
  return desk.take_button(approval, kind_of(wanted.action), {}, person, {});
}

/// As the button in the chat does it, with the same effect.
void answer_approval(const Call& call, const Wanted& wanted) {
  require_admin(call);
  store::Approvals approvals(call.db);
  const auto found = approvals.find(row_of(wanted.id));
  if (!found) {
    throw Refusal{404, texts::kNotFound};
  }
  runs::ApprovalDesk desk(call.services, call.db);
  bool stopped = false;
  {
    store::Transaction transaction(call.db, call.services.notifier);
    const auto approval = approvals.get(found->id);
    if (approval.state != store::ApprovalState::open) {
      throw Refusal{409, texts::kSettledAlready};
    }
    const auto person = presser(call);
    if (const auto sentence = take(desk, approval, wanted, person); !sentence.empty()) {
      throw Refusal{409, sentence};
    }
    if (approval.kind == store::ApprovalKind::plan && wanted.action == "stop") {
      stopped = true;
      runs::DispatchDesk(call.services, call.db)
          .request_stop(store::DispatchLog(call.db).dispatch(approval.dispatch), person.id);
    }
    record(call, "approval." + wanted.action, "approval " + wanted.id, "open",
           to_string(approvals.get(approval.id).state));
    transaction.commit();
  }
  if (stopped) {
    call.services.runs.stop(found->dispatch);
  } else {
    desk.send();
  }
}

// --- Calls of the secretary's tools

/// No in place of whoever was asked, with a reason that their chat is told.
void refuse_call(const Call& call, const Wanted& wanted) {
  require_admin(call);
  if (wanted.action != "no") {
    throw Refusal{400, texts::unknown_action(wanted.action)};
  }
  if (wanted.text.empty()) {
    throw Refusal{400, texts::kTextMissing};
  }
  store::Transaction transaction(call.db, call.services.notifier);
  const auto asked = store::ToolCalls(call.db).find(row_of(wanted.id));
  if (!asked) {
    throw Refusal{404, texts::kNotFound};
  }
  const auto by = presser(call);
  const auto line = texts::call_refused_by(markup::literal_markdown(call.caller.name),
                                           markup::literal_markdown(base::one_line(wanted.text)));
  if (!tools::AskedCalls(call.services, call.db)
           .close(*asked, store::ToolCallState::refused, line, {by.id, wanted.text})) {
    throw Refusal{409, texts::kSettledAlready};
  }
  record(call, "tool.no", "tool call " + wanted.id, "open", to_string(store::ToolCallState::refused),
         wanted.text);
  transaction.commit();
}

// --- The others

void settle_uncertain(const Call& call, const Wanted& wanted) {
  require_admin(call);
  const auto doubt = doubt_of(call, wanted.id);
  if (wanted.action == "arrived") {
    settle_as_arrived(call, doubt);
  } else if (wanted.action == "send_again") {
    send_again(call, wanted.id);
  } else {
    throw Refusal{400, texts::unknown_action(wanted.action)};
  }
}

void settle_pairing_item(const Call& call, const Wanted& wanted) {
  require_admin(call);
  if (wanted.action != "admit" && wanted.action != "refuse") {
    throw Refusal{400, texts::unknown_action(wanted.action)};
  }
  settle_pairing(call, row_of(wanted.id), wanted.action == "admit");
}

void put_away(const Call& call, const Wanted& wanted, bool known) {
  if (wanted.action != "done") {
    throw Refusal{400, texts::unknown_action(wanted.action)};
  }
  store::Transaction transaction(call.db, call.services.notifier);
  if (!known || !store::InboxDone(call.db).add(wanted.id, call.services.clock.now())) {
    throw Refusal{store::InboxDone(call.db).has(wanted.id) ? 409 : 404,
                  store::InboxDone(call.db).has(wanted.id) ? texts::kSettledAlready : texts::kNotFound};
  }
  record(call, "inbox.done", wanted.id, nullptr, "done");
  transaction.commit();
}

/// The chat is told, unless the job is itself what a chat is told.
void give_up(const Call& call, const store::Job& job) {
  const auto now = call.services.clock.now();
  store::JobQueue queue(call.db);
  if (job.kind == runtime::kDispatchJob) {
    runs::DispatchDesk(call.services, call.db)
        .request_stop(store::DispatchLog(call.db).dispatch({job.ref}), presser(call).id);
    return;
  }
  if (!queue.drop(job.kind, job.ref)) {
    throw Refusal{409, texts::kSettledAlready};
  }
  if (job.kind == runtime::kTurnJob || job.kind == runtime::kQuickTurnJob) {
    store::Conversations conversations(call.db);
    const auto message = conversations.message({job.ref});
    store::Outbox(call.db).post(conversations.get(message.conversation),
                                {texts::kGivenUpInConsole, {}, message.external_id}, now);
  } else if (job.kind.starts_with("deliver:")) {
    store::Outbox(call.db).mark_dead({job.ref}, texts::kGivenUpInConsole, now);
  }
}

void settle_uncertain_call(const Call& call, const Wanted& wanted) {
  require_admin(call);
  const auto found = store::ToolCalls(call.db).find(row_of(wanted.id));
  put_away(call, {store::ToolCalls::doubt_name(found ? found->id : 0), wanted.action, {}},
           found && found->state == store::ToolCallState::uncertain);
}

void settle_suspect(const Call& call, const Wanted& wanted) {
  constexpr std::string_view kJob = "job-";
  if (!wanted.id.starts_with(kJob)) {
    const auto open = crashes(call);
    put_away(call, wanted, std::any_of(open.begin(), open.end(), [&](const auto& crash) {
               return name_of(crash) == wanted.id;
             }));
    return;
  }
  if (wanted.action != "give_up") {
    throw Refusal{400, texts::unknown_action(wanted.action)};
  }
  const auto id = row_of(wanted.id.substr(kJob.size()));
  const auto open = suspects(call);
  const auto job = std::find_if(open.begin(), open.end(), [&](const auto& j) { return j.id == id; });
  if (job == open.end()) {
    throw Refusal{409, texts::kSettledAlready};
  }
  {
    store::Transaction transaction(call.db, call.services.notifier);
    give_up(call, *job);
    record(call, "inbox.give_up", job->kind + " " + std::to_string(job->ref), "waiting", "given up");
    transaction.commit();
  }
  if (job->kind == runtime::kDispatchJob) {
    call.services.runs.stop({job->ref});
  }
}

void settle_alert(const Call& call, const Wanted& wanted) {
  const auto open = alerts(call);
  put_away(call, wanted, std::any_of(open.begin(), open.end(), [&](const auto& alert) {
             return name_of(alert) == wanted.id;
           }));
}

// --- All of them

struct Kind {
  const char* name;
  json (*items)(const Call&);
  void (*settle)(const Call&, const Wanted&);
};

constexpr Kind kKinds[] = {
    {"approval", approval_items, answer_approval},
    {"question", question_items, answer_question},
    {"pairing", pairing_items, settle_pairing_item},
    {"uncertain", uncertain_items, settle_uncertain},
    {"suspect", suspect_items, settle_suspect},
    {"alert", alert_items, settle_alert},
    {"tool", call_items, refuse_call},
    {"uncertain_call", uncertain_call_items, settle_uncertain_call},
};

base::HttpResponse inbox(const Call& call) {
  allow_only(call.request, {});
  auto items = json::array();
  for (const auto& kind : kKinds) {
    for (auto& item : kind.items(call)) {
      items.push_back(std::move(item));
    }
  }
  return list_of(std::move(items));
}

base::HttpResponse settle(const Call& call) {
  const auto body = body_of(call, {"action", "text"});
  const Wanted wanted{call.ids.at(1), text_of(body, "action"), text_of(body, "text")};
  for (const auto& kind : kKinds) {
    if (call.ids.at(0) == kind.name) {
      kind.settle(call, wanted);
      return done();
    }
  }
  throw Refusal{404, texts::kNotFound};
}

}  // namespace

json inbox_counts(const Call& call) {
  return {{"questions", store::open_questions(call.db).count},
          {"approvals", store::open_approvals(call.db).count},
          {"uncertain", store::MessageParts(call.db).doubtful_count()},
          {"tools", store::ToolCalls(call.db).open().size()},
          {"uncertain_tools", store::ToolCalls(call.db).doubt_count()},
          {"pairing", store::People(call.db).pairing_requests(call.services.clock.now()).size()},
          {"suspects", suspects(call).size() + crashes(call).size()},
          {"alerts", alerts(call).size()}};
}

std::vector<Route> inbox_routes() {
  return {{"GET", "/inbox", Role::viewer, inbox}, {"POST", "/inbox/{kind}/{id}", Role::editor, settle}};
}

}  // namespace bot::console
