#include <string>

#include <doctest/doctest.h>

#include "base/error.h"
#include "base/log.h"
#include "llm/chat_models.h"

namespace {

llm::Endpoint endpoint(std::string provider, std::string base_url = "http://127.0.0.1:1",
                       std::string key = "") {
  llm::Endpoint made;
  made.provider = std::move(provider);
  made.model = "model-x";
  made.base_url = std::move(base_url);
  made.api_key = std::move(key);
  return made;
}

std::string refusal(const llm::Endpoint& of) {
  try {
    llm::make_chat_model(of);
  } catch (const base::ConfigError& error) {
    return error.what();
  }
  return "";
}

TEST_CASE("every provider in the table makes a model that says what it is") {
  for (const auto& provider : llm::providers()) {
    const auto model = llm::make_chat_model(endpoint(provider));
    CHECK(model->provider() == provider);
    CHECK(model->model() == "model-x");
  }
}

TEST_CASE("an unknown provider is refused with the nearest name") {
  CHECK(refusal(endpoint("antropic")) ==
        "there is no model provider \"antropic\" (did you mean \"anthropic\"?); valid: anthropic, openai, "
        "demo");
  CHECK(refusal(endpoint("zzz")).find("did you mean") == std::string::npos);
  CHECK_THROWS_AS(llm::default_base_url("zzz"), base::ConfigError);
}

TEST_CASE("an empty base URL stands for the provider's own") {
  CHECK(llm::default_base_url("anthropic") == "https://api.anthropic.com");
  CHECK(llm::default_base_url("openai") == "https://api.openai.com/v1");
  CHECK(refusal(endpoint("anthropic", "")) == "");
  CHECK(refusal(endpoint("demo", "")) == "the model provider \"demo\" needs a base URL");
}

TEST_CASE("a base URL that is none is refused without repeating its password") {
  for (const auto* url :
       {"127.0.0.1:1", "ftp://h", "file:///etc/passwd", "http://", "http:///v1", "http://h/v1?x=1",
        "http://h /v1", "http://h\r\nX: y", "http://user:hunter22@h/v1"}) {
    CAPTURE(url);
    const auto text = refusal(endpoint("openai", url));
    CHECK_FALSE(text.empty());
    CHECK(text.find("hunter22") == std::string::npos);
  }
}

TEST_CASE("a key that no header can carry and an empty model are refused") {
  const auto text = refusal(endpoint("anthropic", "http://h", "sk-secret\n"));
  CHECK_FALSE(text.empty());
  CHECK(text.find("sk-secret") == std::string::npos);
  auto nameless = endpoint("anthropic");
  nameless.model.clear();
  CHECK(refusal(nameless) == "the model provider \"anthropic\" needs the name of a model");
}

TEST_CASE("the key of a model never appears in the log from the moment the model is made") {
  llm::make_chat_model(endpoint("openai", "http://h", "sk-chat-models-test"));
  CHECK(base::redacted("Bearer sk-chat-models-test") == "Bearer [secret]");
}

}  // namespace
