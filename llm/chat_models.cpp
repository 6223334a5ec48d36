#include "llm/chat_models.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/error.h"
#include "base/http_address.h"
#include "base/log.h"
#include "base/nearest.h"
#include "llm/anthropic.h"
#include "llm/openai_compatible.h"

namespace llm {
namespace {

struct Provider {
  const char* name;
  std::unique_ptr<ChatModel> (*make)(const Endpoint&);
  const char* base_url;  ///< empty: there is no usual one
};

constexpr Provider kProviders[] = {{"anthropic", make_anthropic, "https://api.anthropic.com"},
                                   {"openai", make_openai_compatible, "https://api.openai.com/v1"},
                                   // The demo model is a server of ours that speaks Anthropic's protocol.
                                   {"demo", make_anthropic, ""}};

const Provider& provider_named(const std::string& name) {
  for (const auto& provider : kProviders) {
    if (name == provider.name) {
      return provider;
    }
  }
  const auto meant = base::nearest(name, providers());
  throw base::ConfigError(fmt::format("there is no model provider \"{}\"{}; valid: {}", name,
                                      meant ? fmt::format(" (did you mean \"{}\"?)", *meant) : "",
                                      fmt::join(providers(), ", ")));
}

/// The address is not repeated in the errors: it may hold a password.
void check_base_url(const std::string& url) {
  if (const auto problem = base::address_problem(url)) {
    throw base::ConfigError("the base URL of the model " + *problem);
  }
  if (url.find_first_of("?#") != std::string::npos) {
    throw base::ConfigError("the base URL of the model must have no query and no fragment");
  }
}

void check_key(const std::string& key) {
  if (std::any_of(key.begin(), key.end(), [](unsigned char c) { return c <= ' ' || c >= 0x7F; })) {
    throw base::ConfigError("the key of the model must have no white space and only ASCII characters");
  }
}

}  // namespace

std::unique_ptr<ChatModel> make_chat_model(const Endpoint& endpoint) {
  const auto& provider = provider_named(endpoint.provider);
  auto checked = endpoint;
  if (checked.base_url.empty()) {
    checked.base_url = provider.base_url;
  }
  if (checked.base_url.empty()) {
    throw base::ConfigError(fmt::format("the model provider \"{}\" needs a base URL", provider.name));
  }
  check_base_url(checked.base_url);
  check_key(checked.api_key);
  if (checked.model.empty()) {
    throw base::ConfigError(
        fmt::format("the model provider \"{}\" needs the name of a model", provider.name));
  }
  base::redact(checked.api_key);
  return provider.make(checked);
}

std::vector<std::string> providers() {
  std::vector<std::string> names;
  for (const auto& provider : kProviders) {
    names.emplace_back(provider.name);
  }
  return names;
}

std::string default_base_url(const std::string& provider) {
  return provider_named(provider).base_url;
}

}  // namespace llm
