#pragma once

#include <string>

namespace base {

/// US dollars for people and logs: "$0.12"; below a cent as many digits as it needs, "$0.0042", and
/// "<$0.0001" for the rest. What costs nothing is "$0.00".
std::string format_usd(double usd);

/// The same for an operator who adds amounts up: at least four digits behind the point, and below a tenth of
/// a cent two that count: "$1.2300", "$0.00016". Negative amounts as "$-0.0100".
std::string format_usd_closely(double usd);

/// An amount that somebody set, such as a limit, with all its digits: "$4.00", "$0.00005".
std::string format_set_usd(double usd);

}  // namespace base
