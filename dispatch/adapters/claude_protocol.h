#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "base/process/child_process.h"
#include "dispatch/adapters/background_work.h"
#include "dispatch/adapters/cli_protocol.h"
#include "dispatch/adapters/control_protocol.h"
#include "dispatch/task/specialist.h"
#include "dispatch/task/transcript.h"

namespace dispatch {

/// What the people of the project wrote for the specialist, and the CLI does not read by itself: without the
/// project's settings it reads no CLAUDE.md, either. Paragraphs to append to a prompt; may be empty.
std::string context_for_claude(const Task& task);

/// The stream-json dialogue of one run of the Claude Code CLI: the task and what is added to it go in, events
/// and requests come out. Keeps references to all that it is given. Thread rule: one thread.
class ClaudeProtocol final : public CliProtocol {
 public:
  ClaudeProtocol(const Task& task, std::optional<TokenPrice> price,
                 const std::function<void(const Event&)>& on_event, base::ChildProcess& child);

  /// Gives the CLI its task.
  void begin();

  void on_line(const std::string& written) override;
  void on_mail() override;
  void on_tick() override;
  bool is_sign_of_life(const std::string& line) const override;
  /// An addition that came after the last turn began, and is not taken up yet, begins a turn of its own. So
  /// does what ends in the background.
  bool has_result() const override;
  void on_input_closed() override { input_closed_ = true; }
  bool tool_is_running() const override {
    return transcript_.tool_is_running() || background_.command_is_running();
  }
  bool waits_for_person() const override { return control_.waits(); }
  double usd_so_far() const override { return transcript_.usd_so_far(); }
  int model_calls() const override { return transcript_.model_calls(); }
  std::optional<std::string> fatal_problem() const override { return transcript_.fatal_problem(); }
  bool interrupt() override;

  /// Whether its last turn came to its end, and nothing is left in the background.
  bool finished() const;
  bool is_between_turns() const { return transcript_.has_result() && !in_turn_; }
  /// What ran in the background when the run was interrupted, or runs there now.
  std::vector<std::string> left_in_background() const {
    return interrupted_ ? cut_ : background_.descriptions();
  }
  const Transcript& transcript() const { return transcript_; }
  const ControlProtocol& control() const { return control_; }

 private:
  void say(const std::string& text, const std::string& uuid);
  void take_background(const std::string& line);
  void take_replay(const std::string& line);
  void take_reply(const Reply& reply);
  bool was_allowed_before(const Request& request) const;
  void ask_usage();
  void emit(Event event);

  const Task& task_;
  const std::function<void(const Event&)>& on_event_;
  base::ChildProcess& child_;
  Transcript transcript_;
  ControlProtocol control_;
  BackgroundWork background_;
  std::map<std::string, std::int64_t> written_;  ///< additions that are not taken up yet, by uuid
  bool in_turn_ = true;
  bool interrupted_ = false;
  bool input_closed_ = false;
  bool work_was_cut_ = false;     ///< when it was interrupted, something was left in the background
  std::vector<std::string> cut_;  ///< what that was
  int results_ = 0;
  std::chrono::steady_clock::time_point
      quiet_since_;                                ///< the last result, or end of something in the background
  std::chrono::steady_clock::time_point told_at_;  ///< when a background event was emitted last
  std::chrono::steady_clock::time_point next_usage_;
};

}  // namespace dispatch
