#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "bot/doctor/finding.h"

namespace bot::doctor {

/// Whether that folder can be written and has space left. Makes it where it is missing.
Finding folder_finding(const std::string& what, const std::filesystem::path& path);

/// Which folders of projects others than their owner may look into; nothing where there is none.
std::vector<Finding> project_folder_findings(const std::filesystem::path& projects);

}  // namespace bot::doctor
