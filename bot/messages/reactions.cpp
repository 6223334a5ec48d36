#include "bot/messages/reactions.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "bot/access/permissions.h"
#include "store/conversations.h"
#include "store/dispatch_log.h"
#include "store/outbox.h"
#include "store/people.h"
#include "store/routing_log.h"

namespace bot::messages {
namespace {

/// By how the emoji or its name begins; a tone of skin may follow.
std::optional<store::Verdict> verdict_of(std::string_view emoji) {
  struct Row {
    std::string_view begins;
    store::Verdict verdict;
  };
  constexpr std::array kRows = {
      Row{"\xF0\x9F\x91\x8D", store::Verdict::right}, Row{"+1", store::Verdict::right},
      Row{"thumbsup", store::Verdict::right},         Row{"\xF0\x9F\x91\x8E", store::Verdict::bad_result},
      Row{"-1", store::Verdict::bad_result},          Row{"thumbsdown", store::Verdict::bad_result}};
  const auto* const row =
      std::find_if(kRows.begin(), kRows.end(), [&](const Row& r) { return emoji.starts_with(r.begins); });
  return row == kRows.end() ? std::nullopt : std::optional(row->verdict);
}

/// The decision that our message came of.
std::optional<store::DecisionRecord> decision_behind(store::Database& db, store::ConversationId conversation,
                                                     const std::string& id) {
  store::DispatchLog log(db);
  const auto ours = store::Outbox(db).message_called(conversation, id);
  if (!ours) {
    return std::nullopt;
  }
  if (ours->dispatch) {
    return log.asked(log.dispatch(*ours->dispatch).decision);
  }
  const auto answered = store::Conversations(db).find_incoming(conversation, ours->reply_to);
  const auto decision = answered ? log.decision_about(answered->id) : std::nullopt;
  return decision ? std::optional(log.asked(decision->id)) : std::nullopt;
}

}  // namespace

bool take_reaction(runtime::Services& services, store::Database& db, const std::string& section,
                   const chat::IncomingMessage& incoming, base::Timestamp now) {
  const auto meant = incoming.reaction ? verdict_of(incoming.reaction->emoji) : std::nullopt;
  if (!meant) {
    return false;
  }
  const auto verdict = *meant;
  const auto conversation = store::Conversations(db).find(section, incoming.chat_id);
  const auto person = store::People(db).find(section, incoming.user_id);
  const auto decision =
      conversation && person ? decision_behind(db, conversation->id, incoming.own_id()) : std::nullopt;
  if (!decision || store::People(db).standing(person->id).blocked ||
      access::Permissions(services, db, section).refusal_to_judge(*person, decision->person)) {
    return false;
  }
  store::RoutingLog log(db);
  const auto said = log.verdicts(decision->id);
  const auto last = std::find_if(said.rbegin(), said.rend(),
                                 [&](const store::VerdictRecord& record) { return record.by == person->id; });
  const bool stands = last != said.rend() && last->verdict == verdict;
  const bool added = incoming.reaction->change == chat::Reaction::Change::added;
  if (added == stands) {
    return false;  // it is said already, or something else has been said since
  }
  log.add({decision->id,
           added ? verdict : store::Verdict::withdrawn,
           {},
           person->id,
           now,
           store::VerdictSource::reaction});
  return true;
}

}  // namespace bot::messages
