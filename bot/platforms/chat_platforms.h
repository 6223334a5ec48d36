#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bot/chat/chat_ids.h"
#include "bot/chat/platform.h"
#include "bot/chat/platform_context.h"
#include "config/section.h"

namespace bot::platforms {

/// The platform called `platform`; it reads and finishes its section. Throws base::ConfigError.
std::unique_ptr<chat::Platform> make_chat_platform(const std::string& platform, config::Section section,
                                                   const chat::PlatformContext& context);

std::vector<std::string> platform_names();

/// "open" for platforms that prove by themselves who may write, else "pairing".
std::string default_access(const std::string& platform);

/// What is to be pasted into the service's own settings for that section, in several lines; may be empty.
std::string setup_text(const std::string& platform, const std::string& public_url,
                       const std::string& section);

/// What is wrong with an id of that platform in the configuration, to be put behind it; nothing where it is
/// one.
std::optional<std::string> problem_with_id(const std::string& platform, std::string_view id, chat::IdOf of);

}  // namespace bot::platforms
