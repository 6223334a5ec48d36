#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/http.h"
#include "store/log_view.h"

namespace bot::console {

/// Throws Refusal 400 where the query has a name that is not among these, or one of them twice.
void allow_only(const base::HttpRequest& request, std::initializer_list<std::string_view> names);

/// The value of a query parameter; nothing where it is missing or empty.
std::optional<std::string> parameter(const base::HttpRequest& request, const std::string& name);
/// An instant as in RFC 3339. Throws Refusal 400.
std::optional<base::Timestamp> time_parameter(const base::HttpRequest& request, const std::string& name);
/// A whole number from `least` on; what is greater than `most` is `most`. Throws Refusal 400.
std::optional<int> count_parameter(const base::HttpRequest& request, const std::string& name, int least,
                                   int most);
/// "from" and "to", which must not be the wrong way round. Throws Refusal 400.
void read_times(const base::HttpRequest& request, std::optional<base::Timestamp>& from,
                std::optional<base::Timestamp>& to);

/// The words of a search, at any white space.
std::vector<std::string> words_of(const std::string& text);

/// What a list of decisions is asked for, its limit and cursor left out. Throws Refusal 400 with a sentence
/// that names what makes no sense. `beside`: other names that may stand in the query.
store::LogFilter log_filter(const base::HttpRequest& request, bool paged);

/// A place in a list as the cursor that goes on behind it, and back; a cursor is of one order only. Reading
/// throws Refusal 400.
std::string cursor_of(const store::LogOrder& order, const store::LogPlace& place);
store::LogPlace place_of(const store::LogOrder& order, const std::string& cursor);

}  // namespace bot::console
