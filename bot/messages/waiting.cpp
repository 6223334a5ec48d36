#include "bot/messages/waiting.h"

#include "bot/chat/commands.h"
#include "store/backlog.h"
#include "store/job_queue.h"

namespace bot::messages {
namespace {

constexpr std::chrono::seconds kCountAgain{1};

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

}  // namespace

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
