#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "dispatch/task/interaction.h"

namespace dispatch {

struct Tokens {
  std::int64_t input = 0;  ///< those that were not in a cache
  std::int64_t cache_read = 0;
  std::int64_t cache_write = 0;
  std::int64_t cache_write_hour = 0;  ///< those of `cache_write` that are kept for an hour, and cost more
  std::int64_t output = 0;

  Tokens& operator+=(const Tokens& more);
  /// What is left of each count; none is negative.
  Tokens since(const Tokens& before) const;
};

/// What a specialist is asked to do, as a value: everything the run depends on.
struct Task {
  std::filesystem::path folder;  ///< the working folder; it exists and is locked by the caller
  std::string prompt;
  /// Of the session to continue, or for the one to begin (a UUID); a CLI may give it another id.
  std::string session_id;
  bool continues_session = false;
  std::string permission = "acceptEdits";  ///< acceptEdits | plan | dangerously-skip-permissions
  /// Whether settings in the folder that can run code or lead the CLI elsewhere are honoured: hooks,
  /// environment, MCP servers (.claude/, .mcp.json).
  bool trusts_folder = false;
  std::vector<std::string> allowed_tools;
  /// Request::hash of what a person allowed for the whole task while an earlier process worked on it: where
  /// the same is asked again, nobody is. Its rules are in `allowed_tools`.
  std::vector<std::string> allowed_before = {};
  std::string system_prompt;             ///< added to the specialist's own; may be empty
  std::string model;                     ///< empty: the specialist's default
  int max_turns = 0;                     ///< 0: no limit
  double max_usd = 0;                    ///< for this run, in US dollars; 0: no limit
  std::uintmax_t max_bytes_written = 0;  ///< by how much the folder may grow; 0: no limit
  /// How much it may write in total. The default is far more than hours of work need; beyond it something is
  /// wrong.
  std::uintmax_t max_output_bytes = 512ULL * 1024 * 1024;
  std::string introduction;   ///< the line before the prompt; empty: one for a task from the chat
  std::string result_schema;  ///< a JSON schema for Report::structured; empty: none is asked for
  std::chrono::seconds timeout{600};
  std::chrono::seconds silence{180};  ///< the longest time without any sign of life while no tool runs
  /// Where replies to its requests and additions to the task come from; none: nobody is asked, and whatever
  /// needs permission is refused.
  std::shared_ptr<Mailbox> mailbox;
  std::filesystem::path event_log;  ///< where the raw events go (see EventLog); empty: nowhere
  int lock_fd = -1;                 ///< held until the last process of the run is gone
  /// What was spent in the session to continue, for CLIs that count whole sessions: by processes of this run
  /// that were cut. dispatch::run_in_workspace() adds what earlier runs spent there.
  double session_usd = 0;
  Tokens session_tokens;
};

/// What one model used and cost, in US dollars. A run may use several.
struct ModelSpending {
  std::string model;
  Tokens tokens;
  double usd = 0;
};

/// Something the specialist did, as it happens.
struct Event {
  enum class Kind {
    session_begun,  ///< `text` is the session's id; from now on the session can be continued
    tool_used,      ///< `tool` and `text`, for example "Write" and "app.py"
    said,           ///< `text` is what it says about its work
    retrying,       ///< its model is overloaded or unreachable; `text` says which
    used,           ///< the tokens so far changed: `spent`
    asks,           ///< it waits for a person: `request`; meanwhile the run's clock stands still
    withdrawn,      ///< it no longer waits for the request whose id is `text`
    background,     ///< what it has running beside its turn has changed: `background`
    added,          ///< it has taken up the addition whose id is `addition`
    still_working   ///< nothing new; about once a second, so that a silent run is seen to be alive
  };
  Kind kind;
  std::string tool = {};
  std::string text = {};
  double usd_so_far = 0;  ///< estimated from tokens; the CLI gives the true figure only at the end
  std::vector<ModelSpending> spent = {};     ///< of this run so far, estimated like `usd_so_far`
  std::vector<std::string> background = {};  ///< what runs there, a phrase or a command each
  bool between_turns = false;                ///< of `background`: nothing else goes on
  std::shared_ptr<const Request> request = {};
  std::int64_t addition = 0;
  int lines_added = 0;  ///< of a tool that writes a file
  int lines_removed = 0;
  int turns_so_far = 0;  ///< calls of its model, or steps, as far as they are seen; of `still_working`
};

enum class Outcome { success, error, blocked, timeout, cancelled };
std::string to_string(Outcome outcome);

/// An action that the specialist wanted and was not allowed.
struct Denial {
  std::string tool;
  std::string detail;
};

/// The result of a run. `text` and `problem` are the specialist's words; everything else was observed by us.
struct Report {
  Outcome outcome = Outcome::error;
  std::string text;     ///< its answer, Markdown; may be empty
  std::string problem;  ///< for an outcome other than success: one sentence for the chat
  std::string session_id;
  bool session_begun = false;
  bool session_replaced = false;  ///< the session to continue was gone, and a new one was begun
  std::vector<Denial> denials;
  int turns = 0;
  std::string stop_reason;
  std::string model;
  double usd = 0;                     ///< of this run, or of its whole session
  double usd_at_least = 0;            ///< of this run, where what was counted while it worked is more
  bool usd_is_of_session = false;     ///< as some CLIs count
  std::optional<double> session_usd;  ///< what the session has cost with this run, where its CLI says so
  bool usd_is_estimate = false;       ///< the CLI gave no figure, or made up its prices
  bool usd_is_claim = false;          ///< `usd` is what the CLI says, and not looked at yet (see Claims)
  bool claims_too_much = false;  ///< it claimed more money or tokens than can be true, which was left out
  Tokens tokens;
  std::vector<ModelSpending> spent;  ///< the same by model; empty where that is not known
  std::optional<Tokens>
      session_tokens;  ///< where the CLI counts those of the whole session; then `tokens` are, too
  std::chrono::milliseconds duration{0};
  std::string structured;    ///< JSON after Task::result_schema; empty where there is none
  int exit_status = 0;       ///< of the specialist's process; 128 + N after signal N
  std::string raw_result;    ///< the specialist's JSON result, empty where it gave none
  std::string error_output;  ///< the end of what it wrote on stderr
};

/// The result of looking at one thing a specialist needs.
struct Readiness {
  bool ready = false;
  std::string detail;  ///< one line: what was found, or what is missing and what to do
};

/// A program that takes a prompt and works in a folder. Thread rule: run() may be called from several
/// threads, for different folders.
class Specialist {
 public:
  virtual ~Specialist() = default;

  /// Runs the task to its end. Always returns, at the latest some seconds after the timeout, and leaves no
  /// process behind. When `stop` is requested the run is interrupted and the outcome is `cancelled`; its
  /// session is kept.
  virtual Report run(const Task& task, const std::function<void(const Event&)>& on_event,
                     std::stop_token stop) = 0;

  /// A sentence where its program is not there. Looks for the file and runs nothing.
  virtual std::optional<std::string> missing() const { return std::nullopt; }

  /// Whether it is installed, new enough and logged in. Runs the CLI, but makes no model call.
  virtual Readiness check() = 0;

  struct Abilities {
    bool allowed_tools = false;  ///< it honours Task::allowed_tools
    bool turn_limit = false;     ///< it honours Task::max_turns
    bool additions = false;      ///< it accepts additions to the task while it works
  };
  virtual Abilities abilities() const = 0;

  /// A sentence about the part of the task that it cannot do in any case; nothing where it can do all of it.
  virtual std::optional<std::string> cannot(const Task& task) const = 0;

  /// As the configuration calls it.
  virtual const std::string& name() const = 0;
  /// What it is good for, for whoever chooses among several; a phrase.
  virtual const std::string& about() const = 0;
};

}  // namespace dispatch
