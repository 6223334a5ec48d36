#pragma once

#include <chrono>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "bot/chat/capabilities.h"
#include "bot/platforms/slack/calls.h"
#include "bot/platforms/slack/web_api.h"

namespace bot::slack {

/// Between two calls for one draft.
inline constexpr std::chrono::milliseconds kDraftPace{1'500};

/// Posts the draft as a message that carries its key, or changes it; for shared::ServiceDrafts. Slack's own
/// streams (chat.startStream) are not used: they take no key, nothing of them can be taken back, and Slack
/// ends them after some minutes.
std::string show_draft(const WebApi& api, RateLimits& pace, const chat::Draft& draft, const std::string& text,
                       const std::string& external_id, base::Timestamp now, std::stop_token stop);

}  // namespace bot::slack
