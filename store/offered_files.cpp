#include "store/offered_files.h"

#include "store/statement.h"

namespace store {

OfferedFileId OfferedFiles::add(const OfferedFile& file) {
  Statement(db_, "INSERT INTO offered_files(dispatch_id, path) VALUES (?, ?)", file.dispatch, file.path)
      .execute();
  return {db_.last_row_id()};
}

std::optional<OfferedFile> OfferedFiles::find(OfferedFileId id) {
  return Statement(db_, "SELECT dispatch_id, path FROM offered_files WHERE id = ?", id)
      .first([](Statement& row) {
        OfferedFile file;
        row.read(file.dispatch, file.path);
        return file;
      });
}

}  // namespace store
