#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "store/database.h"

namespace store {

/// A file that a person has sent by the page, to go along with a message.
struct PageFile {
  std::string id;
  std::string user;
  std::string name;
  std::string media_type;
  std::int64_t size = 0;  ///< bytes so far
};

/// Thread rule: that of the Database.
class PageFiles {
 public:
  explicit PageFiles(Database& db) : db_(db) {}

  void add(const PageFile& file, base::Timestamp now);
  std::optional<PageFile> find(const std::string& id);
  void set_size(const std::string& id, std::int64_t size);
  /// How many files that person has sent that are still kept, and their bytes.
  struct Kept {
    std::int64_t files = 0;
    std::int64_t bytes = 0;
  };
  Kept kept_of(const std::string& user);
  void forget(const std::string& id);
  /// Forgets those that were begun before then, and returns their ids.
  std::vector<std::string> take_older_than(base::Timestamp before);

 private:
  Database& db_;
};

}  // namespace store
