#pragma once

#include <string>
#include <vector>

#include "bot/tools/asked_values.h"

namespace bot::tools {

/// A tool's text as lines: JSON as names and values, one a line, instants also in that zone; other text as it
/// is.
std::string readable_lines(const std::string& text, const std::string& timezone);

/// What is different between two texts of one reading.
struct Changes {
  /// Lines of readable_lines() that begin with "- " (was there), "+ " (is there now) or "! " (is there now
  /// beside what was asked for); empty where nothing is different.
  std::string lines;
  bool has_unasked = false;
  std::vector<Otherwise> otherwise = {};  ///< those lines of these begin with "! ", too
};

/// `arguments`: the JSON object of the call between the two, which says what was asked for.
Changes changes_between(const std::string& before, const std::string& after, const std::string& arguments,
                        const std::string& timezone);

/// The text in its lines, without their ends. Pure.
std::vector<std::string> lines_of(const std::string& text);

}  // namespace bot::tools
