#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/http.h"

namespace bot::console {

// The only reader of what stands behind the "?". A value that is empty counts as missing. Everything else
// that makes no sense is refused: each function throws Refusal 400 with a sentence that names the parameter.

/// Refuses a name that is not among these, and one that stands there twice.
void allow_only(const base::HttpRequest& request, std::initializer_list<std::string_view> names);

/// The value; nothing where it is missing.
std::optional<std::string> parameter(const base::HttpRequest& request, const std::string& name);
/// The same; empty where it is missing.
std::string text_parameter(const base::HttpRequest& request, const std::string& name);
/// One of these words; empty where it is missing.
std::string word_parameter(const base::HttpRequest& request, const std::string& name,
                           const std::vector<std::string>& words);
/// An instant as in RFC 3339.
std::optional<base::Timestamp> time_parameter(const base::HttpRequest& request, const std::string& name);
/// "from" and "to", which must not be the wrong way round.
void read_times(const base::HttpRequest& request, std::optional<base::Timestamp>& from,
                std::optional<base::Timestamp>& to);
/// Digits alone, a number from 1 on: the id of a row.
std::optional<std::int64_t> id_parameter(const base::HttpRequest& request, const std::string& name);
/// Digits alone, a number from `least` to `most`.
std::optional<int> count_parameter(const base::HttpRequest& request, const std::string& name, int least,
                                   int most);
/// A decimal number from 0 to `most`. `what` says so.
std::optional<double> number_parameter(const base::HttpRequest& request, const std::string& name, double most,
                                       const char* what);
/// "section:id", as chats and persons are named; empty where it is missing.
std::string address_parameter(const base::HttpRequest& request, const std::string& name);
/// A number from 0 to 1, which must be there.
double threshold_parameter(const base::HttpRequest& request, const std::string& name);

/// How much of a list is wanted at once: `limit`, 50 where it is missing; what is above 500 is 500.
int limit_of(const base::HttpRequest& request);
/// `cursor` of a list by falling ids: the last one that was shown.
std::optional<std::int64_t> below(const base::HttpRequest& request);
/// `days`, 30 where it is missing.
int days_of(const base::HttpRequest& request, int usual = 30);

/// A finite decimal number and nothing else.
std::optional<double> decimal(std::string_view text);
/// Digits and nothing else.
std::optional<std::int64_t> whole(std::string_view text);

}  // namespace bot::console
