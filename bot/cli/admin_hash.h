#pragma once

#include <iosfwd>

namespace bot::cli {

/// `frontdesk admin hash`: reads a password from standard input, from a terminal twice and without showing
/// it, and prints its hash for the configuration. Returns the exit status; throws base::ConfigError where
/// there is no password.
int print_password_hash(std::istream& in, std::ostream& out, std::ostream& err);

}  // namespace bot::cli
