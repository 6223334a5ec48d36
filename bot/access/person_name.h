#pragma once

#include <string>

#include "store/people.h"

namespace bot::access {

/// The person's name as markup::literal_markdown(), or where there is none to be seen the id as code.
/// Everybody chooses their name themselves, so none goes into a message of ours without this.
std::string name_in_markdown(const store::Person& person);

}  // namespace bot::access
