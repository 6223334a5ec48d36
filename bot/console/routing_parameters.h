#pragma once

#include <optional>
#include <string>

#include "bot/console/api.h"
#include "bot/reporting/routed.h"
#include "router/routing_policy.h"

namespace bot::console {

// What the operations on routing and spending read of a request. Each throws a Refusal with status 400 that
// says what makes no sense.

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
