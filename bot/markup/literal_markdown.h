#pragma once

#include <string>
#include <string_view>

namespace bot::markup {

// Text that is not ours, made fit to stand in a message of ours.

/// The text on one line as Markdown that reads as just that, wherever it stands inside of a line: whatever it
/// holds makes no marks, links or code, and no service finds an address, a command or somebody to call in it.
std::string literal_markdown(std::string_view text);

/// The text as code on one line; a back-tick, which would end it, becomes an apostrophe.
std::string inline_code(std::string text);

/// The text in a fence that nothing in it ends.
std::string fenced(const std::string& text);

}  // namespace bot::markup
