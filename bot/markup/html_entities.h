#pragma once

#include <string>
#include <string_view>

namespace bot::markup {

/// The UTF-8 characters for which an HTML entity ("&amp;", "&#60;", "&#x3C;") stands. Knows every number, the
/// names of Latin-1 and those that are common in prose; an unknown name comes back as written. A control
/// character becomes a space, and a number that is no character U+FFFD.
std::string decode_entity(std::string_view entity);

}  // namespace bot::markup
