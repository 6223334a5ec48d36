#include "bot/serve/missing.h"

#include <system_error>

#include <unistd.h>

#include "base/log.h"
#include "base/private_folder.h"

namespace bot::serve {

void tell_what_is_missing(const dispatch::Specialists& specialists, const std::filesystem::path& projects) {
  for (const auto& specialist : specialists.all()) {
    if (const auto problem = specialist->missing()) {
      base::log_error("specialist {}: {}; until then, its tasks fail", specialist->name(), *problem);
    }
  }
  try {
    base::make_private_folders(projects);
  } catch (const std::system_error&) {
    // Whether it can be written is looked at next.
  }
  if (::access(projects.c_str(), W_OK | X_OK) != 0) {
    base::log_error("projects folder: cannot write to {}; until then, no task can be done",
                    projects.string());
  }
}

}  // namespace bot::serve
