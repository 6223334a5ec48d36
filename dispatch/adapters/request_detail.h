#pragma once

#include <filesystem>
#include <string>

#include <nlohmann/json_fwd.hpp>

namespace dispatch {

/// What a specialist wants to do, as Markdown for whoever is to allow it: all that the tool is given, so that
/// nothing is hidden in it, leaves its line or pushes the rest out of sight. Paths in `folder` are relative.
std::string detail_of_request(const std::string& tool, const nlohmann::json& input,
                              const std::filesystem::path& folder);

/// Whether nothing was left out of what detail_of_request() gave; what was not shown must not be allowed.
bool is_shown_whole(const std::string& detail);

/// What a permission rule of Claude Code allows, as Markdown: in words that need no knowledge of it, and the
/// rule (https://code.claude.com/docs/en/permissions).
std::string rule_in_words(const nlohmann::json& rule);

}  // namespace dispatch
