#pragma once

#include <optional>
#include <string_view>

namespace bot {

/// The bytes of a file of bot/web/assets, built into the program (cmake/EmbedAssets.cmake); nothing for
/// another name.
std::optional<std::string_view> web_asset(std::string_view name);

}  // namespace bot
