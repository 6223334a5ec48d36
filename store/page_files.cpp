#include "store/page_files.h"

#include "store/statement.h"

namespace store {

void PageFiles::add(const PageFile& file, base::Timestamp now) {
  Statement(db_,
            "INSERT INTO page_files(id, user, name, media_type, size, created_at) VALUES (?, ?, ?, ?, ?, ?)",
            file.id, file.user, file.name, file.media_type, file.size, now)
      .execute();
}

std::optional<PageFile> PageFiles::find(const std::string& id) {
  return Statement(db_, "SELECT id, user, name, media_type, size FROM page_files WHERE id = ?", id)
      .first([](Statement& row) {
        PageFile file;
        row.read(file.id, file.user, file.name, file.media_type, file.size);
        return file;
      });
}

void PageFiles::set_size(const std::string& id, std::int64_t size) {
  Statement(db_, "UPDATE page_files SET size = ? WHERE id = ?", size, id).execute();
}

PageFiles::Kept PageFiles::kept_of(const std::string& user) {
  return Statement(db_, "SELECT count(*), coalesce(sum(size), 0) FROM page_files WHERE user = ?", user)
      .first([](Statement& row) {
        Kept kept;
        row.read(kept.files, kept.bytes);
        return kept;
      })
      .value_or(Kept());
}

void PageFiles::forget(const std::string& id) {
  Statement(db_, "DELETE FROM page_files WHERE id = ?", id).execute();
}

std::vector<std::string> PageFiles::take_older_than(base::Timestamp before) {
  return Statement(db_, "DELETE FROM page_files WHERE created_at < ? RETURNING id", before)
      .all<std::string>();
}

}  // namespace store
