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

namespace dispatch {

/// US dollars per million tokens.
struct TokenPrice {
  double input = 0;
  double output = 0;

  /// What these tokens cost, in US dollars. As Anthropic prices them, a cache read costs a tenth of an input
  /// token, a five-minute cache write five quarters.
  double usd(const Tokens& tokens) const;
};

/// The list price of the model's family at the time of writing; zero where it is not known.
TokenPrice price_of(std::string_view model);

/// Reads the Claude Code CLI's stream-json output, line by line, and keeps what the report needs.
/// Source: the recorded transcripts of 2.1.197 and 2.1.330; unknown events are passed over.
class Transcript {
 public:
  /// Paths below `folder` are shown relative to it. A zero price means: by the model's family.
  Transcript(std::filesystem::path folder, TokenPrice price, std::function<void(const Event&)> on_event);

  /// A line that is a result and cannot be read ends a turn, too: as an error.
  void take(std::string_view line);
  /// Takes a result from elsewhere than the CLI's output.
  void take_result(std::string_view json);

  /// What the tokens so far cost, estimated from list prices, in US dollars.
  double usd_so_far() const;

  bool has_result() const { return results_ > 0; }
  /// How many results there were: a message that came late begins a turn of its own, with a result of its
  /// own. The report is of all of them.
  int results() const { return results_; }
  /// Whether the CLI waits for a tool of its own, which may be silent for long.
  bool tool_is_running() const { return !open_tools_.empty(); }

  /// A sentence for the chat if going on is useless although the CLI still tries.
  std::optional<std::string> fatal_problem() const;

  /// What was said last in a turn that has not ended; empty in between.
  std::string unfinished_words() const;
  /// What the lines so far say. Without a result the outcome is `error` and `problem` is empty.
  const Report& report() const { return report_; }

 private:
  class Reader;

  std::filesystem::path folder_;
  TokenPrice price_;
  std::function<void(const Event&)> on_event_;
  Report report_;
  std::set<std::string> open_tools_;
  std::set<std::string> denied_;
  std::string said_in_;                   ///< the id of the last message with words in it
  std::vector<std::string> words_;        ///< what it says, by its blocks
  std::map<std::string, Tokens> tokens_;  ///< by the API's message id, as counted so far
  std::string current_message_;
  int results_ = 0;
  bool key_refused_ = false;
};

}  // namespace dispatch
