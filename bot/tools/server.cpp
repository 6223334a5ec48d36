#include "bot/tools/server.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include <fmt/core.h>

#include "base/backoff.h"
#include "base/error.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "bot/tools/patterns.h"

namespace bot::tools {
namespace {

using Fate = CallOutcome::Fate;
using Kind = llm::mcp::ServerError::Kind;

/// After a failure; a server whose own server is down ends at once, and may do better later.
constexpr base::Backoff kBackoff{std::chrono::seconds(5), std::chrono::minutes(5)};
/// So often the child is looked after while nobody uses it.
constexpr std::chrono::seconds kLooks{5};
/// A program that is fetched first takes its time until it answers the first time.
constexpr std::chrono::seconds kLongestStart{120};
constexpr std::size_t kLastLines = 1'500;
/// Each call that waits for the one before holds up a turn.
constexpr int kMostWaiting = kMostHeldUp - 1;
/// Others, as many, wait so long until they may.
constexpr std::chrono::seconds kLongestWait{3};

constexpr const char* kGone = "The server does not offer this tool any more.";
constexpr const char* kChanged =
    "The tool is not what it was when it was allowed. It is off until an operator has looked at it.";

/// Whether the server has surely done nothing.
bool is_nothing_done(Kind kind) {
  return kind == Kind::cannot_start || kind == Kind::not_taken || kind == Kind::session_over ||
         kind == Kind::refused;
}

}  // namespace

std::unique_ptr<llm::mcp::Transport> way_to(const runtime::ToolServerSettings& server,
                                            const base::Sandbox& sandbox,
                                            const std::filesystem::path& folder) {
  return server.address ? llm::mcp::reach(*server.address)
                        : llm::mcp::start_program(server.program, sandbox, folder);
}

bool only_reads(const runtime::ToolServerSettings& server, const llm::mcp::Tool& tool) {
  return tool.hints.only_reads.value_or(false) || matches_any(server.reads, tool.name);
}

class Server::Hold {
 public:
  Hold(Server& server, std::unique_lock<std::mutex>& lock) : server_(server), lock_(lock) {
    server_.in_hand_ = true;
    lock_.unlock();
  }
  ~Hold() {
    lock_.lock();
    server_.in_hand_ = false;
    const bool was_live = std::exchange(server_.is_live_, server_.client_ != nullptr);
    if (server_.waiting_ > 0 || server_.is_learning_ || was_live != server_.is_live_ || !server_.is_live_) {
      server_.changed_.notify_all();
    }
  }
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;

 private:
  Server& server_;
  std::unique_lock<std::mutex>& lock_;
};

Server::Server(const runtime::ToolServerSettings& settings, base::Sandbox sandbox,
               std::filesystem::path folder, ListIsGood list_is_good)
    : settings_(settings),
      sandbox_(std::move(sandbox)),
      folder_(std::move(folder)),
      list_is_good_(list_is_good) {}

Server::~Server() {
  close();
}

void Server::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  thread_.request_stop();
  changed_.notify_all();
}

Server::Known Server::known() const {
  const std::lock_guard lock(mutex_);
  return known_;
}

void Server::begin_thread() {
  if (!has_thread_) {
    has_thread_ = true;
    if (thread_.joinable()) {
      thread_.join();  // it needs the mutex no more
    }
    thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
  }
}

void Server::learn() {
  const std::lock_guard lock(mutex_);
  const auto good = settings_.address ? list_is_good_.over_http : list_is_good_.asleep;
  const bool is_known = known_.offer && Clock::now() - listed_ < good;
  if (closed_ || is_learning_ || is_known || Clock::now() < again_at_) {
    return;
  }
  is_learning_ = true;
  known_.asked = Clock::now();
  begin_thread();
  changed_.notify_all();
}

void Server::await_known(Clock::time_point until, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, stop, until, [this] { return !is_learning_; });
}

CallOutcome Server::call(const llm::mcp::Tool& tool, const std::string& arguments,
                         const std::stop_token& stop) {
  return in_hand(stop, [&](const std::stop_token& ends, bool& is_sent) {
    return make_call(tool, arguments, ends, is_sent);
  });
}

