#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "bot/chat/platform.h"

namespace bot::discord {

/// The buttons as rows of components (https://discord.com/developers/docs/components/reference); what is
/// beyond the most that a message can have is left out.
nlohmann::json rows_of(const std::vector<store::Button>& buttons);

/// The ids of the controls below a message of Discord's, in order.
std::vector<std::string> controls(const nlohmann::json& components);

}  // namespace bot::discord
