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
  /// How many bytes that person has sent that are still kept.
  std::int64_t bytes_of(const std::string& user);
  /// Forgets those that were begun before then, and returns their ids.
  std::vector<std::string> take_older_than(base::Timestamp before);

 private:
  Database& db_;
};

}  // namespace store
