#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "llm/chat_model.h"

namespace llm {

/// How an adapter is reached. Each adapter documents what it needs of this.
struct Endpoint {
  std::string provider;  ///< a name from providers()
  std::string model;
  std::string base_url;
  std::string api_key;  ///< may be empty for local servers
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds silence{60'000};    ///< the longest wait for the next byte
  std::chrono::milliseconds deadline{120'000};  ///< for complete() as a whole, retries included
  int max_attempts = 4;
  std::chrono::milliseconds first_backoff{500};  ///< doubles with each attempt, with jitter
};

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
