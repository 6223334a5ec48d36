#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "store/database.h"
#include "store/ids.h"

namespace store {

/// Takes out of the database what one person wrote and what was written to them and for them, and leaves the
/// rows, as Retention and LogPruning do: ids, times, numbers and states stay, and the hash chain holds, with
/// an entry `erased` for each covered row. Thread rule: that of the Database.
class Erasure {
 public:
  explicit Erasure(Database& db) : db_(db) {}

  /// What of the person is at work, by which it cannot be done now: "d-17", or "a message"; nothing: it can.
  std::optional<std::string> hindered_by(PersonId person);

  /// What lies in project folders because of the person, which is the caller's to remove first.
  struct File {
    std::string slug;
    std::string path;  ///< relative to the project folder
  };
  struct Run {
    std::string slug;
    std::string record;    ///< how the names of its files in the log folder begin
    bool is_last = false;  ///< of its project
  };
  /// Sessions of specialists in which nobody else ordered anything.
  struct Session {
    std::string slug;
    std::string id;
  };
  std::vector<Session> sessions_of(PersonId person);
  std::vector<File> attachments_of(PersonId person);
  std::vector<Run> runs_of(PersonId person);
  /// Projects in which they ordered something.
  struct Project {
    std::string slug;
    bool is_theirs = false;  ///< nobody else ordered anything there
  };
  std::vector<Project> projects_of(PersonId person);
  /// The names of what they sent by the page, in the folder "page-files" beside the database.
  std::vector<std::string> page_files_of(PersonId person);

  struct Erased {
    int messages = 0;     ///< that lost their words, theirs and those written to them
    int decisions = 0;    ///< theirs
    int notes = 0;        ///< that they asked to be remembered
    bool traces = false;  ///< the write-ahead log may hold words for a while, see wipe_traces()
  };
  /// Does it, in steps of a transaction each; one that was cut is done again from the beginning.
  Erased erase(PersonId person, base::Timestamp now);

 private:
  std::set<MessageId> messages_about(PersonId person);
  void empty(const std::vector<MessageId>& messages, base::Timestamp now);
  void end_deliveries(MessageId message, base::Timestamp now);
  int empty_decisions(PersonId person);
  void forget_reminders(PersonId person);
  int forget_person(PersonId person, base::Timestamp now);

  Database& db_;
};

}  // namespace store
