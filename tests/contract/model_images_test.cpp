// What every adapter does with pictures, and with servers that take none.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "llm/chat_models.h"
#include "tests/support/models/model_dialects.h"
#include "tests/support/models/model_fakes.h"
#include "tests/support/text.h"

TYPE_TO_STRING_AS("anthropic", support::AnthropicDialect);
TYPE_TO_STRING_AS("openai", support::OpenAiDialect);

namespace {

using support::AnthropicDialect;
using support::contains;
using support::OpenAiDialect;
using support::ScriptedModel;
using Images = llm::Endpoint::Images;

const std::string kBase64 = "/9j/" + std::string(400, 'A') + "==";

llm::ChatRequest with_picture() {
  llm::ChatRequest request;
  request.messages = {{llm::Role::user,
                       {llm::Text{"what does this say?"},
                        llm::Image{"shot.png", 1500, 1000, std::make_shared<const std::string>(kBase64)}}}};
  return request;
}

llm::Endpoint endpoint(const char* provider, const std::string& url, Images images = Images::tried) {
  llm::Endpoint made;
  made.provider = provider;
  made.model = "model-x";
  made.base_url = url;
  made.api_key = "key-0123456789";
  made.first_backoff = std::chrono::milliseconds(1);
  made.images = images;
  return made;
}

template <typename Dialect>
base::HttpResponse answer(const std::string& text) {
  return support::event_stream(Dialect::stream(text));
}

bool has_picture(const base::HttpRequest& request) {
  return contains(request.body, kBase64);
}

/// Status and body with which servers say that they, or their model, take no pictures.
struct Refusal {
  int status;
  std::string body;
};
const std::vector<Refusal> kRefusals = {
    {400,
     R"({"error":{"message":"Invalid content type. image_url is only supported by certain models.","type":"invalid_request_error"}})"},
    {404, R"({"error":{"message":"No endpoints found that support image input","code":404}})"},
    {500,
     R"({"error":{"code":500,"message":"image input is not supported - hint: if this is unexpected, you may need to provide the mmproj","type":"server_error"}})"},
    {500,
     R"({"error":{"code":500,"message":"Failed to parse messages: Unsupported content part type: \"image_url\""}})"},
    {400, R"({"error":{"message":"this model does not support image input","type":"api_error"}})"},
    {400, R"({"object":"error","message":"model-x is not a multimodal model","code":400})"},
    {400, R"({"error":{"message":"At most 0 image(s) may be provided in one request."}})"},
    {422,
     "Failed to deserialize the JSON body into the target type: messages[0]: invalid type: sequence, expected a string"},
    {400,
     R"({"error":{"message":"Failed to deserialize the JSON body into the target type: messages[1]: unknown variant `image_url`, expected `text`"}})"},
    {400, R"({"error":{"message":"messages[0].content must be a string"}})"},
    {400,
     R"({"type":"error","error":{"type":"invalid_request_error","message":"model-x does not support images"}})"},
    {422, R"({"detail":[{"type":"literal_error","loc":["messages",0],"msg":"Input should be 'text'"}]})"}};

}  // namespace

TEST_CASE_TEMPLATE("a picture goes with the words, in the provider's form", Dialect, AnthropicDialect,
                   OpenAiDialect) {
  const ScriptedModel server({answer<Dialect>("It says stop.")});
  const auto completion =
      llm::make_chat_model(endpoint(Dialect::kProvider, server.url()))->complete(with_picture(), {});
  CHECK(completion.text == "It says stop.");
  CHECK_FALSE(completion.without_images);
  const auto content = nlohmann::json::parse(server.requests().at(0).body)["messages"].back()["content"];
  REQUIRE(content.size() == 2);
  CHECK(content[0] == nlohmann::json{{"type", "text"}, {"text", "what does this say?"}});
  if (std::string(Dialect::kProvider) == "anthropic") {
    CHECK(content[1] ==
          nlohmann::json{{"type", "image"},
                         {"source", {{"type", "base64"}, {"media_type", "image/jpeg"}, {"data", kBase64}}}});
  } else {
    CHECK(content[1] == nlohmann::json{{"type", "image_url"},
                                       {"image_url", {{"url", "data:image/jpeg;base64," + kBase64}}}});
  }
}

