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
#include "bot/tools/inspection.h"
#include "bot/tools/made_calls.h"
#include "bot/tools/read_back.h"

namespace bot::tools {
namespace {

using Fate = CallOutcome::Fate;
using State = store::ToolCallState;

/// A turn does not wait longer for servers that have never been asked; who starts later is there in the next
/// one.
constexpr std::chrono::seconds kFirstWait{5};
/// What it counts that a server was used in the last turns: "move it to two" names nothing.
constexpr float kOfServerLately = 2;

}  // namespace

bool is_offered_to(const runtime::ToolServerSettings& server, const store::Person& person, bool is_admin,
                   const store::Conversation& conversation) {
  if (conversation.in_group && !server.everywhere) {
    return false;
  }
  return std::ranges::any_of(server.people, [&](const std::string& who) {
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
  const bool is_admin =
      access::Permissions(services, db, conversation.section).role(person) == access::Role::admin;
  for (auto* const server : services.tools->all()) {
    const auto& settings = server->settings();
    if (is_offered_to(settings, person, is_admin, conversation) &&
        !(settings.allow.empty() && settings.ask.empty())) {
      servers_.push_back(server);
    }
  }
  loaded_.resize(servers_.size());
}

TurnTools::~TurnTools() = default;

void TurnTools::load() {
  for (auto* const server : servers_) {
    server->learn();
  }
  const auto now = std::chrono::steady_clock::now();
  const auto until = std::exchange(has_waited_, true) ? now : now + kFirstWait;
  std::vector<std::shared_ptr<const Offer>> offers;
  for (auto* const server : servers_) {
    // One that failed before is asked again beside the turn, and one that takes long to start is waited for
    // at its beginning alone.
    if (const auto known = server->known(); !known.offer && known.problem.empty()) {
      server->await_known(std::min(until, known.asked + kFirstWait), {});
    }
    offers.push_back(server->known().offer);
  }
  if (offers == loaded_) {
    return;
  }
  loaded_ = std::move(offers);
  all_.clear();
  changed_.clear();
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    if (loaded_[i]) {
      add_tools_of(*servers_[i], *loaded_[i]);
    }
  }
  std::size_t bytes = 0;
  for (const auto& offer : loaded_) {
    bytes += offer ? offer->bytes : 0;
  }
  all_fit_ = all_.size() <= kMostTools && bytes <= kMostToolBytes;
  if (!all_fit_) {
    called_lately_.clear();
    for (const auto& call : recent_calls()) {
      called_lately_[call.server].insert(call.tool);
    }
  }
  choose(words_);
}

void TurnTools::add_tools_of(Server& server, const Offer& offer) {
  const bool is_new = !offer.is_compared.exchange(true);
  if (is_new) {
    compare(server.settings().name, offer);
  }
  for (const auto& on : offer.on) {
    all_.push_back({&server, &offer, &offer.tools[on.at], &on});
    if (is_new) {
      is_as_accepted(all_.back());  // so that the person hears of each that is off
    }
  }
}

void TurnTools::compare(const std::string& server, const Offer& offer) {
  const auto now = services_.clock.now();
  store::Transaction transaction(db_);
  if (!looks_.knows(server)) {
    for (const auto& tool : offer.tools) {
      looks_.accept(server, look_of(tool), now);
    }
  } else {
    std::vector<store::ToolLook> others;
    for (const auto& tool : offer.tools) {
      if (!looks_.is_accepted(server, tool.name, tool.hash)) {
        others.push_back(look_of(tool));
      }
    }
    looks_.note(server, others, now);
  }
  transaction.commit();
}

bool TurnTools::is_as_accepted(OnOffer& tool) {
  if (!tool.is_as_accepted) {
    const auto& server = tool.server->settings().name;
    // One that was not there at all may be another under a new name.
    tool.is_as_accepted = looks_.is_accepted(server, tool.tool->name, tool.tool->hash);
    if (!*tool.is_as_accepted) {
      changed_.insert(server + "/" + tool.tool->name);
    }
  }
  return *tool.is_as_accepted;
}

std::vector<float> TurnTools::scores_for(const std::string& words) const {
  std::vector<float> scores;
  scores.reserve(all_.size());
  for (const auto& tool : all_) {
    const float kept = used_.contains(tool.on->spec.name) ? 1e6F : 0;
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
        chosen_, [&](std::size_t other) { return all_[other].on->spec.name == all_[i].on->spec.name; });
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
    specs.push_back(all_[i].on->spec);
  }
  if (!all_fit_) {
    specs.push_back(find_spec());
  }
  return specs;
}

std::optional<router::ToolSource::Result> TurnTools::call(const llm::ToolCall& call, std::stop_token stop) {
  if (servers_.empty()) {
    return std::nullopt;
  }
  load();
  if (!all_fit_ && call.name == find_spec().name) {
    return find(call);
  }
  const auto tool =
      std::ranges::find_if(all_, [&](const OnOffer& offered) { return offered.on->spec.name == call.name; });
  if (tool == all_.end() || !is_as_accepted(*tool)) {
    return std::nullopt;
  }
  used_.insert(call.name);
  return tool->on->asks || may_be_done(*tool, call) ? ask(*tool, call, stop) : do_now(*tool, call, stop);
}

router::ToolSource::Result TurnTools::find(const llm::ToolCall& call) {
  const auto arguments = base::parse_json(call.arguments).value_or(nlohmann::json::object());
  const auto query = base::json_text(arguments, "query");
  if (base::trim(query).empty()) {
    return {{call.id, "The argument \"query\" is missing.", true}};
  }
  words_ = query;
  choose(words_);
  std::string text = "You have these tools now:\n";
  for (const auto i : chosen_) {
    text += fmt::format("- {}: {}\n", all_[i].on->spec.name,
                        base::ellipsize(base::one_line(all_[i].on->spec.description), 120));
  }
  return {{call.id, text}};
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
