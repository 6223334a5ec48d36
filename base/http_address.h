#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace base {

/// Why nothing can be called at this address, as the end of a sentence that begins with its key ("must name a
/// host"); nothing where it can. Looks at what RFC 3986 calls scheme and authority, and refuses user and
/// password, which would stand in logs and errors.
std::optional<std::string> address_problem(std::string_view url);

/// What stands behind the "?" of an address, where services put keys; empty without one.
std::string_view query_of(std::string_view url);

}  // namespace base
