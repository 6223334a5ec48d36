#pragma once

#include <optional>
#include <string>

#include "store/database.h"
#include "store/ids.h"

namespace store {

/// A file of a project that a button offers.
struct OfferedFile {
  DispatchId dispatch;
  std::string path;  ///< relative to the project folder
};

/// Thread rule: that of the Database.
class OfferedFiles {
 public:
  explicit OfferedFiles(Database& db) : db_(db) {}

  OfferedFileId add(const OfferedFile& file);
  std::optional<OfferedFile> find(OfferedFileId id);

 private:
  Database& db_;
};

}  // namespace store
