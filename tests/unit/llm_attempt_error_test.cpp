#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/log.h"
#include "base/utf8.h"
#include "llm/attempt_error.h"
#include "tests/support/models/model_dialects.h"

namespace {

using llm::Repeat;
using Kind = llm::ModelError::Kind;

TEST_CASE("each status of a model's server has its meaning") {
  struct Row {
    int status;
    Kind kind;
    Repeat repeat;
  };
  const Row rows[] = {{301, Kind::misconfigured, Repeat::never}, {400, Kind::misconfigured, Repeat::never},
                      {401, Kind::unauthorized, Repeat::never},  {402, Kind::out_of_credit, Repeat::never},
                      {403, Kind::unauthorized, Repeat::never},  {404, Kind::misconfigured, Repeat::never},
                      {405, Kind::misconfigured, Repeat::never}, {408, Kind::unreachable, Repeat::often},
                      {413, Kind::too_long, Repeat::never},      {422, Kind::misconfigured, Repeat::never},
                      {429, Kind::overloaded, Repeat::often},    {500, Kind::overloaded, Repeat::often},
                      {502, Kind::overloaded, Repeat::often},    {503, Kind::overloaded, Repeat::often},
                      {529, Kind::overloaded, Repeat::often}};
  for (const auto& row : rows) {
    CAPTURE(row.status);
    const auto error = llm::refused(support::status(row.status, R"({"error":{"message":"because"}})"));
    CHECK(error.kind == row.kind);
    CHECK(error.repeat == row.repeat);
    CHECK(std::string(error.what()).find("status " + std::to_string(row.status)) == 0);
  }
}

TEST_CASE("what a provider says outweighs its status where it is about credit or length") {
  struct Row {
    int status;
    const char* body;
    Kind kind;
  };
  const Row rows[] = {
      {400,
       R"({"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the Anthropic API."}})",
       Kind::out_of_credit},
      {429,
       R"({"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":"insufficient_quota"}})",
       Kind::out_of_credit},
      {400,
       R"({"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 210000 tokens > 200000 maximum"}})",
       Kind::too_long},
      {400,
       R"({"error":{"message":"This model's maximum context length is 8192 tokens.","code":"context_length_exceeded"}})",
       Kind::too_long},
      {400,
       R"({"object":"error","message":"This model's maximum context length is 4096 tokens.","code":400})",
       Kind::too_long},
      {400,
       R"({"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error"}})",
       Kind::too_long},
      {404, R"({"error":{"message":"the maximum context is not the matter here"}})", Kind::misconfigured}};
  for (const auto& row : rows) {
    CAPTURE(row.body);
    const auto error = llm::refused(support::status(row.status, row.body));
    CHECK(error.kind == row.kind);
    CHECK(error.repeat == Repeat::never);
  }
}

TEST_CASE("a filter's refusal is told from a wrong set-up") {
  for (
      const char* body :
      {R"({"error":{"message":"The response was filtered due to the prompt triggering Azure OpenAI's content management policy.","code":"content_filter"}})",
       R"({"type":"error","error":{"type":"invalid_request_error","message":"Output blocked by content filtering policy"}})",
       R"({"error":{"message":"Content Exists Risk"}})"}) {
    CAPTURE(body);
    for (const int status : {400, 403, 422}) {
      const auto error = llm::refused(support::status(status, body));
      CHECK(error.kind == Kind::refused);
      CHECK(error.repeat == Repeat::never);
    }
    CHECK(llm::refused(support::status(500, body)).kind == Kind::overloaded);
  }
  CHECK(llm::refused_inside(nlohmann::json{{"message", "no"}, {"code", "content_filter"}}).kind ==
        Kind::refused);
}

TEST_CASE("an error carries the provider's own words in any of the usual shapes") {
  const auto what = [](int status, const char* body) {
    return std::string(llm::refused(support::status(status, body)).what());
  };
  CHECK(what(404, R"({"type":"error","error":{"type":"not_found_error","message":"model: x"}})") ==
        "status 404, not_found_error: model: x");
  CHECK(what(404, R"({"error":"model 'x' not found"})") == "status 404: model 'x' not found");
  CHECK(what(400, R"([{"error":{"code":400,"message":"bad"}}])") == "status 400: bad");
  CHECK(what(422, R"({"detail":"no such field"})") == "status 422: no such field");
  CHECK(what(500, "") == "status 500: no explanation");
  CHECK(what(502, "<html><body>Bad Gateway</body></html>") == "status 502: a web page");
  CHECK(what(503, "upstream\r\n  is down\n") == "status 503: upstream   is down");
  CHECK(what(400, R"({"error":null,"message":"odd"})") == "status 400: odd");
  CHECK(what(400, "[]") == "status 400: []");
  CHECK(what(400, R"({"error":{"type":7}})") == R"(status 400: {"type":7})");
}

TEST_CASE("an error text is one line of at most 300 bytes without control characters") {
  const auto error = llm::refused(support::status(400, "line\none\x01 " + std::string(1000, 'x') + "\xFF"));
  const std::string what = error.what();
  CHECK(what.size() <= 300);
  CHECK(base::is_utf8(what));
  CHECK(what.find_first_of("\n\r\x01") == std::string::npos);
}

TEST_CASE("a key is taken out of an error text before the text is cut") {
  base::redact("sk-test-0123456789abcdef");
  const auto error = llm::refused(support::status(401, std::string(270, 'x') + " sk-test-0123456789abcdef"));
  CHECK(std::string(error.what()).find("sk-test") == std::string::npos);
}

TEST_CASE("an error inside a stream means what its type would mean as a status") {
  const auto kind = [](const char* text) { return llm::refused_inside(nlohmann::json::parse(text)).kind; };
  CHECK(kind(R"({"type":"overloaded_error","message":"Overloaded"})") == Kind::overloaded);
  CHECK(kind(R"({"type":"api_error","message":"Internal server error"})") == Kind::overloaded);
  CHECK(kind(R"({"type":"rate_limit_error","message":"slow down"})") == Kind::overloaded);
  CHECK(kind(R"({"type":"authentication_error","message":"no"})") == Kind::unauthorized);
  CHECK(kind(R"({"type":"invalid_request_error","message":"prompt is too long"})") == Kind::too_long);
  CHECK(kind(R"({"type":"invalid_request_error","code":"context_length_exceeded","message":"x"})") ==
        Kind::too_long);
  CHECK(kind(R"({"code":402,"message":"no credits"})") == Kind::out_of_credit);
  CHECK(kind(R"({"code":"rate_limit_exceeded","message":"slow"})") == Kind::overloaded);
  CHECK(kind(R"("the server gave up")") == Kind::overloaded);
}

TEST_CASE("a response that is too large is not asked for again") {
  const auto error = llm::not_answered({base::HttpError::Kind::too_large, "too large"});
  CHECK(error.kind == Kind::malformed);
  CHECK(error.repeat == Repeat::never);
  CHECK(llm::not_answered({base::HttpError::Kind::connect, "no"}).repeat == Repeat::often);
}

}  // namespace
