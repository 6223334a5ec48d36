#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace llm {

/// Whether what is read was all that the model meant to write.
enum class Extent { whole, cut_off };

/// The arguments of a call as the JSON text of an object, from what the model wrote; nothing where nobody can
/// tell what it meant. What models really write is read: nothing at all or null for {}, also in front of an
/// object, JSON within a JSON string, several objects one behind the other of which all but one are empty or
/// all are equal, an object in a list or in a fence of code, single quotes, line ends within strings, bare
/// words as Python has them, commas too many, text behind the object, and brackets that are missing at the
/// end, but not of what was cut off.
std::optional<std::string> read_arguments(std::string_view written, Extent extent);

/// The first JSON object or list of the text, mended as read_arguments() does, and nothing else; nothing
/// where there is none. `text` is left with what stands behind it.
std::optional<std::string> take_value(std::string_view& text, Extent extent);

}  // namespace llm
