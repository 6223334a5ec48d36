#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "bot/runtime/settings.h"

namespace bot::runtime {

/// What stands among the trusted proxies and is no address, a sentence each.
std::vector<std::string> proxy_problems(const ServerSettings& server);

/// load_settings() for commands that need no secret: theirs may be known to the bot's own environment only.
/// No secret is read, and none is in what it returns; the keys of the chat services are checked, too, which
/// load_settings() leaves to them. Throws base::ConfigError.
Settings load_settings_without_secrets(const Flags& flags);

/// The part of load_settings() that reads the file, or without one the defaults. Where secrets are not read
/// (config::UnreadSecrets), neither is what else may be the bot's alone. Throws base::ConfigError.
Settings read_settings(const std::optional<std::filesystem::path>& file, const Flags& flags);

}  // namespace bot::runtime
