#pragma once

#include <optional>
#include <string>

#include "base/http.h"

namespace bot::web {

/// Why the request may not read the metrics, as the response that says so: without the bearer token it must
/// come from this machine itself, to one of its own names, and through no proxy. Pure.
std::optional<base::HttpResponse> refuse_metrics(const base::HttpRequest& request,
                                                 const std::optional<std::string>& token);

}  // namespace bot::web
