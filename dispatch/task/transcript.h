#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "dispatch/task/specialist.h"
#include "dispatch/task/usage_meter.h"

namespace dispatch {

/// Reads the Claude Code CLI's stream-json output, line by line, and keeps what the report needs.
/// Source: the recorded transcripts of 2.1.197 and 2.1.330; unknown events are passed over.
class Transcript {
 public:
  /// Paths below `folder` are shown relative to it. Without a price the CLI's own figures count. `claims` are
  /// those of the run, for lines that come as it works.
  Transcript(std::filesystem::path folder, std::optional<TokenPrice> price,
             std::function<void(const Event&)> on_event,
             UsageMeter::Session session = UsageMeter::Session::unknown,
             const Claims& claims = Claims::afterwards());

  /// A line that is a result and cannot be read ends a turn, too: as an error.
  void take(std::string_view line);
  /// Takes a result from elsewhere than the CLI's output.
  void take_result(std::string_view json);

  /// What this process of the CLI cost so far, in US dollars.
  double usd_so_far() const { return meter_.usd(); }
  /// How many calls of a model were seen so far, those of sub-agents included.
  int model_calls() const { return meter_.calls(); }

  bool has_result() const { return results_ > 0; }
  /// How many results there were: a message that came late begins a turn of its own, with a result of its
  /// own. The report is of all of them.
  int results() const { return results_; }
  /// How many answers the model has given so far, those of sub-agents left out. A result has its own count.
  int turns_so_far() const;
  /// Whether the CLI waits for a tool of its own, which may be silent for long.
  bool tool_is_running() const { return !open_tools_.empty(); }

  /// Whether a sub-agent is at work.
  bool agent_is_working() const { return !agents_.empty(); }

  /// A sentence for the chat if going on is useless although the CLI still tries.
  std::optional<std::string> fatal_problem() const;

  /// An action that a person refused, which the CLI may not report; `input` is JSON.
  void add_denial(const std::string& tool_use_id, const std::string& tool, std::string_view input);

  /// What was said last in a turn that has not ended; empty in between.
  std::string unfinished_words() const;
  /// What the lines so far say. Without a result the outcome is `error` and `problem` is empty.
  const Report& report() const { return report_; }
  /// The same, with what was spent since the last result, for a process that has ended.
  Report final_report() const;

 private:
  class Reader;

  std::filesystem::path folder_;
  UsageMeter meter_;
  std::function<void(const Event&)> on_event_;
  Report report_;
  std::set<std::string> open_tools_;
  std::set<std::string> agents_;
  std::set<std::string> denied_;
  std::vector<std::string> texts_;  ///< of the results, but for what a later one repeats
  int main_calls_ = 0;              ///< of the model, by the main thread
  bool counts_itself_ = false;      ///< results say what this process spent
  std::set<std::string> answers_;   ///< the API's message ids
  std::string said_in_;             ///< the id of the last message with words in it
  std::vector<std::string> words_;  ///< what it says, by its blocks
  int results_ = 0;
  bool key_refused_ = false;
};

}  // namespace dispatch
