#include "bot/runs/approval_desk.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/log.h"
#include "base/utf8.h"
#include "bot/access/permissions.h"
#include "bot/access/person_name.h"
#include "bot/chat/commands.h"
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
constexpr const char* kSettled = "This is settled already.";

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

}  // namespace

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
    return fmt::format("{}\n\nPress a button or write your answer{}.", text,
                       several ? "; several, with commas between them, are fine" : "");
  }
  return {};
}

void ApprovalDesk::ask(store::DispatchId dispatch, const store::Conversation& conversation,
                       const std::string& slug, const std::string& reply_to, const Request& request) {
  const auto patience = base::format_duration(services_.settings.dispatch.approval_timeout);
  {
    store::Transaction transaction(db_, services_.notifier);
    const auto now = services_.clock.now();
    const auto orderer = store::DispatchLog(db_).dispatch(dispatch).person;
    const auto allowed_by =
        access::Permissions(services_, db_, conversation.section).allowed_by_instead_of(orderer);
    store::Approvals approvals(db_);
    store::Approval approval;
    approval.dispatch = dispatch;
    approval.request_id = request.id;
    approval.hash = request.hash;
    approval.kind = kind_of(request.kind);
    approval.tool = request.tool;
    approval.detail = request.detail;
    approval.questions = base::dump_json(questions_json(request));
    approval.id = approvals.add(approval, now);
    store::Post post{{}, {}, reply_to, dispatch};
    switch (request.kind) {
      case Request::Kind::permission:
        post.text = fmt::format(
            "*{}* asks for leave to {}{}\n\nWithout an answer within {} it is refused.{}", slug,
            request.detail, request.scope.empty() ? "" : "\n\nFor this task means: `" + request.scope + "`",
            patience,
            allowed_by && request.shown_whole ? fmt::format(" Only {} can allow it.", *allowed_by) : "");
        if (request.shown_whole) {
          post.buttons.push_back({ButtonKind::allow, approval.id, "Allow once"});
        }
        if (request.shown_whole && !request.scope.empty()) {
          post.buttons.push_back({ButtonKind::allow_for_task, approval.id, "Allow for this task"});
        }
        post.buttons.push_back({ButtonKind::deny, approval.id, "Deny"});
        break;
      case Request::Kind::question:
        post.text = fmt::format("*{}* asks: {}", slug, text_of_question(approval, post.buttons));
        break;
      case Request::Kind::plan:
        post.text = fmt::format(
            "*{}* has a plan:\n\n{}\n\nShall it go on so? To have it changed, press Change or write what is "
            "to be "
            "different.{}",
            slug, request.detail, allowed_by ? fmt::format(" Only {} can say Go.", *allowed_by) : "");
        post.buttons = {{ButtonKind::allow, approval.id, "Go"},
                        {ButtonKind::change, approval.id, "Change"},
                        {ButtonKind::deny, approval.id, "Stop"}};
        break;
    }
    approvals.set_message(approval.id, store::Outbox(db_).post(conversation, post, now));
    transaction.commit();
  }
}

void ApprovalDesk::close_message(const store::Approval& approval, const std::string& line) {
  const auto shown = store::Conversations(db_).message(approval.message).text;
  const auto end = shown.rfind("\n\nWithout an answer within ");
  store::Outbox(db_).edit(approval.message, fmt::format("{}\n\n**{}**", shown.substr(0, end), line), {},
                          services_.clock.now());
}

void ApprovalDesk::settle(const store::Approval& approval, const Settled& settled, Reply reply,
                          std::optional<store::PersonId> by) {
  if (!store::Approvals(db_).settle(approval.id, settled.state, reply.text, by, services_.clock.now())) {
    return;
  }
  close_message(approval, settled.line);
  reply.request = approval.request_id;
  reply.hash = approval.hash;
  reply_ = {approval.dispatch, std::move(reply)};
}

void ApprovalDesk::send() {
  if (reply_) {
    services_.runs.reply(reply_->first, std::move(reply_->second));
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
      close_message(*approval, "No longer needed.");
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
      settle(approval,
             {ApprovalState::expired,
              fmt::format("No answer within {}: refused.", base::format_duration(patience))},
             {{},
              {},
              Reply::Verdict::deny,
              "Nobody answered in time. Go on without it and say so in your report.",
              {}},
             std::nullopt);
      transaction.commit();
    }
    send();
  }
}

void ApprovalDesk::close(store::DispatchId dispatch, const std::string& why) {
  store::Approvals approvals(db_);
  for (const auto& approval : approvals.open_of(dispatch)) {
    if (approvals.settle(approval.id, ApprovalState::expired, "", std::nullopt, services_.clock.now())) {
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
                                      const std::string& label, const store::Person& person) {
  const access::Permissions permissions(services_, db_,
                                        store::Conversations(db_).get(approval.conversation).section);
  const bool allows = kind == ButtonKind::allow || kind == ButtonKind::allow_for_task;
  if (auto refused = allows ? permissions.refusal_to_allow(person, approval.person)
                            : permissions.refusal_to_answer(person, approval.person)) {
    return *std::move(refused);
  }
  if (approval.state != ApprovalState::open) {
    return kSettled;
  }
  const bool plan = approval.kind == ApprovalKind::plan;
  const auto name = access::name_in_markdown(person);
  const auto said_by = approval.person == person.id ? std::string() : ", says " + name;
  switch (kind) {
    case ButtonKind::allow:
      settle(approval,
             {ApprovalState::allowed,
              plan ? fmt::format("Go{}.", said_by) : fmt::format("Allowed once by {}.", name)},
             {{}, {}, Reply::Verdict::allow, {}, {}}, person.id);
      break;
    case ButtonKind::allow_for_task:
      settle(approval, {ApprovalState::allowed_for_task, fmt::format("Allowed for this task by {}.", name)},
             {{}, {}, Reply::Verdict::allow_for_task, {}, {}}, person.id);
      break;
    case ButtonKind::deny:
      settle(approval,
             {ApprovalState::denied,
              plan ? fmt::format("Stopped{}.", said_by) : fmt::format("Denied by {}.", name)},
             {{}, {}, Reply::Verdict::deny, "The person in the chat said no.", {}}, person.id);
      break;
    case ButtonKind::change:
      return "Write what is to be different.";
    case ButtonKind::option:
      answer_question(approval, label, person);
      break;
    default:
      return "I do not know this button.";
  }
  return {};
}

std::string ApprovalDesk::take_plan_change(const store::Approval& approval, const std::string& text,
                                           const store::Person& person) {
  settle(approval, {ApprovalState::denied, "To be changed."},
         {{}, {}, Reply::Verdict::deny, "The person in the chat wants the plan changed: " + text, {}},
         person.id);
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
    return "This can only be denied, because it is not shown whole.";
  }
  if (word) {
    return take_button(approval, *word == chat::YesNo::yes ? ButtonKind::allow : ButtonKind::deny, {},
                       person);
  }
  return approval.kind == ApprovalKind::plan ? take_plan_change(approval, text, person)
                                             : "Please answer with yes or no, or use the buttons.";
}

void expire_open_approvals(runtime::Services& services, store::Database& db) {
  const auto open = store::Approvals(db).open();
  if (open.empty()) {
    return;
  }
  store::Transaction transaction(db);
  ApprovalDesk desk(services, db);
  for (const auto& approval : open) {
    desk.close(approval.dispatch, "Expired: the program was restarted.");
  }
  transaction.commit();
  base::log_info("{} requests for approval expired with the restart", open.size());
}

}  // namespace bot::runs
