#pragma once

#include <optional>
#include <string_view>

namespace bot::web {

/// The bytes of a file of bot/web/assets, built into the program (cmake/EmbedAssets.cmake); nothing for
/// another name.
std::optional<std::string_view> embedded_asset(std::string_view name);

}  // namespace bot::web
