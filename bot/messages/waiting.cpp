#include "bot/messages/waiting.h"

#include <algorithm>

#include "bot/chat/capabilities.h"
#include "bot/chat/commands.h"
#include "bot/chat/sender_is_told.h"
#include "bot/texts/access.h"
#include "store/approvals.h"
#include "store/backlog.h"
#include "store/inbound_ids.h"
#include "store/job_queue.h"
#include "store/open_questions.h"
#include "store/outbox.h"
#include "store/tool_calls.h"

namespace bot::messages {
namespace {

constexpr std::chrono::seconds kCountAgain{1};
/// So long one sentence is added to; then, or where it stands further above, there is another.
constexpr std::chrono::minutes kAddedTo{1};
constexpr int kFurtherAbove = 10;

/// Whether a run of a specialist comes of it at once, which then waits for its place.
bool orders_work(store::Conversations& conversations, const chat::IncomingMessage& incoming) {
  using Kind = store::ButtonKind;
  if (!incoming.button) {
    const auto command = chat::parse_command(incoming.text);
    return command && command->name == chat::Command::Name::dispatch;
  }
  const auto found = conversations.find_button(*incoming.button);
  return found && (found->button.kind == Kind::give || found->button.kind == Kind::yes ||
                   found->button.kind == Kind::resume || found->button.kind == Kind::retry);
}

/// The sentence that the chat was told just now.
std::optional<store::Message> told_just_now(store::Database& db, const store::Conversation& conversation,
                                            base::Timestamp now) {
  auto last = store::Conversations(db).history(conversation.id, std::nullopt, kFurtherAbove);
  const auto found = std::find_if(last.rbegin(), last.rend(), [&](const store::Message& message) {
    const auto age = now - message.created;
    return message.author == store::Author::assistant && message.text.starts_with(texts::kTooManyWaiting) &&
           age >= age.zero() && age < kAddedTo;
  });
  return found == last.rend() ? std::nullopt : std::optional(std::move(*found));
}

/// What the person would know the message by.
std::string words_of(store::Conversations& conversations, const chat::IncomingMessage& incoming) {
  if (incoming.button) {
    const auto found = conversations.find_button(*incoming.button);
    return found ? found->button.label : std::string();
  }
  return incoming.text.empty() && !incoming.attachments.empty() ? incoming.attachments.front().name
                                                                : incoming.text;
}

}  // namespace

TooManyWaiting::TooManyWaiting() : std::runtime_error(texts::kTooManyWaiting) {}

void turn_away(runtime::Services& services, store::Database& db, const std::string& section,
               const store::Conversation& conversation, const chat::IncomingMessage& incoming,
               base::Timestamp now) {
  const auto told = told_just_now(db, conversation, now);
  const auto* const answered = chat::capability<chat::SenderIsTold>(services.platform(section));
  if (answered != nullptr && (told || answered->by_answer_alone())) {
    throw TooManyWaiting();
  }
  // Of an album one id stays: its other files go the way of the first.
  for (const std::string& id : {incoming.external_id, incoming.twin_id}) {
    store::forget_inbound_id(db, section, id);
  }
  store::Outbox outbox(db);
  if (!told || !incoming.ticket.empty()) {  // each ticket waits for an answer of its own
    outbox.post(conversation, {texts::kTooManyWaiting, {}, incoming.own_id()}, now);
    return;
  }
  // In a group they would outlive the person, who may be erased.
  store::Conversations conversations(db);
  const auto words = conversation.in_group ? std::string() : words_of(conversations, incoming);
  outbox.edit(told->id, texts::also_not_taken(told->text, words), {}, now);
}

bool is_quick_turn(store::Conversations& conversations, const chat::IncomingMessage& incoming) {
  if (!incoming.button) {
    const auto command = chat::parse_command(incoming.text);
    return command && chat::is_quick(*command);
  }
  // After "No" and "Just answer" the secretary answers itself, which takes a model; after "Do it" a tool
  // works.
  const auto button = conversations.find_button(*incoming.button);
  return !button ||
         (button->button.kind != store::ButtonKind::no && button->button.kind != store::ButtonKind::do_call &&
          button->button.kind != store::ButtonKind::just_answer);
}

bool answers_request(store::Database& db, store::ConversationId conversation, store::PersonId person,
                     const chat::IncomingMessage& incoming) {
  if (incoming.button || !incoming.reply_to.empty() || !incoming.quotations.empty() ||
      !chat::parse_yes_no(incoming.text)) {
    return false;
  }
  const auto asked = store::Approvals(db).open_in(conversation);
  return asked.size() == 1 && asked.front().person == person &&
         store::ToolCalls(db).open_of(conversation, person).empty() &&
         store::open_questions(db, conversation, person).empty();
}

bool has_enough_waiting(runtime::Services& services, store::Database& db, const std::string& section,
                        store::PersonId person, const chat::IncomingMessage& incoming) {
  const auto policy = services.policy();
  const auto found = policy->max_waiting.find(section);
  if (found == policy->max_waiting.end()) {
    return false;
  }
  const int limit = found->second;
  const auto waits = [&](const char* kind) {
    return store::JobQueue(db).waiting(kind, person.value, limit) >= limit;
  };
  store::Conversations conversations(db);
  if (orders_work(conversations, incoming)) {
    return waits(runtime::kQuickTurnJob) || waits(runtime::kTurnJob) ||
           store::queued_dispatches(db, person, limit) >= limit;
  }
  return waits(is_quick_turn(conversations, incoming) ? runtime::kQuickTurnJob : runtime::kTurnJob);
}

void Backlog::make_room(store::Database& db) {
  const auto now = std::chrono::steady_clock::now();
  if (!counted_ || (at_most_ >= max_ && now - *counted_ >= kCountAgain)) {
    at_most_ = store::JobQueue(db).ready(max_);
    counted_ = now;
  }
  if (at_most_ >= max_) {
    throw BacklogFull();
  }
  ++at_most_;
}

}  // namespace bot::messages
