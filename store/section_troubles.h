#pragma once

#include <map>
#include <string>

#include "base/clock.h"
#include "store/database.h"

namespace store {

/// The last thing that went wrong between each chat section and its service, and when something came from it
/// last; both are known after a restart, too. Thread rule: that of the Database.
class SectionTroubles {
 public:
  explicit SectionTroubles(Database& db) : db_(db) {}

  struct Trouble {
    base::Timestamp at;
    std::string text;  ///< a sentence without secrets
  };
  void note(const std::string& section, const Trouble& trouble);
  /// By section.
  std::map<std::string, Trouble> all();
  /// When the last message or click of a person came, by section.
  std::map<std::string, base::Timestamp> last_events();

 private:
  Database& db_;
};

/// What was put away in the console's inbox, of what has no state of its own. Thread rule: that of the
/// Database.
class InboxDone {
 public:
  explicit InboxDone(Database& db) : db_(db) {}

  bool has(const std::string& item);
  /// False where it was put away before.
  bool add(const std::string& item, base::Timestamp now);

 private:
  Database& db_;
};

}  // namespace store
