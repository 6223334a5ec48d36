#pragma once

#include <string>
#include <vector>

#include "bot/console/api.h"
#include "store/message_parts.h"

namespace bot::console {

/// GET /platforms, GET /deliveries, POST /deliveries/{id}/arrived, /deliveries/{id}/put_away and
/// /deliveries/{id}/send_again.
std::vector<Route> delivery_routes();

/// What a receiver would know the part by: the key of its call, and ".1" and so on for further parts.
std::string id_of(const store::MessageParts::Doubt& doubt);
/// The part in doubt of that id. Throws Refusal 404 where there is no such delivery, 409 where it is not in
/// doubt.
store::MessageParts::Doubt doubt_of(const Call& call, const std::string& id);

/// Somebody looked into the chat: it is there.
void settle_as_arrived(const Call& call, const store::MessageParts::Doubt& doubt);
/// It is sent once more, under the same key.
void send_again(const Call& call, const std::string& id);

}  // namespace bot::console
