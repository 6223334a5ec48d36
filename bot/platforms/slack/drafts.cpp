#include "bot/platforms/slack/drafts.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "bot/chat/errors.h"
#include "bot/chat/message_parts.h"
#include "bot/platforms/slack/markup.h"

namespace bot::slack {
namespace {

/// A draft waits until what is said for good could be said at once, and once more.
void take_turn(RateLimits& pace, const std::string& channel, bool posts, base::Timestamp now) {
  auto& limit = posts ? pace.posts : pace.edits;
  const auto at = std::max(limit.ready_at(channel, now, {kDraftPace, 1}), pace.drafts.ready_at(channel, now));
  if (at > now) {
    throw chat::RateLimited(at);
  }
  limit.take(channel, now);
  pace.drafts.take(channel, now);
}

}  // namespace

std::string show_draft(const WebApi& api, RateLimits& pace, const chat::Draft& draft, const std::string& text,
                       const std::string& external_id, base::Timestamp now, std::stop_token stop) {
  const auto target = chat::ChatAddress::parse(draft.chat_id);
  take_turn(pace, target.chat, external_id.empty(), now);
  // With each change as well: by it the history tells after a crash which message it is.
  nlohmann::json message = {{"channel", target.chat},
                            {"text", chat::draft_text(text, dialect(), kPartLimit)},
                            {"metadata", metadata_of(draft.key)}};
  if (!external_id.empty()) {
    message["ts"] = external_id;
    message["parse"] = "none";
    api.call("chat.update", message, std::move(stop));
    return external_id;
  }
  if (!target.thread.empty()) {
    message["thread_ts"] = target.thread;
  }
  message["unfurl_links"] = message["unfurl_media"] = false;
  auto ts = base::json_string(api.call("chat.postMessage", message, std::move(stop)), "ts").value_or("");
  if (ts.empty()) {
    throw base::TransientError("Slack did not say which message it posted");
  }
  return ts;
}

}  // namespace bot::slack
