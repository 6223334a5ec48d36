#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "bot/chat/capabilities.h"
#include "bot/chat/message_parts.h"
#include "bot/platforms/mattermost/api.h"
#include "bot/platforms/mattermost/click.h"
#include "bot/platforms/shared/rate_limiter.h"

namespace bot::mattermost {

/// What the calls of one section share. Where Mattermost limits at all, the default is ten calls a second and
/// a hundred at once (RateLimitSettings in server/public/model/config.go). What shows progress, and drafts
/// more so, leave room for what is said for good. Thread rule: any thread.
struct RateLimits {
  shared::RateLimiter posts{{std::chrono::milliseconds(250), 5}, {std::chrono::milliseconds(150), 20}};
  shared::RateLimiter drafts{{std::chrono::milliseconds(1'000), 1}, {std::chrono::milliseconds(300), 3}};
  shared::RateLimiter progress{{std::chrono::milliseconds(1'500), 1}, {std::chrono::milliseconds(500), 5}};
};

/// What a post holds at most, in characters (PostMessageMaxRunesV2 in server/public/model/post.go).
inline constexpr std::size_t kMaxPost = 16'383;

/// The parts of one outgoing call, for deliver_parts(). A post carries its key twice: as pending_post_id, by
/// which Mattermost itself drops a repeat for 30 seconds, and in props, by which the channel tells later what
/// became of it. Without an address to click at, buttons are left out.
std::unique_ptr<chat::PartCalls> make_calls(const Api& api, RateLimits& pace, const ClickTarget& clicks,
                                            const store::OutgoingCall& call, base::Timestamp now,
                                            std::stop_token stop);

/// Between two calls for one draft.
inline constexpr std::chrono::milliseconds kDraftPace{1'000};

/// Posts the draft under its key, as make_calls() would the answer, or changes it; for
/// shared::ServiceDrafts.
std::string show_draft(const Api& api, RateLimits& pace, const chat::Draft& draft, const std::string& text,
                       const std::string& external_id, base::Timestamp now, std::stop_token stop);

}  // namespace bot::mattermost
