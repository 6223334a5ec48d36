#pragma once

#include <cstdint>
#include <string>

namespace dispatch {

/// What a CLI says about an error, as a sentence for the chat: what can be done where it concerns its model
/// (key, rate, credit, network), else the CLI's own first line. `status` is the HTTP status of its model, 0
/// where it is not known; `cli` is its name.
std::string model_problem(const std::string& cli, std::int64_t status, const std::string& text);

/// The same for any CLI, whose text may be about anything: only what is plainly about its model counts as
/// such.
std::string command_problem(const std::string& cli, const std::string& text);

/// That the CLI is not logged in.
std::string login_problem(const std::string& cli);

}  // namespace dispatch
