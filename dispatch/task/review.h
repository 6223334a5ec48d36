#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dispatch/task/specialist.h"

namespace dispatch {

/// Makes the task an independent review: a fresh session that may change nothing, the built-in instructions
/// followed by `wishes` (may be empty), and findings as structured data.
void make_review(Task& task, const std::string& wishes);

/// The findings of Report::structured as Markdown, the worst first; nothing where it holds none of that form.
std::optional<std::string> review_text(std::string_view structured);

}  // namespace dispatch
