#pragma once

#include <memory>
#include <string>
#include <vector>

#include "llm/chat_model.h"
#include "llm/endpoint.h"

namespace llm {

/// The adapter for `endpoint.provider`; an empty `base_url` stands for default_base_url(). From now on the
/// key never appears in the log. Throws base::ConfigError for an unknown provider, no model, a base URL that
/// is none or carries credentials, and a key that no header can carry.
std::unique_ptr<ChatModel> make_chat_model(const Endpoint& endpoint);

/// The providers that make_chat_model() knows.
std::vector<std::string> providers();

/// Where the provider is reached when nothing else is configured; empty for "demo", which runs at no fixed
/// address. Throws base::ConfigError for an unknown provider.
std::string default_base_url(const std::string& provider);

}  // namespace llm
