#pragma once

#include <cstddef>
#include <string_view>

namespace llm {

/// Whether only white space stands before `at` in its line.
bool begins_line(std::string_view text, std::size_t at);

/// Where the code ends that begins at `at`, or `at` where none does: a fenced block that is closed, or a span
/// within a line.
std::size_t end_of_code(std::string_view text, std::size_t at);

}  // namespace llm
