#include "bot/tools/server.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include <fmt/core.h>

#include "base/backoff.h"
#include "base/error.h"
#include "base/log.h"
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
/// A list may have changed though the server did not say so.
constexpr std::chrono::seconds kListIsGood{30};
/// The same where no child runs: it may have been updated, but is not started for every word that somebody
/// says.
constexpr std::chrono::hours kListIsGoodAsleep{1};
/// A program that is fetched first takes its time until it answers the first time.
constexpr std::chrono::seconds kLongestStart{120};
constexpr std::size_t kLastLines = 1'500;
/// Each call that waits for the one before holds up a turn, and there are few who carry those out.
constexpr std::size_t kMostWaiting = 2;
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

Server::Server(const runtime::ToolServerSettings& settings, base::Sandbox sandbox,
               std::filesystem::path folder)
    : settings_(settings), sandbox_(std::move(sandbox)), folder_(std::move(folder)) {}

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

void Server::enqueue(const std::shared_ptr<Order>& order) {
  orders_.push_back(order);
  if (!thread_.joinable()) {
    thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
  }
  changed_.notify_all();
}

void Server::learn() {
  const std::lock_guard lock(mutex_);
  const bool is_known = known_.offer && Clock::now() - listed_ < kListIsGoodAsleep;
  if (closed_ || is_learning_ || is_known || Clock::now() < again_at_) {
    return;
  }
  is_learning_ = true;
  enqueue(std::make_shared<Order>());
}

void Server::await_known(Clock::time_point until, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, stop, until, [this] { return !is_learning_; });
}

CallOutcome Server::call(const llm::mcp::Tool& tool, const std::string& arguments,
                         const std::stop_token& stop) {
  const auto order = std::make_shared<Order>();
  order->tool = tool;
  order->arguments = arguments;
  auto done = order->done.get_future();
  {
    std::unique_lock lock(mutex_);
    const bool has_room = changed_.wait_for(lock, stop, kLongestWait,
                                            [this] { return closed_ || orders_.size() < kMostWaiting; });
    if (closed_ || stop.stop_requested()) {
      throw base::Stopped();
    }
    if (!has_room) {
      return {
          Fate::not_made,
          fmt::format("The server {} is busy with the calls of others; it was not asked.", settings_.name),
          true};
    }
    if (Clock::now() < again_at_) {
      return {Fate::not_made, known_.problem, true};
    }
    enqueue(order);
  }
  const std::stop_callback on_stop(stop, [&] { order->stop.request_stop(); });
  return done.get();  // each order ends by its own time
}

std::shared_ptr<Server::Order> Server::next_order(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  const auto has_order = [this] { return !orders_.empty(); };
  if (client_) {
    changed_.wait_for(lock, stop, kLooks, has_order);
  } else {
    changed_.wait(lock, stop, has_order);
  }
  if (orders_.empty()) {
    return nullptr;
  }
  auto order = orders_.front();
  orders_.pop_front();
  changed_.notify_all();
  return order;
}

void Server::work(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    if (const auto order = next_order(stop)) {
      const std::stop_callback on_stop(stop, [&] { order->stop.request_stop(); });
      carry_out(*order);
      used_ = Clock::now();
    } else {
      look_after_child();
    }
  }
  client_.reset();
  const std::lock_guard lock(mutex_);
  for (const auto& order : orders_) {
    order->done.set_exception(std::make_exception_ptr(base::Stopped()));
  }
  orders_.clear();
}

void Server::look_after_child() {
  if (!client_) {
    return;
  }
  if (Clock::now() - used_ >= settings_.idle) {
    client_.reset();
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

void Server::carry_out(Order& order) {
  CallOutcome outcome;
  try {
    outcome = make_call(order, order.stop.get_token());
    list_again();  // what a call has changed is there in the next round of its turn
  } catch (...) {
    client_.reset();
    const std::lock_guard lock(mutex_);
    is_learning_ = is_learning_ && order.tool.has_value();
    changed_.notify_all();
    order.done.set_exception(std::current_exception());
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    is_learning_ = is_learning_ && order.tool.has_value();
    changed_.notify_all();
  }
  order.done.set_value(std::move(outcome));
}

CallOutcome Server::make_call(Order& order, const std::stop_token& stop) {
  bool is_sent = false;
  try {
    try {
      return make_call_once(order, stop, is_sent);
    } catch (const llm::mcp::ServerError& error) {
      if (error.kind != Kind::session_over) {
        throw;
      }
      client_.reset();
      if (is_sent && !only_reads(settings_, *order.tool)) {
        return {Fate::not_made,
                fmt::format(
                    "The server {} had ended the session and did not take the call. It can be made again.",
                    settings_.name),
                true};
      }
    }
    return make_call_once(order, stop, is_sent);  // in a new session, in which the tool is compared again
  } catch (const llm::mcp::ServerError& error) {
    return {is_sent && !is_nothing_done(error.kind) ? Fate::uncertain : Fate::not_made, note_failure(error),
            true};
  } catch (const std::system_error& error) {
    return {Fate::not_made, note_failure({Kind::cannot_start, error.what()}), true};
  }
}

CallOutcome Server::make_call_once(const Order& order, const std::stop_token& stop, bool& is_sent) {
  is_sent = false;
  // A turn waits for a call, but not for a first look.
  make_ready(
      order.tool ? settings_.timeout : std::max<std::chrono::milliseconds>(settings_.timeout, kLongestStart),
      stop);
  if (!order.tool) {
    return {};
  }
  const auto offer = known().offer;
  const auto same =
      std::ranges::find_if(offer->tools, [&](const auto& tool) { return tool.name == order.tool->name; });
  if (same == offer->tools.end()) {
    return {Fate::not_made, kGone, true};
  }
  if (same->hash != order.tool->hash) {
    return {Fate::not_made, kChanged, true};
  }
  is_sent = true;
  const auto result = client_->call(order.tool->name, order.arguments, stop);
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
  } else if (client_->take_list_changed() || Clock::now() - listed_ > kListIsGood) {
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
  auto offer = std::make_shared<Offer>();
  offer->tools = client_->tools(stop);
  offer->index = ToolIndex(settings_.name, offer->tools);
  const auto is_same = [](const llm::mcp::Tool& a, const llm::mcp::Tool& b) {
    return a.hash == b.hash && to_text(a.hints) == to_text(b.hints);
  };
  const std::lock_guard lock(mutex_);
  listed_ = Clock::now();
  // Servers say that their list has changed when it has not.
  if (!known_.offer || !std::ranges::equal(known_.offer->tools, offer->tools, is_same)) {
    known_.offer = std::move(offer);
  }
}

std::string Server::note_failure(const llm::mcp::ServerError& error) {
  auto sentence =
      base::redacted(fmt::format("The server {} cannot be used: {}.", settings_.name, error.what()));
  const auto lines = client_ ? client_->last_lines() : std::string();
  client_.reset();
  base::log_warning("mcp server {}: {}{}", settings_.name, error.what(),
                    lines.empty() ? "" : "; it wrote: " + base::one_line(base::keep_ends(lines, kLastLines)));
  is_older_ = false;  // it may come back as a newer one
  const std::lock_guard lock(mutex_);
  known_.problem = sentence;
  again_at_ = Clock::now() + kBackoff.pause(++failures_);
  return sentence;
}

}  // namespace bot::tools
