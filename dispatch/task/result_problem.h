#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace dispatch {

/// A result of the CLI that is an error, as a sentence for the chat.
std::string result_problem(const std::string& cli, const nlohmann::json& result);

/// Whether such a result holds what was said, too, as does what we store for a run that ended without one.
bool has_words_beside_error(const nlohmann::json& result);

}  // namespace dispatch
