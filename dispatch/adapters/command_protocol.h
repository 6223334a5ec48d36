#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "dispatch/adapters/cli_protocol.h"
#include "dispatch/adapters/command_settings.h"
#include "dispatch/task/claims.h"
#include "dispatch/task/specialist.h"

namespace dispatch {

/// Reads the output of a command specialist by the selectors of its settings. It has nothing to answer: the
/// prompt is the command's whole input. Thread rule: one thread.
class CommandProtocol final : public CliProtocol {
 public:
  /// Keeps references to all.
  CommandProtocol(const CommandSettings& settings, const Task& task,
                  const std::function<void(const Event&)>& on_event)
      : settings_(settings), task_(task), on_event_(on_event), claims_(task.max_usd) {}

  void on_line(const std::string& line) override;
  bool has_result() const override { return done_; }
  double usd_so_far() const override { return usd_so_far_; }

  int model_calls() const override { return report_.turns; }

  /// After the last line. Some CLIs report an error as JSON on their error output.
  void finish(const std::string& error_output);

  const Report& report() const { return report_; }
  /// The last error after which no result came.
  const std::string& error() const { return error_; }
  bool answered() const { return answered_; }
  /// Whether something came that looked like output and could not be read.
  bool unreadable() const { return unreadable_; }
  /// Whether the model reached its longest answer, and no other answer came.
  bool cut() const { return cut_; }
  /// Whether something that it had begun never ended.
  bool left_undone() const { return !open_.empty(); }

 private:
  /// Whether it counts what was spent before this process.
  bool counts_earlier() const;
  void read(const nlohmann::json& event);
  void count(const nlohmann::json& event);
  /// They return the tokens of this run, as far as they can be true.
  Tokens settle_run();
  Tokens settle_session();
  double cost();
  void emit(Event event);

  const CommandSettings& settings_;
  const Task& task_;
  const std::function<void(const Event&)>& on_event_;
  Report report_;
  std::string whole_;
  std::string error_;
  double usd_so_far_ = 0;
  Claims claims_;
  Tokens tokens_;           ///< as they are told
  Tokens without_dollars_;  ///< those of them that came without dollars
  double dollars_ = 0;      ///< that came with tokens
  double dollars_alone_ = 0;
  bool answered_ = false;
  bool unreadable_ = false;
  bool cut_ = false;
  std::set<std::string> open_;  ///< what was begun and has not ended, by its id
  bool done_ = false;
};

/// The JSON object in an answer, alone, in a fence or after prose; empty where there is none.
std::string json_in(std::string_view answer);

}  // namespace dispatch
