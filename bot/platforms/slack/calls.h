#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "base/clock.h"
#include "bot/chat/message_parts.h"
#include "bot/platforms/shared/rate_limiter.h"
#include "bot/platforms/slack/web_api.h"

namespace bot::slack {

/// What the calls of one section share. Slack's limits (https://docs.slack.dev/apis/web-api/rate-limits): one
/// message a second and channel and some hundred a minute in all; chat.update is of tier 3, 50 a minute in
/// all. What shows progress leaves room for what shows results, and drafts leave most of it: each that was
/// posted costs one edit more, the answer's. Thread rule: any thread.
struct RateLimits {
  shared::RateLimiter posts{{std::chrono::milliseconds(1'000), 3}, {std::chrono::milliseconds(200), 20}};
  shared::RateLimiter edits{{std::chrono::milliseconds(1'500), 2}, {std::chrono::milliseconds(1'200), 10}};
  shared::RateLimiter drafts{{std::chrono::milliseconds(1'500), 1}, {std::chrono::milliseconds(2'000), 3}};
  shared::RateLimiter progress{{std::chrono::milliseconds(1'500), 1}, {std::chrono::milliseconds(1'500), 5}};
};

/// What a section block holds; a text without buttons could be longer, but may get some by an edit.
inline constexpr std::size_t kPartLimit = 3'000;

/// What a message carries so that the history tells which it is.
nlohmann::json metadata_of(const std::string& key);

/// The parts of one outgoing call, for deliver_parts(). A message carries its key as metadata, by which the
/// history tells what became of it. Where the app is not in the channel, the ticket (a response_url) answers
/// instead, visible to that person alone. `steps` keeps the ids of files that are on their way.
std::unique_ptr<chat::PartCalls> make_calls(const WebApi& api, RateLimits& pace, chat::PartSteps steps,
                                            const store::OutgoingCall& call, base::Timestamp now,
                                            std::stop_token stop);

}  // namespace bot::slack
