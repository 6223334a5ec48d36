#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/section.h"

namespace config {

/// Where the configuration was found: `explicit_path`, $FRONTDESK_CONFIG, ./frontdesk.toml,
/// $XDG_CONFIG_HOME/frontdesk/frontdesk.toml, in this order; nothing means embedded defaults. A path that was
/// asked for and does not exist is a base::ConfigError.
std::optional<std::filesystem::path> find_config_file(const std::string& explicit_path);

/// The file's root table; without a path an empty one. Throws base::ConfigError with file, line and column
/// where the text is not TOML.
Section load_config_file(const std::optional<std::filesystem::path>& path);

/// The root table of `text`, as if read from a file called `name` in `folder`.
Section parse_config(const std::string& text, const std::string& name, const std::filesystem::path& folder);

/// The values of a configuration as TOML text, by key path ("chat.tg.allow"). Of a secret in a file
/// ("file:PATH") a digest of what the file holds counts, too.
using Values = std::map<std::string, std::string>;
/// Those of the file; none without one. Throws as load_config_file().
Values configured_values(const std::optional<std::filesystem::path>& path);

/// The key path of each "file:PATH" in that file, and the path. Throws as load_config_file().
std::vector<std::pair<std::string, std::filesystem::path>> secret_files(const std::filesystem::path& path);

}  // namespace config
