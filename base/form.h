#pragma once

#include <string>
#include <string_view>

namespace base {

/// The value of a field in an application/x-www-form-urlencoded body (WHATWG URL, section 5.1); empty where
/// there is none.
std::string form_field(std::string_view body, std::string_view name);

/// The text as it stands in such a body, or in a query.
std::string url_encode(std::string_view text);

}  // namespace base
