#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "dispatch/task/specialist.h"

namespace dispatch {

/// What a person wants to know of a tool call: the file, the command, the pattern. At most 120 bytes.
std::string tool_detail(std::string_view tool, std::string_view input_json,
                        const std::filesystem::path& folder);
/// The same of an input that has been parsed.
std::string detail_of(std::string_view tool, const nlohmann::json& input,
                      const std::filesystem::path& folder);

/// Sets in `event`, of which `tool` is known, how many lines the tool is about to write and to replace; a
/// file that is written whole counts whole.
void count_lines(const nlohmann::json& input, Event& event);

}  // namespace dispatch
