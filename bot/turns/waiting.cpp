#include <algorithm>
#include <utility>

#include "bot/chat/capabilities.h"
#include "bot/messages/surroundings.h"
#include "bot/turns/turn.h"
#include "store/quotations.h"
#include "store/routing_log.h"

namespace bot::turns {
namespace {

/// Of one person's waiting messages that one answer is given to; so all of them are in what the model sees.
constexpr int kMostTakenAlong = 100;

}  // namespace

bool Turn::is_for_secretary() {
  if (message_.button || schedule_of(message_) || chat::parse_command(message_.text)) {
    return false;
  }
  if (const auto named = named_answer()) {
    return named->meaning == NamedAnswer::Meaning::other_words;
  }
  return !is_approval_text() &&
         !(chat::parse_yes_no(message_.text) && (question_before() || note_before() ||
                                                 !calls_asked_before().empty() || !which_question().empty()));
}

std::vector<std::int64_t> Turn::waiting_behind() {
  return store::JobQueue(db_).behind(job_, services_.clock.now(), kMostTakenAlong);
}

void Turn::take_along_waiting(const std::vector<std::int64_t>& waiting_behind, std::stop_token stop) {
  for (const auto ref : waiting_behind) {
    auto waiting = conversations_.message({ref});
    if (waiting.person != person_.id) {
      continue;
    }
    auto job = job_;
    job.ref = ref;
    // What comes behind a command, or an answer to a question, is not to be answered before it.
    if (!Turn(services_, db_, job).is_for_secretary()) {
      break;
    }
    read_surroundings(waiting, stop);
    taken_along_.push_back(std::exchange(message_, std::move(waiting)));
  }
}

void Turn::put_waiting_last(std::vector<store::Message>& messages) const {
  if (messages.empty()) {
    return;
  }
  std::stable_partition(messages.begin(), messages.end() - 1, [this](const store::Message& message) {
    return std::none_of(taken_along_.begin(), taken_along_.end(),
                        [&](const store::Message& waiting) { return waiting.id == message.id; });
  });
}

std::string Turn::all_words(const std::string& text) const {
  std::string all;
  for (const auto& message : taken_along_) {
    all += message.text + "\n";
  }
  return all + text;
}

bool Turn::brings_foreign_words() {
  const auto brings = [this](const store::Message& message) {
    if (const auto origin = schedule_of(message); origin && origin->has_foreign_words) {
      return true;
    }
    const auto quotations =
        may_have_enclosures_ ? store::Quotations(db_).of(message.id) : std::vector<store::Quotation>();
    return std::any_of(quotations.begin(), quotations.end(), store::is_foreign);
  };
  return pictures_ > 0 || brings(message_) || std::any_of(taken_along_.begin(), taken_along_.end(), brings);
}

bool Turn::asks_service() const {
  auto* const platform = services_.platform(conversation_.section);
  return (person_.name.empty() && chat::capability<chat::KnowsNames>(platform) != nullptr) ||
         chat::capability<chat::ReadsThreads>(platform) != nullptr ||
         chat::capability<chat::SpellsOutNames>(platform) != nullptr;
}

void Turn::learn_name(std::stop_token stop) {
  auto* const names = chat::capability<chat::KnowsNames>(services_.platform(conversation_.section));
  if (!person_.name.empty() || names == nullptr) {
    return;
  }
  if (const auto name = names->name_of(person_.user_id, std::move(stop)); !name.empty()) {
    person_ = store::People(db_).remember(person_.section, person_.user_id, name, services_.clock.now());
  }
}

void Turn::read_surroundings(store::Message& message, std::stop_token stop) {
  messages::read_surroundings(db_, services_.platform(conversation_.section), conversation_, message,
                              std::move(stop));
}

void Turn::log_taken_along(const store::DecisionRecord& decision, const router::Thresholds& thresholds) {
  for (const auto& message : taken_along_) {
    auto joined = decision;
    joined.message = message.id;
    joined.action = store::DecisionAction::answer;
    joined.cause = "rule:joined";
    joined.reason = "answered together with a later message of the same person";
    joined.proposal.clear();
    joined.outcome = store::DecisionOutcome::joined;
    const auto id = log_.add_decision(joined, services_.clock.now());
    store::RoutingLog(db_).add_origins(id, origins_of(thresholds));
    settled_.emplace_back(joined.action, to_string(*joined.outcome));
  }
}

}  // namespace bot::turns