TEST_CASE_TEMPLATE("a server that takes no pictures answers the words, and gets none from then on", Dialect,
                   AnthropicDialect, OpenAiDialect) {
  for (const auto& refusal : kRefusals) {
    CAPTURE(refusal.body);
    const ScriptedModel server({support::status(refusal.status, refusal.body), answer<Dialect>("I see none."),
                                answer<Dialect>("None here.")});
    const auto model = llm::make_chat_model(endpoint(Dialect::kProvider, server.url()));
    const auto first = model->complete(with_picture(), {});
    CHECK(first.text == "I see none.");
    CHECK(first.without_images);
    CHECK(model->complete(with_picture(), {}).without_images);
    const auto requests = server.requests();
    REQUIRE(requests.size() == 3);
    CHECK(has_picture(requests[0]));
    CHECK_FALSE(has_picture(requests[1]));
    CHECK(contains(requests[1].body, "which you cannot see"));
    CHECK_FALSE(has_picture(requests[2]));
  }
}

TEST_CASE_TEMPLATE("one picture that a server does not take says nothing of the next", Dialect,
                   AnthropicDialect, OpenAiDialect) {
  for (const auto& refusal : std::vector<Refusal>{
           {400, Dialect::error("invalid_request_error", "Could not process image")},
           {400, Dialect::error("invalid_request_error", "image exceeds 5 MB maximum")},
           {413, "<html>413 Request Entity Too Large</html>"},
           {400, Dialect::error("invalid_request_error", "prompt is too long: 9 tokens > 8 maximum")}}) {
    CAPTURE(refusal.body);
    const ScriptedModel server({support::status(refusal.status, refusal.body),
                                answer<Dialect>("Not that one."), answer<Dialect>("A cat.")});
    const auto model = llm::make_chat_model(endpoint(Dialect::kProvider, server.url()));
    CHECK(model->complete(with_picture(), {}).without_images);
    CHECK_FALSE(model->complete(with_picture(), {}).without_images);
    CHECK(has_picture(server.requests().at(2)));
  }
}

TEST_CASE_TEMPLATE("the configuration's word on pictures counts more than what a server said once", Dialect,
                   AnthropicDialect, OpenAiDialect) {
  const ScriptedModel none({answer<Dialect>("No eyes.")});
  CHECK(llm::make_chat_model(endpoint(Dialect::kProvider, none.url(), Images::none))
            ->complete(with_picture(), {})
            .without_images);
  CHECK_FALSE(has_picture(none.requests().at(0)));
  const ScriptedModel taken({support::status(kRefusals[0].status, kRefusals[0].body),
                             answer<Dialect>("Later."), answer<Dialect>("A dog.")});
  const auto model = llm::make_chat_model(endpoint(Dialect::kProvider, taken.url(), Images::taken));
  CHECK(model->complete(with_picture(), {}).without_images);
  CHECK_FALSE(model->complete(with_picture(), {}).without_images);
}

TEST_CASE_TEMPLATE("a refusal that has nothing to do with pictures stays what it is", Dialect,
                   AnthropicDialect, OpenAiDialect) {
  for (const int status : {401, 404, 402}) {
    CAPTURE(status);
    const ScriptedModel server(
        {support::status(status, Dialect::error("not_found_error", "model-x: no such model"))});
    CHECK_THROWS_AS(
        llm::make_chat_model(endpoint(Dialect::kProvider, server.url()))->complete(with_picture(), {}),
        llm::ModelError);
    CHECK(server.requests().size() == 1);
  }
}

TEST_CASE_TEMPLATE(
    "a picture that a server repeats stands in no error, and its bytes are no words to pay for", Dialect,
    AnthropicDialect, OpenAiDialect) {
  const ScriptedModel echo({support::status(
      400, Dialect::error("invalid_request_error", "bad: data:image/jpeg;base64," + kBase64))});
  try {
    llm::make_chat_model(endpoint(Dialect::kProvider, echo.url()))->complete(with_picture(), {});
    FAIL("it was taken");
  } catch (const llm::ModelError& error) {
    CHECK_FALSE(contains(error.what(), "AAAA"));
    CHECK(contains(error.what(), "bad: data:image/jpeg;base64,…"));
  }
  const ScriptedModel uncounted({support::status(200, Dialect::document("Fine."))});
  auto large = with_picture();
  std::get<llm::Image>(large.messages[0].content[1]).base64 =
      std::make_shared<const std::string>(400'000, 'A');
  const auto usage =
      llm::make_chat_model(endpoint(Dialect::kProvider, uncounted.url()))->complete(large, {}).usage;
  CHECK(usage.input < 3'000);
}
