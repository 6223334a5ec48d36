#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bot/chat/platform.h"

namespace fuzz {

/// When the calls of check_receive() come in.
base::Timestamp call_time();

/// Environment variables and their values, for "env:" in a section.
using Secrets = std::vector<std::pair<std::string, std::string>>;

/// The platform of a [chat.fuzz] section with that text.
std::unique_ptr<bot::chat::Platform> make_platform(const std::string& platform, const std::string& toml,
                                                   const Secrets& secrets);

/// Gives the call, which must be signed for call_time(), to receive(): it returns or throws bot::Refused with
/// a status of 400 to 499 but not 401, twice the same; what it returns can be stored.
void check_receive(const bot::chat::Platform& platform, const base::HttpRequest& request);

}  // namespace fuzz