std::optional<Server::NotReady> Server::prepare(const std::stop_token& stop) {
  look_before_call();
  const auto outcome = in_hand(stop, [&](const std::stop_token& ends, bool&) {
    make_ready(settings_.timeout, ends);
    return CallOutcome{.fate = Fate::answered, .text = {}};
  });
  if (outcome.fate == Fate::answered) {
    return std::nullopt;
  }
  const std::lock_guard lock(mutex_);
  const auto rest = std::max(again_at_ - Clock::now(), Clock::duration(0));
  return NotReady{outcome.text, std::chrono::ceil<std::chrono::seconds>(rest)};
}

template <typename Use>
CallOutcome Server::in_hand(const std::stop_token& stop, const Use& use) {
  std::unique_lock lock(mutex_);
  const auto may_wait = [this] { return closed_ || waiting_ < kMostWaiting; };
  bool has_room = may_wait();
  if (!has_room && outside_ < kMostWaiting) {
    ++outside_;
    has_room = changed_.wait_for(lock, stop, kLongestWait, may_wait);
    --outside_;
  }
  if (!has_room && !stop.stop_requested()) {
    return {Fate::not_made,
            fmt::format("The server {} is busy with the calls of others; it was not asked.", settings_.name),
            true};
  }
  ++waiting_;
  changed_.wait(lock, stop, [this] { return closed_ || !in_hand_; });
  if (waiting_-- == kMostWaiting) {
    changed_.notify_all();  // there is room again
  }
  if (closed_ || stop.stop_requested()) {
    changed_.notify_all();
    throw base::Stopped();
  }
  if (Clock::now() < again_at_) {
    changed_.notify_all();
    return {Fate::not_made, known_.problem, true};
  }
  begin_thread();
  std::stop_source ends;
  const std::stop_callback on_stop(stop, [&] { ends.request_stop(); });
  const std::stop_callback on_close(thread_.get_stop_token(), [&] { ends.request_stop(); });
  const Hold hold(*this, lock);
  bool is_sent = false;
  auto outcome = carry_out(is_sent, [&] { return use(ends.get_token(), is_sent); });
  list_again();  // what a call has changed is there in the next round of its turn
  used_ = Clock::now();
  return outcome;
}

void Server::work(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    if (!is_live_ && !in_hand_ && !is_learning_) {
      has_thread_ = false;  // the next use begins another one: of many servers few are in use
      return;
    }
    if (!is_live_) {
      changed_.wait(lock, stop, [this] { return !in_hand_; });
    } else {
      changed_.wait_for(lock, stop, kLooks, [this] { return is_learning_ && !in_hand_; });
    }
    if (stop.stop_requested() || in_hand_) {
      continue;
    }
    const bool learns = is_learning_;
    try {
      const Hold hold(*this, lock);
      if (learns) {
        carry_out(false, [&] {
          // A turn waits for a call, but not for a first look.
          make_ready(std::max<std::chrono::milliseconds>(settings_.timeout, kLongestStart), stop);
          used_ = Clock::now();
          return CallOutcome{};
        });
      } else {
        look_after_child();
      }
    } catch (const base::Stopped&) {
      // It ends.
    } catch (const std::exception& error) {
      base::log_error("mcp server {}: {}", settings_.name, error.what());
    }
    is_learning_ = is_learning_ && !learns;
    changed_.notify_all();
  }
  is_learning_ = false;
  changed_.notify_all();
  changed_.wait(lock, [this] { return !in_hand_; });  // whoever has it was told to stop, too
  client_.reset();
}

void Server::look_after_child() {
  if (!client_) {
    return;
  }
  if (Clock::now() - used_ >= settings_.idle) {
    client_.reset();
    base::give_back_freed_memory();  // what it said was read into much
    base::log_info("mcp server {}: ended, since nobody uses it", settings_.name);
  } else if (!client_->is_there()) {
    base::log_warning("mcp server {}: it ended by itself or wrote without end; it is started again when used",
                      settings_.name);
    client_.reset();
  } else {
    list_again();
  }
}

void Server::list_again() {
  if (!client_ || !client_->is_there() || !client_->take_list_changed()) {
    return;
  }
  try {
    list({});
  } catch (const std::exception& error) {
    base::log_warning("mcp server {}: its list of tools could not be read again: {}", settings_.name,
                      error.what());
    client_.reset();
  }
}

template <typename Use>
CallOutcome Server::carry_out(const bool& is_sent, const Use& use) {
  try {
    return use();
  } catch (const llm::mcp::ServerError& error) {
    // One slow call does not make a bad server: who comes next may start it anew at once.
    const bool is_slow_call = is_sent && error.kind == Kind::timeout;
    return {is_sent && !is_nothing_done(error.kind) ? Fate::uncertain : Fate::not_made,
            note_failure(error, is_slow_call), true};
  } catch (const std::system_error& error) {
    return {Fate::not_made, note_failure({Kind::cannot_start, error.what()}), true};
  } catch (...) {
    client_.reset();
    throw;
  }
}

