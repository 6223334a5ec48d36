#pragma once

#include <iosfwd>
#include <string>

#include "bot/runtime/settings.h"

namespace bot::cli {

/// `frontdesk backup FILE`; says where the copy is. Returns the exit status; throws base::ConfigError.
int back_up(const runtime::Flags& flags, const std::string& file, std::ostream& err);

/// `frontdesk restore FILE`; says where what stood there is kept. Returns the exit status; throws
/// base::ConfigError.
int restore(const runtime::Flags& flags, const std::string& file, std::ostream& err);

}  // namespace bot::cli
