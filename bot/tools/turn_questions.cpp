// Calls of a turn that the person is asked about.
#include <set>
#include <utility>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "bot/access/time_zone.h"
#include "bot/texts/tools.h"
#include "bot/tools/argument_check.h"
#include "bot/tools/asked_calls.h"
#include "bot/tools/concerned.h"
#include "bot/tools/turn_tools.h"
#include "store/outbox.h"

namespace bot::tools {

router::ToolSource::Result TurnTools::ask(const OnOffer& tool, const llm::ToolCall& call,
                                          const std::stop_token& stop) {
  auto record = record_of(tool, call);
  if (auto before = done_before(record, call)) {
    return *std::move(before);
  }
  if (const auto faults = argument_faults(tool.tool->schema, call.arguments); !faults.empty()) {
    return {{call.id, faults + " The person was not asked: call it again as it must be.", true}};
  }
  if (!can_be_shown(call.arguments)) {
    return {{call.id,
             fmt::format(
                 "This is too long for a person to be shown in full: at most {} bytes. They were not asked.",
                 kMostShown),
             true}};
  }
  if (auto refused = too_many(record, call)) {
    return *std::move(refused);
  }
  const auto concern = concern_of(db_, *tool.server, *tool.offer, record, services_.clock.now(),
                                  access::time_zone_of(services_, db_, person_.id), stop);
  record.about = to_json(concern);
  auto others = read_here_;
  others.erase(record.server);
  // What the model asks for again takes the place of what it asked before; what it asks for in one breath
  // stands side by side.
  std::erase_if(pending_, [&](const Pending& other) {
    return other.call.server == record.server && other.call.tool == record.tool &&
           (other.round != round_ || other.call.hash == record.hash);
  });
  pending_.push_back({std::move(record), fmt::format("{}", fmt::join(others, ", ")), round_});
  return {
      {call.id,
       std::string(
           "Not done yet. Below your answer the person is shown exactly this call, with the buttons Do it, Change and "
           "No. Say in a few words what you have prepared, and never that it is done.") +
           (concern.repeats ? " What its server shows repeats: say that this concerns the whole series."
                            : "")},
      false,
      Result::Effect::asked};
}

std::optional<router::ToolSource::Result> TurnTools::too_many(const store::ToolCallRecord& wanted,
                                                              const llm::ToolCall& call) {
  const auto is_of = [](const store::ToolCallRecord& one, const store::ToolCallRecord& other) {
    return one.server == other.server && one.tool == other.tool;
  };
  // What will be open beside it: what is asked about again replaces what was asked before.
  std::size_t count = 0;
  AskedCalls asked(services_, db_);
  std::set<std::int64_t> replaced;
  const auto replaces = [&](const store::ToolCallRecord& call) {
    for (const auto& before : asked.replaced_by(call, conversation_)) {
      replaced.insert(before.id);
    }
  };
  replaces(wanted);
  for (const auto& pending : pending_) {
    count += is_of(pending.call, wanted) && pending.round != round_ ? 0 : 1;
    replaces(pending.call);
  }
  for (const auto& before : calls_.open_of(conversation_.id, person_.id)) {
    count += replaced.contains(before.id) ? 0 : 1;
  }
  const auto name = call_name(wanted.server, wanted.tool);
  // Once it was too many, another round does not replace those that are asked about.
  if (count < kMostAsked && !unasked_.contains(name)) {
    return std::nullopt;
  }
  unasked_[name].insert(wanted.hash);
  return Result{
      {call.id,
       fmt::format(
           "The person was not asked: {} calls wait for their answer, which is the most at once. Say that this "
           "one is left out, and that they can ask for the rest when they have answered those.",
           kMostAsked),
       true}};
}

void TurnTools::carry_out() {
  AskedCalls asked(services_, db_);
  for (auto& pending : pending_) {
    pending.call.said = said_;
    asked.show(pending.call, conversation_, pending.read, pending_.size() > 1);
  }
  pending_.clear();
  if (!unasked_.empty()) {
    std::string calls;
    for (const auto& [name, hashes] : unasked_) {
      calls += fmt::format("{}{} ({})", calls.empty() ? "" : ", ", name, hashes.size());
    }
    store::Outbox(db_).post(conversation_, {texts::calls_not_asked(calls, kMostAsked)},
                            services_.clock.now());
  }
  unasked_.clear();
}

}  // namespace bot::tools
