#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "store/database.h"

namespace store {

/// What a tool of a server says of itself.
struct ToolLook {
  std::string tool;
  std::string hash;  ///< of all of it
  std::optional<bool> only_reads = {};
  std::optional<bool> destroys = {};
  std::optional<bool> open_world = {};
};

/// What tools look like: as they were accepted, and as turns have seen them since. A tool can have several
/// accepted looks, where its server shows it differently after a login. Thread rule: that of the Database.
class ToolLooks {
 public:
  explicit ToolLooks(Database& db) : db_(db) {}

  /// Whether any tool of that server was accepted.
  bool knows(const std::string& server);
  bool is_accepted(const std::string& server, const std::string& tool, const std::string& hash);

  /// The tool looks like this, and that is right: none of its other looks is from now on.
  void accept(const std::string& server, const ToolLook& look, base::Timestamp now);
  /// A turn has seen that tools look like this, and are not accepted. Of each server the newest 500 are kept.
  void note(const std::string& server, const std::vector<ToolLook>& looks, base::Timestamp now);
  /// What was noted, by name, accepted since or not.
  std::vector<ToolLook> noted(const std::string& server);
  /// What was noted with that tool is right, too, beside its accepted looks.
  void accept_noted(const std::string& server, const std::string& tool);

 private:
  Database& db_;
};

}  // namespace store
