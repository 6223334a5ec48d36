#pragma once

#include <string_view>

namespace base {

/// Whether it can be the name of a header field (RFC 9110 section 5.6.2, as far as it keeps a message in one
/// piece).
bool is_token(std::string_view name);

/// Whether a field's value would end its line, and so smuggle in another field.
bool has_line_break(std::string_view value);

}  // namespace base
