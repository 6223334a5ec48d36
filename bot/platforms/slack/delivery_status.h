#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "bot/chat/incoming_message.h"
#include "bot/chat/message_parts.h"
#include "bot/platforms/slack/calls.h"
#include "bot/platforms/slack/web_api.h"

namespace bot::slack {

/// Before the id of a file that shows a part; the id of a message is its time.
inline constexpr std::string_view kFile = "file:";

/// An upload that was begun, as PartSteps keep it.
struct Upload {
  std::string file_id = {};     ///< empty until Slack is asked to share it, so that nothing can be shown
  base::Timestamp shared = {};  ///< when Slack was asked last

  std::string step() const;
  /// Nothing where the step is empty or none of ours.
  static std::optional<Upload> of(const std::string& step);
};

/// A part that was sent without an answer.
struct Attempt {
  const chat::ChatAddress& target;
  const std::string& answers;  ///< the message that the call answers, where it answers one
  const chat::MessagePart& part;
  const std::string& key;
  std::string step;           ///< of the upload of a file
  base::Timestamp attempted;  ///< the first time
};

/// What became of it: a message is told by its metadata in the history; a file by its id there or by
/// files.info, or, where no step tells the id, by the bot's own message with a file of that name. Throws
/// base::TransientError where it is too early to tell, and as WebApi where access is refused.
chat::PartCalls::DeliveryStatus delivery_status(const WebApi& api, const Attempt& attempt,
                                                base::Timestamp now, std::stop_token stop);

}  // namespace bot::slack
