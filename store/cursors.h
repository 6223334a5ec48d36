#pragma once

#include <optional>
#include <string>

#include "store/database.h"

namespace store {

/// A position in what a service can be asked for ("since", a sequence number, an address to resume at). Its
/// value means something to the platform of its section alone.
struct Cursor {
  std::string name;
  std::string value;
};

/// How far each chat section has read its service. Saved in the transaction that stores what was read, so
/// that nothing is skipped after a crash. Thread rule: that of the Database.
class Cursors {
 public:
  explicit Cursors(Database& db) : db_(db) {}

  /// In place of an earlier value, whichever is further: that is for the caller to know.
  void save(const std::string& section, const Cursor& cursor);
  std::optional<std::string> find(const std::string& section, const std::string& name);

 private:
  Database& db_;
};

}  // namespace store
