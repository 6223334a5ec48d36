#pragma once

#include <optional>
#include <string>

namespace base {

/// Where a shell would find the program: the command itself where it holds a "/", else the first in the
/// folders of `search_path` (as PATH writes them). Nothing where there is no such file that may be executed.
std::optional<std::string> find_program(const std::string& command, const std::string& search_path);

/// The same with this process's own PATH.
std::optional<std::string> find_program(const std::string& command);

}  // namespace base
