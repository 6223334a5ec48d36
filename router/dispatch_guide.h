#pragma once

#include <string_view>

namespace router {

/// The built-in dispatch guide: the system prompt that tells the secretary what is its own work, when to
/// propose the specialist, how to write a task, and how to report. An operator may replace it
/// (secretary.guide).
std::string_view built_in_guide();

}  // namespace router
