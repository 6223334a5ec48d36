#pragma once

#include <iosfwd>
#include <string>

namespace bot::cli {

struct InitOptions {
  bool yes = false;  ///< ask nothing
  std::string path = "frontdesk.toml";
};

/// Asks a few questions and writes a commented configuration. Never overwrites a file. Returns the exit
/// status.
int write_configuration(const InitOptions& options, std::istream& in, std::ostream& out);

}  // namespace bot::cli
