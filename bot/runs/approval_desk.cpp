#include "bot/runs/approval_desk.h"

#include <nlohmann/json.hpp>

#include "base/crash_point.h"
#include "base/json.h"
#include "base/log.h"
#include "base/utf8.h"
#include "bot/access/permissions.h"
#include "bot/access/person_name.h"
#include "bot/chat/commands.h"
#include "bot/markup/literal_markdown.h"
#include "bot/runs/specialist_prompts.h"
#include "bot/texts/approvals.h"
#include "bot/texts/buttons.h"
#include "bot/texts/patience.h"
#include "store/dispatch_log.h"
#include "store/outbox.h"

namespace bot::runs {
namespace {

using dispatch::Reply;
using dispatch::Request;
using nlohmann::json;
using store::ApprovalKind;
using store::ApprovalState;
using store::ButtonKind;

constexpr std::size_t kMaxLabel = 60;
constexpr std::size_t kMaxQuestion = 3'000;
constexpr std::size_t kMaxCommand = 8'000;
/// The specialist's tool that runs a command.
constexpr const char* kCommandTool = "Bash";

ApprovalKind kind_of(Request::Kind kind) {
  switch (kind) {
    case Request::Kind::permission:
      return ApprovalKind::permission;
    case Request::Kind::question:
      return ApprovalKind::question;
    case Request::Kind::plan:
      return ApprovalKind::plan;
  }
  return ApprovalKind::permission;
}

json questions_json(const Request& request) {
  auto list = json::array();
  for (const auto& question : request.questions) {
    list.push_back({{"text", question.text}, {"options", question.options}, {"several", question.several}});
  }
  return list;
}

/// Who settled it, as Markdown; empty where nobody else could have, and they have no name.
std::string name_of(store::Database& db, const store::Approval& approval, const store::Person& person) {
  const bool alone = person.id == approval.person && base::one_line(person.name).empty() &&
                     !store::Conversations(db).get(approval.conversation).in_group;
  return alone ? "" : access::name_in_markdown(person);
}

}  // namespace

bool can_change(const store::Approval& approval) {
  return approval.kind == ApprovalKind::permission && approval.tool == kCommandTool &&
         approval.state == ApprovalState::open;
}

std::string ApprovalDesk::text_of_question(const store::Approval& approval,
                                           std::vector<store::Button>& buttons) const {
  const auto questions = base::parse_json(approval.questions).value_or(json::array());
  const auto answers = base::parse_json(approval.answers).value_or(json::object());
  for (const auto& question : questions) {
    const auto text = base::json_string(question, "text").value_or("");
    if (answers.contains(text)) {
      continue;
    }
    const bool several = base::json_bool(question, "several").value_or(false);
    for (const auto& option : question.value("options", json::array())) {
      buttons.push_back(
          {ButtonKind::option, approval.id, base::ellipsize(option.get<std::string>(), kMaxLabel)});
    }
    return texts::how_to_answer(text.size() > kMaxQuestion ? base::ellipsize(text, kMaxQuestion) : text,
                                several);
  }
  return {};
}

void ApprovalDesk::ask(store::DispatchId dispatch, const store::Conversation& conversation,
                       const std::string& slug, const std::string& reply_to, const Request& request) {
  const auto patience = texts::patience_in_words(services_.settings.dispatch.approval_timeout);
  {
    store::Transaction transaction(db_, services_.notifier);
    const auto now = services_.clock.now();
    const auto orderer = store::DispatchLog(db_).dispatch(dispatch).person;
    const auto allowed_by =
        access::Permissions(services_, db_, conversation.section).allowed_by_instead_of(orderer).value_or("");
    store::Approvals approvals(db_);
    store::Approval approval;
    approval.dispatch = dispatch;
    approval.request_id = request.id;
    approval.hash = request.hash;
    approval.kind = kind_of(request.kind);
    approval.tool = request.tool;
    approval.detail = request.detail;
    approval.rules = request.rules;
    approval.questions = base::dump_json(questions_json(request));
    approval.id = approvals.add(approval, now);
    store::Post post{{}, {}, reply_to, dispatch};
    switch (request.kind) {
      case Request::Kind::permission:
        post.text = texts::permission_request(slug, request.detail, request.scope, patience,
                                              request.shown_whole ? allowed_by : std::string());
        if (request.shown_whole) {
          post.buttons.push_back({ButtonKind::allow, approval.id, texts::kAllowOnce});
        }
        if (request.shown_whole && !request.scope.empty()) {
          post.buttons.push_back({ButtonKind::allow_for_task, approval.id, texts::kAllowForTask});
        }
        post.buttons.push_back({ButtonKind::deny, approval.id, texts::kDeny});
        break;
      case Request::Kind::question:
        post.text = texts::question(slug, text_of_question(approval, post.buttons));
        break;
      case Request::Kind::plan:
        post.text = texts::plan(slug, request.detail, allowed_by);
        post.buttons = {{ButtonKind::allow, approval.id, texts::kGo},
                        {ButtonKind::change, approval.id, texts::kChange},
                        {ButtonKind::deny, approval.id, texts::kStop}};
        break;
    }
    approvals.set_message(approval.id, store::Outbox(db_).post(conversation, post, now));
    base::crash_point(base::CrashPoint::approval_asking, dispatch.value);
    transaction.commit();
    base::crash_point(base::CrashPoint::approval_asked, dispatch.value);
  }
}

void ApprovalDesk::close_message(const store::Approval& approval, const std::string& line,
                                 const std::string& detail) {
  const auto shown = store::Conversations(db_).message(approval.message).text;
  const auto answered = texts::with_answer(texts::without_deadline(shown), line);
  store::Outbox(db_).edit(approval.message, answered + (detail.empty() ? "" : "\n\n" + detail), {},
                          services_.clock.now());
}

void ApprovalDesk::settle(const store::Approval& approval, const Settled& settled, Reply reply,
                          std::optional<store::PersonId> by) {
  if (!store::Approvals(db_).settle(approval.id, settled.state, reply.text, by, services_.clock.now())) {
    return;
  }
  services_.metrics.approval(approval.kind, settled.state);
  close_message(approval, settled.line, settled.detail);
  reply.request = approval.request_id;
  reply.hash = approval.hash;
  reply_ = {approval.dispatch, std::move(reply)};
}

void ApprovalDesk::send() {
  if (reply_) {
    const auto dispatch = reply_->first.value;
    base::crash_point(base::CrashPoint::approval_answered, dispatch);
    services_.runs.reply(reply_->first, std::move(reply_->second));
    base::crash_point(base::CrashPoint::approval_passed, dispatch);
    reply_.reset();
  }
}

void ApprovalDesk::withdraw(store::DispatchId dispatch, const std::string& request_id) {
  {
    store::Transaction transaction(db_, services_.notifier);
    store::Approvals approvals(db_);
    if (const auto approval = approvals.find(dispatch, request_id);
        approval &&
        approvals.settle(approval->id, ApprovalState::expired, "", std::nullopt, services_.clock.now())) {
      services_.metrics.approval(approval->kind, ApprovalState::expired);
      close_message(*approval, texts::kNotNeeded);
    }
    transaction.commit();
  }
}

void ApprovalDesk::expire_overdue(store::DispatchId dispatch) {
  const auto patience = services_.settings.dispatch.approval_timeout;
  for (const auto& approval : store::Approvals(db_).open_of(dispatch)) {
    if (services_.clock.now() - approval.asked < patience) {
      continue;
    }
    {
      store::Transaction transaction(db_, services_.notifier);
      settle(approval, {ApprovalState::expired, texts::unanswered(texts::patience_in_words(patience))},
             {{}, {}, Reply::Verdict::deny, unanswered_reply(), {}}, std::nullopt);
      transaction.commit();
    }
    send();
  }
}

void ApprovalDesk::close(store::DispatchId dispatch, const std::string& why) {
  store::Approvals approvals(db_);
  for (const auto& approval : approvals.open_of(dispatch)) {
    if (approvals.settle(approval.id, ApprovalState::expired, "", std::nullopt, services_.clock.now())) {
      services_.metrics.approval(approval.kind, ApprovalState::expired);
      close_message(approval, why);
    }
  }
}

void ApprovalDesk::answer_question(const store::Approval& approval, const std::string& answer,
                                   const store::Person& person) {
  const auto questions = base::parse_json(approval.questions).value_or(json::array());
  auto answers = base::parse_json(approval.answers).value_or(json::object());
  for (const auto& question : questions) {
    const auto text = base::json_string(question, "text").value_or("");
    if (!answers.contains(text)) {
      // A label may have been cut for its button.
      auto chosen = answer;
      for (const auto& option : question.value("options", json::array())) {
        if (base::ellipsize(option.get<std::string>(), kMaxLabel) == answer) {
          chosen = option.get<std::string>();
        }
      }
      answers[text] = chosen;
      break;
    }
  }
  auto next = approval;
  next.answers = base::dump_json(answers);
  std::vector<store::Button> buttons;
  const auto text = text_of_question(next, buttons);
  store::Approvals(db_).set_answers(approval.id, next.answers);
  if (!text.empty()) {
    const auto conversation = store::Conversations(db_).get(approval.conversation);
    close_message(approval, answer);
    store::Approvals(db_).set_message(
        approval.id,
        store::Outbox(db_).post(conversation, {text, buttons, {}, approval.dispatch}, services_.clock.now()));
    return;
  }
  Reply reply;
  reply.verdict = Reply::Verdict::allow;
  for (const auto& [question, value] : answers.items()) {
    reply.answers[question] = value.get<std::string>();
  }
  settle(approval, {ApprovalState::answered, answer}, std::move(reply), person.id);
}

std::string ApprovalDesk::take_button(const store::Approval& approval, ButtonKind kind,
                                      const std::string& label, const store::Person& person,
                                      const std::string& change) {
  const access::Permissions permissions(services_, db_,
                                        store::Conversations(db_).get(approval.conversation).section);
  const bool allows = kind == ButtonKind::allow || kind == ButtonKind::allow_for_task;
  if (auto refused = allows ? permissions.refusal_to_allow(person, approval.person)
                            : permissions.refusal_to_answer(person, approval.person)) {
    return *std::move(refused);
  }
  if (approval.state != ApprovalState::open) {
    return texts::kSettled;
  }
  const bool plan = approval.kind == ApprovalKind::plan;
  const auto name = name_of(db_, approval, person);
  const auto said_by = approval.person == person.id ? std::string() : name;
  if (allows && !change.empty()) {
    return kind == ButtonKind::allow ? allow_changed(approval, change, person) : texts::kNotChangeable;
  }
  switch (kind) {
    case ButtonKind::allow:
      settle(approval,
             {ApprovalState::allowed, plan ? texts::plan_accepted(said_by) : texts::allowed_once(name)},
             {{}, {}, Reply::Verdict::allow, {}, {}}, person.id);
      break;
    case ButtonKind::allow_for_task:
      settle(approval, {ApprovalState::allowed_for_task, texts::allowed_for_task(name)},
             {{}, {}, Reply::Verdict::allow_for_task, {}, {}}, person.id);
      break;
    case ButtonKind::deny:
      settle(approval, {ApprovalState::denied, plan ? texts::plan_stopped(said_by) : texts::denied(name)},
             {{}, {}, Reply::Verdict::deny, denied_reply(), {}}, person.id);
      break;
    case ButtonKind::change:
      return change.empty() ? texts::kWriteChange : take_plan_change(approval, change, person);
    case ButtonKind::option:
      answer_question(approval, label, person);
      break;
    default:
      return texts::kUnknownButton;
  }
  return {};
}

std::string ApprovalDesk::allow_changed(const store::Approval& approval, const std::string& command,
                                        const store::Person& person) {
  if (!can_change(approval)) {
    return texts::kNotChangeable;
  }
  if (command.size() > kMaxCommand) {
    return texts::kCommandTooLong;
  }
  Reply reply{{}, {}, Reply::Verdict::allow, command, {}};
  reply.command = command;
  settle(approval,
         {ApprovalState::allowed, texts::allowed_changed(name_of(db_, approval, person)),
          markup::fenced(base::visible(command))},
         std::move(reply), person.id);
  return {};
}

std::string ApprovalDesk::take_plan_change(const store::Approval& approval, const std::string& text,
                                           const store::Person& person) {
  settle(approval, {ApprovalState::denied, texts::kPlanToBeChanged},
         {{}, {}, Reply::Verdict::deny, change_plan_reply(text), {}}, person.id);
  return {};
}

std::string ApprovalDesk::take_text(const store::Approval& approval, const std::string& text,
                                    const store::Person& person) {
  const access::Permissions permissions(services_, db_,
                                        store::Conversations(db_).get(approval.conversation).section);
  if (auto refused = permissions.refusal_to_answer(person, approval.person)) {
    return *std::move(refused);
  }
  if (approval.kind == ApprovalKind::question) {
    answer_question(approval, text, person);
    return {};
  }
  const auto word = chat::parse_yes_no(text);
  // "yes" says no more than the button that is shown would.
  if (word == chat::YesNo::yes &&
      !store::Conversations(db_).message_with_button(ButtonKind::allow, approval.id)) {
    return texts::kOnlyDenied;
  }
  if (word) {
    return take_button(approval, *word == chat::YesNo::yes ? ButtonKind::allow : ButtonKind::deny, {}, person,
                       {});
  }
  return approval.kind == ApprovalKind::plan ? take_plan_change(approval, text, person) : texts::kYesOrNo;
}

void expire_open_approvals(runtime::Services& services, store::Database& db) {
  const auto open = store::Approvals(db).open();
  if (open.empty()) {
    return;
  }
  store::Transaction transaction(db);
  ApprovalDesk desk(services, db);
  for (const auto& approval : open) {
    desk.close(approval.dispatch, texts::kExpiredByRestart);
  }
  transaction.commit();
  base::log_info("{} requests for approval expired with the restart", open.size());
}

}  // namespace bot::runs
