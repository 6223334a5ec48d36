#pragma once

#include <string>

#include "router/secretary.h"

namespace bot::runs {

/// The secretary's words for the chat; where they are not whole, with a mark or a sentence that says so.
std::string answer_text(const router::Secretary::Answer& answer);

}  // namespace bot::runs
