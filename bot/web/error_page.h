#pragma once

#include "base/http.h"

namespace bot::web {

/// Whether a browser asked for something to show: it names HTML in Accept, which no call of a script does.
bool wants_page(const base::HttpRequest& request);

/// The same error as a page: the status and headers of `error`, and the sentence of its JSON.
base::HttpResponse error_page(const base::HttpResponse& error);

}  // namespace bot::web