CallOutcome Server::make_call(const llm::mcp::Tool& tool, const std::string& arguments,
                              const std::stop_token& stop, bool& is_sent) {
  try {
    return make_call_once(tool, arguments, stop, is_sent);
  } catch (const llm::mcp::ServerError& error) {
    if (error.kind != Kind::session_over) {
      throw;
    }
  }
  client_.reset();
  if (is_sent && !only_reads(settings_, tool)) {
    return {
        Fate::not_made,
        fmt::format("The server {} had ended the session and did not take the call. It can be made again.",
                    settings_.name),
        true};
  }
  return make_call_once(tool, arguments, stop,
                        is_sent);  // in a new session, in which the tool is compared again
}

CallOutcome Server::make_call_once(const llm::mcp::Tool& tool, const std::string& arguments,
                                   const std::stop_token& stop, bool& is_sent) {
  is_sent = false;
  make_ready(settings_.timeout, stop);
  const auto offer = known().offer;
  const auto same =
      std::ranges::find_if(offer->tools, [&](const auto& each) { return each.name == tool.name; });
  if (same == offer->tools.end()) {
    return {Fate::not_made, kGone, true};
  }
  if (same->hash != tool.hash) {
    return {Fate::not_made, kChanged, true};
  }
  is_sent = true;
  const auto result = client_->call(tool.name, arguments, stop);
  return {Fate::answered, base::redacted(result.text), result.failed};
}

void Server::make_ready(std::chrono::milliseconds start_timeout, const std::stop_token& stop) {
  if (client_ && !client_->is_there()) {
    client_.reset();
  }
  if (!client_) {
    try {
      start(!is_older_, start_timeout, stop);
    } catch (const llm::mcp::ServerError& error) {
      if (error.kind != Kind::ended || is_older_ || settings_.address) {
        throw;
      }
      start(false, start_timeout, stop);  // a question that it does not know may have ended it
    }
    is_older_ = !client_->is_stateless();
    list(stop);
    base::give_back_freed_memory();  // a list is read into many times its size
  } else if (client_->take_list_changed() || looks_before_call_ ||
             Clock::now() - listed_ > list_is_good_.before_call) {
    list(stop);
  }
  const std::lock_guard lock(mutex_);
  failures_ = 0;
  again_at_ = {};
  known_.problem.clear();
}

void Server::start(bool probe, std::chrono::milliseconds timeout, const std::stop_token& stop) {
  client_ = std::make_unique<llm::mcp::Client>(
      way_to(settings_, sandbox_, folder_),
      llm::mcp::Client::Options{.timeout = settings_.timeout, .start_timeout = timeout, .probe = probe});
  client_->connect(stop);
}

void Server::list(const std::stop_token& stop) {
  auto tools = client_->tools(stop);
  const auto is_same = [](const llm::mcp::Tool& a, const llm::mcp::Tool& b) {
    return a.hash == b.hash && to_text(a.hints) == to_text(b.hints);
  };
  looks_before_call_ = false;
  const std::lock_guard lock(mutex_);
  listed_ = Clock::now();
  // Servers say that their list has changed when it has not.
  if (!known_.offer || !std::ranges::equal(known_.offer->tools, tools, is_same)) {
    known_.offer = std::make_shared<Offer>(settings_, std::move(tools));
  }
}

std::string Server::note_failure(const llm::mcp::ServerError& error, bool is_slow_call) {
  auto sentence =
      base::redacted(fmt::format("The server {} cannot be used: {}.", settings_.name, error.what()));
  const auto lines = client_ ? client_->last_lines() : std::string();
  client_.reset();
  base::log_warning("mcp server {}: {}{}", settings_.name, error.what(),
                    lines.empty() ? "" : "; it wrote: " + base::one_line(base::keep_ends(lines, kLastLines)));
  is_older_ = false;  // it may come back as a newer one
  if (is_slow_call) {
    return sentence;
  }
  const std::lock_guard lock(mutex_);
  known_.problem = sentence;
  again_at_ = Clock::now() + kBackoff.pause(++failures_);
  return sentence;
}

}  // namespace bot::tools
