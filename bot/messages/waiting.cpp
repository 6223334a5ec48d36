#include "bot/messages/waiting.h"

#include "bot/chat/commands.h"
#include "store/job_queue.h"

namespace bot::messages {
namespace {

constexpr std::chrono::seconds kCountAgain{1};

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
                        store::PersonId person) {
  const auto policy = services.policy();
  const auto limit = policy->max_waiting.find(section);
  return limit != policy->max_waiting.end() &&
         store::JobQueue(db).waiting(runtime::kTurnJob, person.value, limit->second) >= limit->second;
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
