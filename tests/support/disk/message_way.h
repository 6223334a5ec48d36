#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "bot/messages/intake.h"
#include "store/commit_group.h"
#include "store/database.h"
#include "tests/support/services_fixture.h"

namespace support {

/// What the world knows, whatever becomes of a database: who was told that a message is stored, and what was
/// called.
struct Outside {
  std::set<std::string> acknowledged;        ///< ids of messages
  std::map<std::string, std::string> calls;  ///< by the message that is answered, the key of the call
  std::set<std::string> written_down;        ///< keys of those of which the program knows that they arrived
  int doubled = 0;                           ///< answers under a second key
};

/// Settings, a model that answers at once and a platform "web" that keeps keys, for any number of
/// MessageWays. Thread rule: one thread.
struct FrontOffice : ServicesFixture {
  FrontOffice();
  /// Whoever is called writes it down here.
  Outside outside;
  /// What the model says.
  std::string answer = "An answer";
};

/// The way of messages from the webhook to the delivered answer as the program goes it, in one thread: each
/// step by the code that the workers run, on the connections of one database. Thread rule: one thread.
class MessageWay {
 public:
  /// Opens it; throws what that throws.
  MessageWay(FrontOffice& office, const std::filesystem::path& database);

  /// Each throws what the database throws, as the webhook or the worker sees it.
  void take(const std::string& id) { take(id, id, "Hello " + id); }
  /// From a person in a chat with them alone.
  void take(const std::string& id, const std::string& person, const std::string& text);
  /// The next turn, the next delivery; false where none waits.
  bool turn();
  bool deliver();
  /// What a crash or an error has left claimed is ready again, as at a start.
  void recover();
  /// The same, and all that waits, to its end.
  void finish();

  /// What does not hold of the promise, in words; empty: all holds. The database is sound, and what was
  /// acknowledged or called is known to it.
  std::string lost();
  /// And once all has come to its end: nothing is unanswered, nothing answered twice.
  std::string broken();

  store::Database& db() { return db_; }

 private:
  FrontOffice& office_;
  store::CommitGroup commits_;
  store::Database db_{commits_};
  bot::messages::Intake intake_;
};

}  // namespace support
