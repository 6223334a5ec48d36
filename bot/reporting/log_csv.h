#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace bot::reporting {

// The log as CSV (RFC 4180), the columns of the contract first. A text that a spreadsheet would take for a
// formula has an apostrophe in front. Each line ends with CR LF.

std::string csv_header();
/// One item of to_json().
std::string csv_line(const nlohmann::json& item);

}  // namespace bot::reporting
