#pragma once

#include <string_view>

#include "base/http.h"

namespace bot::shared {

/// For chat::TakesWebhooks::receive(), as most services call: refuses with 404 what is below the webhook's
/// own address, with 405 every method but POST, with 415 every type of body but JSON and forms. A call that
/// does not say its type passes, since JSON is expected in most of them.
void require_post(const base::HttpRequest& request);

/// The part of the path below /webhooks/<section>: "" or "/…". For services that add to the address that
/// they were given.
std::string_view path_below_webhook(const base::HttpRequest& request);

}  // namespace bot::shared
