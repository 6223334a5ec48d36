#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace base {

/// The value of a field in an application/x-www-form-urlencoded body (WHATWG URL, section 5.1); empty where
/// there is none.
std::string form_field(std::string_view body, std::string_view name);

/// The value of a field in a form: urlencoded as above, also where no type is told, or multipart/form-data
/// (RFC 7578); empty where there is none. Nothing where the type is no form's.
std::optional<std::string> field_of_form(std::string_view content_type, std::string_view body,
                                         std::string_view name);

/// The text as it stands in an urlencoded body, or in a query.
std::string url_encode(std::string_view text);

}  // namespace base
