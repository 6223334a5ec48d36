#pragma once

#include <string_view>

namespace dispatch {

/// Whether it can be an argument of a command, and is none of its options: what a CLI or a file of a project
/// calls a session is no more than a claim.
bool is_session_id(std::string_view id);

}  // namespace dispatch
