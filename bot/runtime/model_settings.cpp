#include "bot/runtime/model_settings.h"

#include <cstdlib>

#include <fmt/format.h>

#include "base/log.h"
#include "bot/runtime/settings.h"
#include "config/unread_secrets.h"
#include "dispatch/task/token_price.h"
#include "llm/chat_models.h"

namespace bot::runtime {

bool is_at_anthropic(const ModelSettings& model) {
  return model.provider == "anthropic" && model.base_url == llm::default_base_url(model.provider);
}

ModelSettings read_model(config::Section& section, const std::vector<std::string>& providers) {
  ModelSettings s;
  s.provider = section.one_of("provider", "anthropic", providers);
  s.model = section.string("model", s.provider == "openai" ? "" : "claude-haiku-4-5");
  s.base_url = section.string("base_url", llm::default_base_url(s.provider));
  const auto key = section.optional_secret("api_key");
  const bool anthropic = s.provider == "anthropic";
  // Who else serves a model asks for what they like, or nothing.
  const auto listed = anthropic ? dispatch::price_of(s.model) : dispatch::TokenPrice{};
  s.has_price = s.provider == "demo" || listed.output > 0 ||
                (section.has("usd_per_million_input") && section.has("usd_per_million_output"));
  const auto usual = anthropic && !s.has_price ? dispatch::price_of("claude-haiku-4-5") : listed;
  s.usd_per_million_input = section.number("usd_per_million_input", usual.input, 0, 1e6);
  s.usd_per_million_output = section.number("usd_per_million_output", usual.output, 0, 1e6);
  s.max_answer_bytes = static_cast<std::size_t>(
      section.integer("max_answer_bytes", static_cast<std::int64_t>(s.max_answer_bytes), 100, 1 << 20));
  const bool takes_images = section.boolean("images", true);
  if (section.has("images")) {
    s.images = takes_images ? llm::Endpoint::Images::taken : llm::Endpoint::Images::none;
  }
  if (s.model.empty()) {
    section.fail("model", "is missing");
  }
  if (s.base_url != llm::default_base_url(s.provider) && !s.base_url.starts_with("http://") &&
      !s.base_url.starts_with("https://")) {
    section.fail("base_url", "must start with http:// or https://");
  }
  if (key) {
    s.api_key = *key;
  } else if (is_at_anthropic(s)) {  // its key is not sent to another address by itself
    const char* const given = std::getenv("ANTHROPIC_API_KEY");
    s.api_key = given == nullptr ? "" : given;
    base::redact(s.api_key);
  }
  return s;
}

ModelSettings read_fallback(config::Section section) {
  auto model = read_model(section, {"anthropic", "openai"});
  section.finish();
  if (is_at_anthropic(model) && model.api_key.empty() && !config::UnreadSecrets::in_force()) {
    section.fail("api_key", "is missing; write \"env:NAME\" or \"file:PATH\"");
  }
  return model;
}

std::vector<ModelSettings> models_of(const SecretarySettings& secretary) {
  std::vector<ModelSettings> models;
  if (!secretary.demo) {
    models.push_back(secretary);
    models.insert(models.end(), secretary.fallback.begin(), secretary.fallback.end());
  }
  return models;
}

std::string no_price_warning(const ModelSettings& model) {
  const double in = model.usd_per_million_input, out = model.usd_per_million_output;
  if (in + out > 0) {
    return fmt::format(
        "secretary: the price of {} is not known, so ${} in and ${} out per million tokens are counted; set "
        "usd_per_million_input and usd_per_million_output",
        model.model, in, out);
  }
  return fmt::format(
      "secretary: {} has no price, so its answers are counted as free: no budget notices them, and `frontdesk log "
      "savings` leaves them out; set usd_per_million_input and usd_per_million_output, to 0 if it is free",
      model.model);
}

}  // namespace bot::runtime
