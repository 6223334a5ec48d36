#pragma once

#include <initializer_list>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "llm/chat_model.h"

namespace llm {

/// What we write ourselves of a message and of a call; all other members are the provider's own.
inline const std::initializer_list<std::string_view> kOpenAiMessageMembers = {"role", "content", "tool_calls",
                                                                              "refusal", "function_call"};
inline const std::initializer_list<std::string_view> kOpenAiCallMembers = {"index", "id", "type", "function"};

/// The body of the request. The guide comes first, so that servers that cache prefixes find it again. What
/// the assistant said in this turn goes back as it was received. `left_out` are members that the server
/// refuses, at the top, in messages or in calls; without "max_tokens" the limit has its newer name,
/// "max_completion_tokens", and without "tools" they and their calls stand in the text. Throws AttemptError
/// for a tool whose schema is no object.
std::string openai_compatible_request(const ChatRequest& request, const std::string& model,
                                      const std::set<std::string>& left_out = {});

/// The members that this request could do without, in the order in which a complaint is read.
std::vector<std::string> openai_optional_members(const ChatRequest& request);

}  // namespace llm
