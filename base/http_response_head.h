#pragma once

#include <optional>
#include <string_view>

#include "base/http.h"

namespace base {

/// A status line and fields, each with its line end, as a response without a body; nothing where they are
/// none.
std::optional<HttpResponse> read_response_head(std::string_view lines);

}  // namespace base
