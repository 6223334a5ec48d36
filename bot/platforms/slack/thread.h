#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "bot/chat/capabilities.h"
#include "bot/chat/incoming_message.h"
#include "bot/platforms/slack/web_api.h"

namespace bot::slack {

/// What was said in a thread before the message `ts`, the oldest first and of a long one the end. `name_of`
/// gives a person's name. Throws what the calls throw.
std::vector<chat::Quotation> thread_before(const WebApi& api, const chat::ChatAddress& thread,
                                           const std::string& ts, const chat::ReadsThreads::IsKnown& is_known,
                                           const std::string& bot_user,
                                           const std::function<std::string(const std::string& user)>& name_of,
                                           std::stop_token stop);

/// The text with names for the ids of people in it: "@Carla" for "@UCARLA". Ids that `name_of` does not know
/// stay.
std::string with_names(const std::string& text,
                       const std::function<std::string(const std::string& user)>& name_of);

}  // namespace bot::slack
