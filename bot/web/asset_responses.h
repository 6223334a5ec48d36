#pragma once

#include <string>
#include <string_view>

#include "base/http.h"

namespace bot::web {

// Files of bot/web/assets as a browser gets them. Thread rule: any thread.

/// The file of that name, or 404: compressed where the request takes that, with an ETag (304 where the
/// browser has it already). It is kept for good where the address names its version, "?v=…", else asked for
/// again.
base::HttpResponse asset_response(const base::HttpRequest& request, std::string_view name);

/// That page with the version of each asset in the asset's address; empty where there is none.
std::string page_html(std::string_view name);

}  // namespace bot::web
