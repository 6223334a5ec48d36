#pragma once

#include <cstdint>
#include <string>

namespace dispatch {

/// What a CLI says of an error, as a sentence for the chat: where it is about its model (key, rate, credit,
/// network), what can be done; else its own first line. `status` is the HTTP status of its model, 0 where it
/// is not known; `cli` is its name.
std::string model_problem(const std::string& cli, std::int64_t status, const std::string& text);

/// The same for a CLI of any kind, whose words may be about anything: only what is plainly about its model is
/// taken so.
std::string command_problem(const std::string& cli, const std::string& text);

/// That the CLI is not logged in.
std::string login_problem(const std::string& cli);

}  // namespace dispatch
