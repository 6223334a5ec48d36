#pragma once

#include <string>

#include "base/http.h"
#include "store/log_view.h"

namespace bot::console {

/// The words of a search, at any white space.
std::vector<std::string> words_of(const std::string& text);

/// What of the decisions is asked for, and in which order; everything where no `limit` says how much. Throws
/// Refusal 400 with a sentence that names what makes no sense.
store::LogFilter log_filter(const base::HttpRequest& request);

/// A place in a list as the cursor that goes on behind it, and back; a cursor is of one order only. Reading
/// throws Refusal 400.
std::string cursor_of(const store::LogOrder& order, const store::LogPlace& place);
store::LogPlace place_of(const store::LogOrder& order, const std::string& cursor);

}  // namespace bot::console
