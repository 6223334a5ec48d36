#pragma once

#include <string>

namespace bot::tools {

/// What is wrong with the arguments by the schema, for the model: what is required and missing, what is of
/// another type at the top, a time without an offset where the schema wants one, and an end before its start.
/// Empty where nothing is; what a schema says beyond that is the server's business.
std::string argument_faults(const std::string& schema, const std::string& arguments);

}  // namespace bot::tools
