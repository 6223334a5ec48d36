#pragma once

#include <string>

namespace bot::texts {

// Calls of the secretary's tools that were made before. `tool` is "send_email of mail", as Markdown.

/// `seen`: done, and looked at afterwards.
enum class Made { done, seen, failed, unknown };

/// Behind why a turn failed: what its tools did before. `calls` are lines of made_call().
std::string made_before_failure(const std::string& calls);

/// A line of a list; `arguments` is Markdown and may be empty.
std::string made_call(const std::string& tool, const std::string& arguments, Made made);

/// Above the question for a call that was made before.
std::string same_call_before(const std::string& when, Made made);

}  // namespace bot::texts
