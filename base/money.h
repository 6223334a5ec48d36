#pragma once

#include <string>

namespace base {

/// US dollars for people and logs: "$0.12"; below a cent as many digits as it needs, "$0.0042", and
/// "<$0.0001" for the rest. What costs nothing is "$0.00".
std::string format_usd(double usd);

}  // namespace base
