#pragma once

#include <filesystem>
#include <optional>
#include <string>

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

}  // namespace config
