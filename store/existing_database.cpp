#include "store/existing_database.h"

#include <stdexcept>
#include <system_error>

#include <fmt/core.h>

namespace store {

bool database_exists(const std::filesystem::path& path) {
  std::error_code none;
  const auto size = std::filesystem::file_size(path, none);
  // What is no plain file is for SQLite to refuse.
  return none ? std::filesystem::exists(path, none) : size > 0;
}

void require_database(const std::filesystem::path& path) {
  if (!database_exists(path)) {
    throw std::runtime_error(fmt::format(
        "there is no database at {}; the first start of `frontdesk serve` makes it, and store.url "
        "says where it is",
        path.string()));
  }
}

Database open_existing(const std::filesystem::path& path) {
  require_database(path);
  return Database(path);
}

std::optional<Database> open_if_there(const std::filesystem::path& path) {
  return database_exists(path) ? std::make_optional<Database>(path) : std::nullopt;
}

}  // namespace store
