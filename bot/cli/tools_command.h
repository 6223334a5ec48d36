#pragma once

#include <iosfwd>
#include <string>

#include "bot/runtime/settings.h"

namespace bot::cli {

struct ToolsOptions {
  runtime::Flags flags;
  std::string server;   ///< empty: all
  bool accept = false;  ///< what has changed is good as it is now
};

/// `frontdesk tools`: what each server offers goes to `out`, and what could be allowed. Returns whether all
/// could be asked. Throws base::ConfigError.
bool print_tools(const ToolsOptions& options, std::ostream& out, std::ostream& err);

}  // namespace bot::cli
