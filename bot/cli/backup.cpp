#include "bot/cli/backup.h"

#include <filesystem>
#include <ostream>

#include "base/file.h"
#include "store/backup.h"

namespace bot::cli {

int back_up(const runtime::Flags& flags, const std::string& file, std::ostream& err) {
  const auto database = runtime::load_shell_settings(flags.config).database;
  const std::filesystem::path copy = base::expand_home(file);
  store::back_up(database, copy);
  err << "copied " << database.string() << " to " << copy.string() << " (" << std::filesystem::file_size(copy)
      << " bytes)\n";
  return 0;
}

int restore(const runtime::Flags& flags, const std::string& file, std::ostream& err) {
  const auto database = runtime::load_shell_settings(flags.config).database;
  const auto kept = store::restore(base::expand_home(file), database, base::SystemClock().now());
  err << "put " << file << " back as " << database.string()
      << "; what waited to be sent when it was made is sent again\n";
  if (!kept.empty()) {
    err << "what stood there is " << kept.string() << "\n";
  }
  return 0;
}

}  // namespace bot::cli
