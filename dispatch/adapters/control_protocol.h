#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "dispatch/task/interaction.h"

namespace dispatch {

/// The Claude Code CLI's control requests over stream-json (`--permission-prompt-tool stdio`). Source:
/// recorded transcripts of 2.1.197 and 2.1.330. Thread rule: one thread.
class ControlProtocol {
 public:
  /// Paths below `folder` are shown relative to it.
  explicit ControlProtocol(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// What a line asks of a person, if it does; it is open from now on. Wants to see every line.
  std::optional<Request> take(std::string_view line);
  /// The id of the request that a line takes back, if it does; it is no longer open.
  std::optional<std::string> withdrawn(std::string_view line);
  /// The line that answers an open request, which is closed by it. Nothing where it is not open, or where the
  /// reply is for something else than what is asked.
  std::optional<std::string> answer(const Reply& reply);
  struct Refusal {
    std::string tool_use_id;
    std::string tool;
    std::string input;  ///< JSON
  };
  /// What a reply refuses, where it does, and answers an open request for permission.
  std::optional<Refusal> refused_by(const Reply& reply) const;
  bool waits() const { return !open_.empty(); }
  std::size_t waits_for() const { return open_.size(); }

  /// Whether the last plan that was shown was agreed to: then those before it were changed, not refused.
  bool plan_goes() const { return plan_goes_; }

  /// The line that interrupts the CLI's turn.
  static std::string interrupt();
  /// The line that asks what the session has used so far; the answer names kUsageId. Seen with 2.1.330; an
  /// older CLI answers with an error.
  static std::string ask_usage();
  static constexpr const char* kUsageId = "frontdesk-usage";

 private:
  struct Open {
    Request request;
    std::string input;  ///< JSON, to be sent back
    std::string tool_use_id;
    std::string permissions;  ///< JSON list of what "for this task" adds
  };
  void remember_plan(const std::string& line);

  std::filesystem::path folder_;
  /// The request says little about the plan (2.1.330: nothing, where the model wrote it into a file of the
  /// CLI's own).
  std::string plan_;
  std::string said_;
  bool plan_goes_ = false;
  std::map<std::string, Open> open_;
};

}  // namespace dispatch
