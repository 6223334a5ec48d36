#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/process/sandbox.h"
#include "bot/runtime/tool_server_settings.h"
#include "bot/tools/changes.h"
#include "bot/tools/offer.h"
#include "llm/mcp/client.h"

namespace bot::tools {

/// So many turns at once one server can hold up for as long as its calls take: one that is made, and those
/// that wait for it.
inline constexpr int kMostHeldUp = 3;

/// What a reading showed after a call.
struct Seen {
  std::string tool;  ///< that read
  bool is_guess;     ///< it fits by its arguments' names alone, and need not show what the call does
  Changes changes;
  bool repeats = false;  ///< what the call names had more dates than one
  /// Nothing is different, since what was asked for was there before.
  bool was_there = false;
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

/// One server of [mcp_servers]. One at a time has it in hand: the thread of whoever calls a tool, since to
/// hand the call to another one and back takes longer than the call itself, or a thread of its own, which
/// begins with the first use, asks for the list of tools, and ends the child when nobody has used it for a
/// while; it ends with the child. Thread rule: any thread.
class Server {
 public:
  /// How long a list of tools is good without a word from the server.
  struct ListIsGood {
    std::chrono::milliseconds before_call{30'000};
    /// Over HTTP, where nobody listens for such words: one question is asked, beside a turn.
    std::chrono::milliseconds over_http{60'000};
    /// Where no child runs: it may have been updated, but is not started for every word that somebody says.
    std::chrono::milliseconds asleep{3'600'000};
  };
  Server(const runtime::ToolServerSettings& settings, base::Sandbox sandbox, std::filesystem::path folder)
      : Server(settings, std::move(sandbox), std::move(folder), ListIsGood()) {}
  Server(const runtime::ToolServerSettings& settings, base::Sandbox sandbox, std::filesystem::path folder,
         ListIsGood list_is_good);
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
    std::chrono::steady_clock::time_point asked{};  ///< when it was last asked for them
  };
  Known known() const;

  /// Asks it for its tools, unless they are known well enough, it is being asked, or it failed just now. Does
  /// not wait.
  void learn();
  /// Waits until they are known or it has failed, no longer than until then.
  void await_known(std::chrono::steady_clock::time_point until, const std::stop_token& stop);

  /// Before the next call the server is asked for its tools, however young the list is. Does not wait.
  void look_before_call() { looks_before_call_ = true; }

  /// Why no call can be made now.
  struct NotReady {
    std::string why;                ///< a sentence
    std::chrono::seconds again_in;  ///< the server is not tried before; zero: at once
  };
  /// Starts it where it is not there, and asks it for its tools, however young the list is: a call that comes
  /// next is surely begun. Nothing where it is ready. Waits as call() does; throws base::Stopped.
  std::optional<NotReady> prepare(const std::stop_token& stop);
  /// Calls a tool, if it is still what `tool` says. Waits for the answer, but makes no call where too many
  /// wait already. Throws base::Stopped.
  CallOutcome call(const llm::mcp::Tool& tool, const std::string& arguments, const std::stop_token& stop);

 private:
  using Clock = std::chrono::steady_clock;
  /// While it lives, this thread alone has the server in hand. `lock` holds `mutex_`, and not meanwhile.
  class Hold;

  void begin_thread();
  void work(const std::stop_token& stop);
  void look_after_child();
  /// Where the server said that its list is another one.
  void list_again();
  /// With the server in hand, once it is free, unless too many wait or it has failed just now. `use` has a
  /// stop token, and what says whether a call was begun.
  template <typename Use>
  CallOutcome in_hand(const std::stop_token& stop, const Use& use);
  /// What `use` makes of it, where that may fail as a server fails. With the server in hand.
  template <typename Use>
  CallOutcome carry_out(const bool& is_sent, const Use& use);
  CallOutcome make_call(const llm::mcp::Tool& tool, const std::string& arguments, const std::stop_token& stop,
                        bool& is_sent);
  /// Makes the call if the tool is what it was. `is_sent` says whether it was begun.
  CallOutcome make_call_once(const llm::mcp::Tool& tool, const std::string& arguments,
                             const std::stop_token& stop, bool& is_sent);
  void make_ready(std::chrono::milliseconds start_timeout, const std::stop_token& stop);
  void start(bool probe, std::chrono::milliseconds timeout, const std::stop_token& stop);
  void list(const std::stop_token& stop);
  /// Keeps why it failed, and ends the child; after a call that took too long it is used again at once.
  std::string note_failure(const llm::mcp::ServerError& error, bool is_slow_call = false);

  const runtime::ToolServerSettings settings_;
  const base::Sandbox sandbox_;
  const std::filesystem::path folder_;
  const ListIsGood list_is_good_;

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  bool in_hand_ = false;
  int waiting_ = 0;       ///< to have it in hand
  int outside_ = 0;       ///< to be one of those, for a short time
  bool is_live_ = false;  ///< there was a conversation when it was in hand last
  Known known_;
  bool is_learning_ = false;
  bool has_thread_ = false;
  int failures_ = 0;
  Clock::time_point again_at_{};
  bool closed_ = false;
  std::atomic<bool> looks_before_call_ = false;

  // Of whoever has it in hand.
  std::unique_ptr<llm::mcp::Client> client_;
  bool is_older_ = false;  ///< it does not know the newer revision
  Clock::time_point used_{};
  Clock::time_point listed_{};
  std::jthread thread_;
};

}  // namespace bot::tools
