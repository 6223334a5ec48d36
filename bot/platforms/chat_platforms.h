#pragma once

#include <string>
#include <vector>

#include "bot/chat/platform_type.h"

namespace bot::platforms {

/// Every chat service that the program speaks to. Thread rule: any thread.
const std::vector<chat::PlatformType>& platform_types();

/// The one of that name; throws base::ConfigError where there is none.
const chat::PlatformType& platform_type(const std::string& name);

std::vector<std::string> platform_names();

}  // namespace bot::platforms
