#include "store/offered_files.h"

#include <SQLiteCpp/SQLiteCpp.h>

namespace store {

OfferedFileId OfferedFiles::add(const OfferedFile& file) {
  SQLite::Statement s(db_.handle(), "INSERT INTO offered_files(dispatch_id, path) VALUES (?, ?)");
  s.bind(1, file.dispatch.value);
  s.bind(2, file.path);
  s.exec();
  return {db_.handle().getLastInsertRowid()};
}

std::optional<OfferedFile> OfferedFiles::find(OfferedFileId id) {
  SQLite::Statement s(db_.handle(), "SELECT dispatch_id, path FROM offered_files WHERE id = ?");
  s.bind(1, id.value);
  if (!s.executeStep()) {
    return std::nullopt;
  }
  return OfferedFile{{s.getColumn(0).getInt64()}, s.getColumn(1).getString()};
}

}  // namespace store
