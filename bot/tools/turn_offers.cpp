// Which tools a turn has: those that its servers have on offer, and are as they were accepted.
#include <algorithm>
#include <mutex>
#include <utility>

#include "base/utf8.h"
#include "bot/tools/inspection.h"
#include "bot/tools/turn_tools.h"

namespace bot::tools {
namespace {

/// A turn that may need them does not wait longer for servers that have never been asked; who starts later is
/// there in the next one.
constexpr std::chrono::seconds kFirstWait{5};
constexpr std::size_t kLongestGreeting = 24;
/// More than a time of day, which a greeting may have.
constexpr float kSureSense = 0.5F;

}  // namespace

bool TurnTools::may_need_tools() {
  // Who greets or thanks somebody does so in a few words, and asks nothing.
  if (base::trim(words_).size() > kLongestGreeting || words_.find('?') != std::string::npos) {
    return true;
  }
  const ToolIndex::Query query(words_);
  if (std::ranges::any_of(query.senses, [](float sense) { return sense >= kSureSense; })) {
    return true;
  }
  // What the tools are called is configured, before anybody has asked their server.
  const auto names_one = [&](const Server* server) {
    const auto& settings = server->settings();
    std::string names = settings.name;
    for (const auto* const patterns : {&settings.allow, &settings.ask}) {
      for (const auto& pattern : *patterns) {
        names += " " + pattern;
      }
    }
    const ToolIndex::Query named(names);
    return std::ranges::any_of(
        query.words, [&](const auto& word) { return std::ranges::binary_search(named.words, word); });
  };
  return std::ranges::any_of(servers_, names_one) || !recent_calls().empty();
}

bool TurnTools::is_any_starting() const {
  // One that failed before is asked again beside the turn.
  return std::ranges::any_of(servers_, [](const Server* server) {
    const auto known = server->known();
    return !known.offer && known.problem.empty();
  });
}

bool TurnTools::await_servers(const std::stop_token& stop) {
  if (std::exchange(has_waited_, true) || !is_any_starting()) {
    return false;
  }
  const auto until = std::chrono::steady_clock::now() + kFirstWait;
  for (auto* const server : servers_) {
    // One that takes long to start is waited for at its beginning alone.
    if (const auto known = server->known(); !known.offer && known.problem.empty()) {
      server->await_known(std::min(until, known.asked + kFirstWait), stop);
    }
  }
  return true;
}

void TurnTools::load() {
  for (auto* const server : servers_) {
    server->learn();
  }
  if (!std::exchange(is_begun_, true) && is_any_starting() && may_need_tools()) {
    await_servers({});
  }
  std::vector<std::shared_ptr<const Offer>> offers;
  for (auto* const server : servers_) {
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
  bool is_new = false;
  // Other turns wait until it is written: what is not accepted by then is off for them.
  std::call_once(offer.compared, [&] {
    compare(server.settings().name, offer);
    is_new = true;
  });
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

}  // namespace bot::tools
