#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/clock.h"
#include "base/http.h"
#include "bot/console/api.h"
#include "bot/reporting/routed.h"
#include "router/routing_policy.h"

namespace bot::console {

// What the operations on routing and spending read of a request. Each throws a Refusal with status 400 that
// says what makes no sense.

/// `days`, 30 where it is missing.
int days_of(const base::HttpRequest& request);
/// When they began.
base::Timestamp since_days(const Call& call);
/// `limit` and `cursor` of a list that goes on below a number.
struct Page {
  int limit = 0;
  std::optional<std::int64_t> before = {};
};
Page page_of(const base::HttpRequest& request);
/// A number from 0 to 1.
double threshold_of(const base::HttpRequest& request, const std::string& name);

/// The body as an object with these members at most.
nlohmann::json body_of(const base::HttpRequest& request, std::initializer_list<std::string_view> known);
/// The member as a number; nothing where it is missing or null.
std::optional<double> number_of(const nlohmann::json& body, const std::string& name);
/// The member as text; empty where it is missing or null.
std::string text_of(const nlohmann::json& body, const std::string& name);

/// The member as true or false; false where it is missing or null.
bool flag_of(const nlohmann::json& body, const std::string& name);

/// "S:ID" taken apart, of a section that there is; nothing for an empty text. `what` is its name.
struct NamedId {
  std::string section, id;
};
std::optional<NamedId> id_of(const Call& call, const std::string& what, const std::string& text);
/// Where a message would be written, and by whom: "S:ID" or empty texts.
reporting::RoutedPlace place_of(const Call& call, const std::string& chat, const std::string& person);
/// "global", "chat S:ID" or "user S:ID", of a section that there is.
std::string scope_of(const Call& call, const std::string& text);

/// The thresholds as the next turn has them.
router::RoutingPolicy policy_in_force(const Call& call);

}  // namespace bot::console
