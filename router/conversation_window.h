#pragma once

#include <map>
#include <string>
#include <vector>

#include "llm/chat_model.h"
#include "store/conversations.h"
#include "store/people.h"

namespace router {

/// The newest part of a conversation that fits `max_bytes` (about four bytes a token), as the model takes it:
/// it begins with a user, roles alternate, nothing is empty. The last message is always in it, shortened in
/// its middle where it alone is too long. Where several people write, each text begins with its author's
/// name. The pictures of a message stand behind its text; they do not count.
using Pictures = std::map<store::MessageId, std::vector<llm::Image>>;
std::vector<llm::ChatMessage> conversation_window(std::vector<store::Message> messages, store::People& people,
                                                  std::size_t max_bytes, const Pictures& pictures = {});

}  // namespace router
