#pragma once

#include <string>
#include <vector>

namespace base {

/// What any specialist may see of our environment, as "NAME=value": what a program needs to run (PATH, HOME,
/// the language, proxies, certificates). Nothing else passes, so no secret of ours does. In a sandbox,
/// folders that it does not show are left out.
std::vector<std::string> child_environment(bool sandboxed);

/// Puts a variable in, in the place of one of the same name.
void set_variable(std::vector<std::string>& environment, const std::string& name, const std::string& value);

/// The folders in which a command of that environment is looked for.
std::string search_path_of(const std::vector<std::string>& environment);

}  // namespace base
