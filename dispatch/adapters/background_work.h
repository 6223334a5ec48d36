#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace dispatch {

/// What Claude Code has running beside its turn: sub-agents and commands in the background. When some of it
/// ends, the CLI tells its model, within the turn that goes on or in one that it begins by itself. Source:
/// 2.1.330. Thread rule: one thread.
class BackgroundWork {
 public:
  /// Wants to see every line. Returns whether what runs has changed.
  bool take(std::string_view line);

  bool empty() const { return running_.empty(); }
  /// Whether something has ended of which the model was not told yet: then another turn is to come.
  bool awaits_turn() const { return !untold_.empty(); }
  /// Whether a command runs, which may be silent for long.
  bool command_is_running() const;
  /// What runs, a phrase or a command each.
  std::vector<std::string> descriptions() const;

 private:
  struct Work {
    std::string description;
    bool is_command = false;
  };
  void take_ended(std::string_view line);

  std::map<std::string, Work> running_;        ///< by the CLI's id
  std::map<std::string, std::string> untold_;  ///< by the CLI's id: that of its run
};

}  // namespace dispatch
