#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace dispatch {

/// Whether the text begins with white space, as JavaScript's \s counts it.
bool begins_with_space(std::string_view text);

/// The prompt as the CLI gets it: text that can only be read as text.
///
/// The Claude Code CLI takes a leading "/" as a command and attaches the file that "@path" names, with no
/// permission check and also outside the working folder (measured with 2.1.197). So a first line of ours
/// always comes before the text, and "@" gets a space after it where the path after it is absolute, in a
/// home folder, quoted, climbs with "..", or leads out of `folder` over a link; and after the 300th "@"
/// everywhere. An empty `first_line` means the usual one, for a task from a chat. Everything else, such as
/// "@app.route" or "a@b.ch", is left alone.
std::string harmless_prompt(std::string_view first_line, std::string_view text,
                            const std::filesystem::path& folder);

}  // namespace dispatch
