#pragma once

#include <string>

namespace bot::tools {

/// What is wrong with the arguments by the schema, for the model: what is required and missing, and what is
/// of another type at the top. Empty where nothing is; what a schema says beyond that is the server's
/// business.
std::string argument_faults(const std::string& schema, const std::string& arguments);

}  // namespace bot::tools
