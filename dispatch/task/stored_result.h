#pragma once

#include <filesystem>
#include <string_view>

#include "dispatch/task/specialist.h"

namespace dispatch {

/// What a stored result of the Claude Code CLI says, also one that expert-dispatch 1.0.2 stored: the object,
/// the last result of a list of events, as `--verbose` makes it, or the last one of events that are one a
/// line. What is no result is an error. Report::raw_result is the object alone.
Report report_of_result(std::string_view stored, const std::filesystem::path& folder);

}  // namespace dispatch
