#pragma once

#include <string>
#include <string_view>

#include "store/people.h"

namespace bot::access {

/// The text on one line as Markdown that reads as just that, wherever it stands inside of a line: whatever it
/// holds makes no marks, links or code, and no service finds an address, a command or somebody to call in it.
std::string literal_markdown(std::string_view text);

/// The person's name as literal_markdown(), or where there is none to be seen the id as code. Everybody
/// chooses their name themselves, so none goes into a message of ours without this.
std::string name_in_markdown(const store::Person& person);

}  // namespace bot::access
