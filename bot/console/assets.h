#pragma once

#include <optional>
#include <string_view>

namespace bot::console {

/// The bytes of a file of bot/console/openapi, built into the program (cmake/EmbedAssets.cmake); nothing for
/// another name.
std::optional<std::string_view> embedded_asset(std::string_view name);

}  // namespace bot::console
