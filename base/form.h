#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace base {

/// The value of a field in an application/x-www-form-urlencoded body (WHATWG URL, section 5.1); empty where
/// there is none.
std::string form_field(std::string_view body, std::string_view name);

/// The value of a field in a form: multipart/form-data (RFC 7578) where the type says so, urlencoded as above
/// where it says anything else; empty where there is none. Nothing where parts have no boundary.
std::optional<std::string> field_of_form(std::string_view content_type, std::string_view body,
                                         std::string_view name);

/// The text as it stands in an urlencoded body, or in a query.
std::string url_encode(std::string_view text);

}  // namespace base
