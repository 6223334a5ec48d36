#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/process/sandbox.h"
#include "bot/runtime/tool_server_settings.h"
#include "bot/tools/changes.h"
#include "bot/tools/tool_index.h"
#include "llm/mcp/client.h"

namespace bot::tools {

/// What a server offered when it was asked last. Never changes.
struct Offer {
  std::vector<llm::mcp::Tool> tools;
  ToolIndex index;
};

/// What a reading showed after a call.
struct Seen {
  std::string tool;  ///< that read
  bool is_guess;     ///< it fits by its arguments' names alone, and need not show what the call does
  Changes changes;
};

/// What became of a call.
struct CallOutcome {
  enum class Fate {
    answered,  ///< the server did, be it with a failure
    not_made,  ///< it was never sent
    uncertain  ///< it was sent, and no answer came
  };
  Fate fate = Fate::not_made;
  std::string text;               ///< the tool's words, or why not, a sentence; secrets are taken out
  bool failed = false;            ///< the answer says so
  std::optional<Seen> seen = {};  ///< nothing where nobody could look
};

/// The way to that server: its program, started in the sandbox with that folder, or its address. Throws
/// std::system_error where no process can be started.
std::unique_ptr<llm::mcp::Transport> way_to(const runtime::ToolServerSettings& server,
                                            const base::Sandbox& sandbox,
                                            const std::filesystem::path& folder);

/// Whether a call of the tool changes nothing, as its server says, or the operator.
bool only_reads(const runtime::ToolServerSettings& server, const llm::mcp::Tool& tool);

/// One server of [mcp_servers], on a thread of its own that begins with its first use: it starts the child,
/// carries out one order at a time, and ends the child when nobody has used it for a while. Thread rule: any
/// thread.
class Server {
 public:
  Server(const runtime::ToolServerSettings& settings, base::Sandbox sandbox, std::filesystem::path folder);
  /// Ends the child.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Ends the child and the thread, without waiting. Calls under way end with base::Stopped, and so does each
  /// later one.
  void close();

  const runtime::ToolServerSettings& settings() const { return settings_; }

  struct Known {
    std::shared_ptr<const Offer> offer;  ///< null: it has never been listed
    std::string problem;                 ///< why it could not be used the last time; empty where it could
  };
  Known known() const;

  /// Asks it for its tools, unless they are known, it is being asked, or it failed just now. Does not wait.
  void learn();
  /// Waits until they are known or it has failed, no longer than until then.
  void await_known(std::chrono::steady_clock::time_point until, const std::stop_token& stop);

  /// Calls a tool, if it is still what `tool` says. Waits for the answer, but makes no call where too many
  /// wait already. Throws base::Stopped.
  CallOutcome call(const llm::mcp::Tool& tool, const std::string& arguments, const std::stop_token& stop);

 private:
  using Clock = std::chrono::steady_clock;
  struct Order {
    std::optional<llm::mcp::Tool> tool;  ///< nothing: only the list is wanted
    std::string arguments;
    std::stop_source stop;
    std::promise<CallOutcome> done;
  };

  void enqueue(const std::shared_ptr<Order>& order);
  void work(const std::stop_token& stop);
  /// The next one; nothing after a while, or at the end.
  std::shared_ptr<Order> next_order(const std::stop_token& stop);
  void look_after_child();
  /// Where the server said that its list is another one.
  void list_again();
  void carry_out(Order& order);
  CallOutcome make_call(Order& order, const std::stop_token& stop);
  /// Makes the call if the tool is what it was. `is_sent` says whether it was begun.
  CallOutcome make_call_once(const Order& order, const std::stop_token& stop, bool& is_sent);
  void make_ready(std::chrono::milliseconds start_timeout, const std::stop_token& stop);
  void start(bool probe, std::chrono::milliseconds timeout, const std::stop_token& stop);
  void list(const std::stop_token& stop);
  /// Keeps why it failed, and ends the child.
  std::string note_failure(const llm::mcp::ServerError& error);

  const runtime::ToolServerSettings settings_;
  const base::Sandbox sandbox_;
  const std::filesystem::path folder_;

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<std::shared_ptr<Order>> orders_;
  Known known_;
  bool is_learning_ = false;
  int failures_ = 0;
  Clock::time_point again_at_{};
  bool closed_ = false;

  // The thread's own.
  std::unique_ptr<llm::mcp::Client> client_;
  bool is_older_ = false;  ///< it does not know the newer revision
  Clock::time_point used_{};
  Clock::time_point listed_{};
  std::jthread thread_;
};

}  // namespace bot::tools
