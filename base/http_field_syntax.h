#pragma once

#include <string_view>

namespace base {

/// Whether it can be a method or the name of a header field (RFC 9110 section 5.6.2).
bool is_token(std::string_view name);

/// Whether it can be the value of a header field (RFC 9110 section 5.5): no control character but the tab.
bool is_field_value(std::string_view value);

/// Whether a field's value would end its line, and so smuggle in another field.
bool has_line_break(std::string_view value);

}  // namespace base
