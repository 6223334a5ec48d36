#include "bot/tools/turn_tools.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/crash_point.h"
#include "base/json.h"
#include "base/log.h"
#include "base/log_event.h"
#include "base/utf8.h"
#include "bot/access/permissions.h"
#include "bot/access/time_zone.h"
#include "bot/tools/asked_calls.h"
#include "bot/tools/made_calls.h"
#include "bot/tools/patterns.h"
#include "bot/tools/read_back.h"

namespace bot::tools {
namespace {

using Fate = CallOutcome::Fate;
using State = store::ToolCallState;

/// What it counts that a server was used in the last turns: "move it to two" names nothing.
constexpr float kOfServerLately = 2;

}  // namespace

bool counts_as_admin(const runtime::Services& services, store::Database& db, const store::Person& person,
                     const std::string& section) {
  if (access::Permissions(services, db, section).role(person) == access::Role::admin) {
    return true;
  }
  const auto* const platform = services.platform(section);
  const auto policy = services.policy();
  const auto access = policy->access.find(section);
  return person.section == section && platform != nullptr && platform->features().chats_are_personal &&
         (access == policy->access.end() || access->second.admins.empty());
}

bool is_offered_to(const runtime::Policy& policy, const std::string& server, const store::Person& person,
                   bool is_admin, const store::Conversation& conversation) {
  const auto access = policy.tools.find(server);
  if (access == policy.tools.end() || (conversation.in_group && !access->second.everywhere)) {
    return false;
  }
  return std::ranges::any_of(access->second.people, [&](const std::string& who) {
    return who == "*" || (who == "role:admin" ? is_admin : who == person.section + ":" + person.user_id);
  });
}

TurnTools::TurnTools(runtime::Services& services, store::Database& db,
                     const store::Conversation& conversation, const store::Person& person,
                     const store::Message& message)
    : services_(services),
      db_(db),
      conversation_(conversation),
      person_(person),
      message_(message),
      calls_(db),
      looks_(db),
      made_(db),
      words_(message.text) {
  if (services.tools == nullptr || services.tools->all().empty()) {
    return;
  }
  const bool is_admin = counts_as_admin(services, db, person, conversation.section);
  const auto policy = services.policy();
  for (auto* const server : services.tools->all()) {
    const auto& settings = server->settings();
    if (is_offered_to(*policy, settings.name, person, is_admin, conversation) &&
        !(settings.allow.empty() && settings.ask.empty())) {
      servers_.push_back(server);
    }
  }
  loaded_.resize(servers_.size());
}

TurnTools::~TurnTools() = default;

std::vector<float> TurnTools::scores_for(const std::string& words) const {
  std::vector<float> scores;
  scores.reserve(all_.size());
  for (const auto& tool : all_) {
    const float kept = used_.contains(tool.on->name) ? 1e6F : 0;
    const float reads = !tool.on->asks && only_reads(tool.server->settings(), *tool.tool) ? 0.01F : 0;
    const auto lately = called_lately_.find(tool.server->settings().name);
    const float known = lately == called_lately_.end()             ? 0
                        : lately->second.contains(tool.tool->name) ? 2 * kOfServerLately
                                                                   : kOfServerLately;
    scores.push_back(kept + reads + known);
  }
  if (all_fit_) {
    return scores;
  }
  const ToolIndex::Query query(words);
  std::size_t begin = 0;
  for (const auto& offer : loaded_) {
    if (offer) {
      for (const auto& hit : offer->index.find(query)) {
        scores[begin + hit.at] += hit.score;
      }
    }
    begin += offer ? offer->on.size() : 0;
  }
  return scores;
}

void TurnTools::choose(const std::string& words) {
  chosen_.clear();
  const auto scores = scores_for(words);
  std::vector<std::size_t> ranked(all_.size());
  std::iota(ranked.begin(), ranked.end(), std::size_t{0});
  // The best first; of those that fit alike, the first of the configuration.
  const auto is_worse = [&](std::size_t a, std::size_t b) {
    return scores[a] != scores[b] ? scores[a] < scores[b] : a > b;
  };
  std::ranges::make_heap(ranked, is_worse);
  std::size_t bytes = all_fit_ ? 0 : bytes_of(find_spec());
  const auto most = all_fit_ ? kMostTools : kMostTools - 1;
  while (chosen_.size() < most && !ranked.empty()) {
    std::ranges::pop_heap(ranked, is_worse);
    const auto i = ranked.back();
    ranked.pop_back();
    const bool doubled = std::ranges::any_of(
        chosen_, [&](std::size_t other) { return all_[other].on->name == all_[i].on->name; });
    if (!doubled && bytes + all_[i].on->bytes <= kMostToolBytes && is_as_accepted(all_[i])) {
      bytes += all_[i].on->bytes;
      chosen_.push_back(i);
    }
  }
  std::ranges::sort(chosen_);  // the order of the configuration, which models' caches like
}

std::vector<llm::ToolSpec> TurnTools::specs() {
  ++round_;
  load();
  std::vector<llm::ToolSpec> specs;
  for (const auto i : chosen_) {
    specs.push_back(all_[i].offer->spec(*all_[i].on));
  }
  if (!all_fit_ || is_any_starting()) {
    specs.push_back(find_spec());
  }
  return specs;
}

std::optional<router::ToolSource::Result> TurnTools::call(const llm::ToolCall& call, std::stop_token stop) {
  if (servers_.empty()) {
    return std::nullopt;
  }
  load();
  const bool finds = call.name == find_spec().name;
  const auto find_tool = [&] {
    return std::ranges::find_if(all_, [&](const OnOffer& offered) { return offered.on->name == call.name; });
  };
  auto tool = find_tool();
  // Its words did not say that it would need a tool.
  if ((finds || is_of_unknown_server(call.name)) && await_servers(stop)) {
    load();
    tool = find_tool();
  }
  if (finds && (!all_fit_ || has_waited_)) {
    return find(call);
  }
  if (tool == all_.end() || !is_as_accepted(*tool)) {
    return std::nullopt;
  }
  used_.insert(call.name);
  // Stored it would not be what was shown, and no server needs it.
  if (base::redacted(call.arguments) != call.arguments) {
    return Result{
        {call.id,
         "Not called: these arguments hold a secret of this program's own configuration, which is given to "
         "no tool. Leave it out, and say so.",
         true}};
  }
  return tool->on->asks || may_be_done(*tool, call) ? ask(*tool, call, stop) : do_now(*tool, call, stop);
}

bool TurnTools::is_of_unknown_server(const std::string& name) const {
  return std::ranges::any_of(servers_, [&](const Server* server) {
    return !server->known().offer && name.starts_with(shown_name(server->settings().name, ""));
  });
}

router::ToolSource::Result TurnTools::find(const llm::ToolCall& call) {
  const auto arguments = base::parse_json(call.arguments).value_or(nlohmann::json::object());
  const auto query = base::json_text(arguments, "query");
  if (base::trim(query).empty()) {
    return {{call.id, "The argument \"query\" is missing.", true}};
  }
  words_ = query;
  choose(words_);
  if (chosen_.empty()) {
    return {{call.id, "There are no tools: no server of them has answered yet.", true}};
  }
  std::string text = "You have these tools now:\n";
  for (const auto i : chosen_) {
    text += fmt::format("- {}: {}\n", all_[i].on->name,
                        base::ellipsize(base::one_line(all_[i].tool->description), 120));
  }
  return {{call.id, text}, false, Result::Effect::none};
}

store::ToolCallRecord TurnTools::record_of(const OnOffer& tool, const llm::ToolCall& call) const {
  const auto& server = tool.server->settings().name;
  store::ToolCallRecord record;
  record.message = message_.id;
  record.conversation = conversation_.id;
  record.person = person_.id;
  record.server = server;
  record.tool = tool.tool->name;
  record.arguments = call.arguments;
  record.hash = call_hash(server, *tool.tool, call.arguments);
  record.only_reads = only_reads(tool.server->settings(), *tool.tool);
  return record;
}

std::optional<router::ToolSource::Result> TurnTools::done_before(const store::ToolCallRecord& wanted,
                                                                 const llm::ToolCall& call) {
  if (wanted.only_reads) {
    return std::nullopt;
  }
  for (const auto& before : calls_.of(message_.id)) {
    if (before.hash != wanted.hash || (own_.contains(before.id) && seems_to_read(before))) {
      continue;
    }
    if (before.state == State::done) {
      return Result{{call.id, "This same call was made before in this turn. It said:\n" + before.result},
                    true};
    }
    if (before.state == State::uncertain) {
      return Result{
          {call.id,
           "This same call was made before, and nobody knows whether it took effect. It is not made again. Say "
           "so to the person.",
           true},
          false};
    }
  }
  return std::nullopt;
}

router::ToolSource::Result TurnTools::do_now(const OnOffer& tool, const llm::ToolCall& call,
                                             const std::stop_token& stop) {
  auto record = record_of(tool, call);
  if (auto before = done_before(record, call)) {
    return *std::move(before);
  }
  {
    store::Transaction transaction(db_);
    record.id = calls_.add(record, services_.clock.now());
    transaction.commit();
    own_.insert(record.id);
  }
  const auto begun = std::chrono::steady_clock::now();
  const auto outcome = [&] {
    const Working working(services_, conversation_, record.server);
    return call_and_look(db_, *tool.server, *tool.offer, *tool.tool, record,
                         access::time_zone_of(services_, db_, person_.id), stop);
  }();
  const auto state = state_of(outcome, record.only_reads);
  services_.metrics.tool_call(
      record.server, state, std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count());
  {
    store::Transaction transaction(db_);
    calls_.end(record.id, state, outcome.text, services_.clock.now(),
               outcome.seen ? to_json(*outcome.seen) : "");
    transaction.commit();
  }
  base::log_event("tool-called", {{"message", message_.id.value},
                                  {"server", record.server},
                                  {"tool", record.tool},
                                  {"state", to_string(state)}});
  if (outcome.fate == Fate::answered) {
    read_.insert(record.server);
    if (seems_to_read(record)) {  // not what came of a write of one's own
      read_here_.insert(record.server);
    }
    return {{call.id, for_model(outcome), outcome.failed}, true};
  }
  const bool doubt = outcome.fate == Fate::uncertain && !record.only_reads;
  return {
      {call.id,
       outcome.text + (doubt ? " Nobody knows whether it took effect: say so, and do not repeat it." : ""),
       true},
      true};
}

}  // namespace bot::tools
