#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bot::markup {

// Text that is not ours, made fit to stand in a message of ours.

/// The text on one line as Markdown that reads as just that, wherever it stands inside of a line: whatever it
/// holds makes no marks, links or code, and no service finds an address, a command or somebody to call in it.
std::string literal_markdown(std::string_view text);

/// The same for words that people want back as they gave them: web addresses can be pressed, and these, mail
/// addresses, names of files and paths can be copied. Nobody is called, and nothing is a command.
std::string literal_with_addresses(std::string_view text);

struct TextRange {
  std::size_t begin = 0, end = 0;  ///< bytes
};
/// Where "https://..." stands in the text, without the punctuation behind it; not where it was cut by "…".
std::vector<TextRange> web_addresses(std::string_view text);

/// The text as code on one line; a back-tick, which would end it, becomes an apostrophe.
std::string inline_code(std::string text);

/// The text in a fence that nothing in it ends.
std::string fenced(const std::string& text);

}  // namespace bot::markup
