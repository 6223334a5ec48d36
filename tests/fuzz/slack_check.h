#pragma once

#include <string>
#include <string_view>

namespace fuzz {

/// Gives a call of Slack's with that body, signed, to check_receive().
void check_slack_call(std::string_view body, const std::string& content_type);

}  // namespace fuzz
