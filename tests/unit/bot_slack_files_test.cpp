// Files that people attach on Slack, and whom the token is shown to.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "bot/platforms/slack/web_api.h"
#include "tests/support/chat_services/capabilities.h"
#include "tests/support/chat_services/slack_fixture.h"

namespace {

using nlohmann::json;
using Fixture = support::SlackFixture;

std::string fetched(const bot::chat::Platform& platform, const std::string& handle,
                    std::uint64_t most = 1'000'000) {
  std::string bytes;
  support::as<bot::chat::FetchesFiles>(platform).fetch(handle, most,
                                                       [&](std::string_view part) { bytes += part; }, {});
  return bytes;
}

std::string handle(const json& file) {
  return base::dump_json({{"url", file.at("url_private_download")}, {"type", file.at("mimetype")}});
}

TEST_CASE_FIXTURE(Fixture, "a file is fetched with the token, whole, and no larger than asked") {
  for (const std::size_t size : {0, 1, 255, 256, 257, 300'000}) {
    CAPTURE(size);
    const std::string content(size, 'x');
    CHECK(fetched(*platform, handle(slack.keep_file("a.txt", content, "text/plain"))) == content);
  }
  const auto page = slack.keep_file("page.html", "<!DOCTYPE html><p>mine", "text/html");
  CHECK(fetched(*platform, handle(page)) == "<!DOCTYPE html><p>mine");
  CHECK_THROWS_AS(
      fetched(*platform, handle(slack.keep_file("a.txt", std::string(5'000, 'x'), "text/plain")), 4'999),
      base::PermanentError);
}

TEST_CASE_FIXTURE(Fixture, "of a file that Slack told only the id of, the address is asked for") {
  const auto file = slack.keep_file("a.txt", "from another workspace", "text/plain");
  const auto by_id = base::dump_json({{"id", file.at("id")}, {"type", "text/plain"}});
  CHECK(fetched(*platform, by_id) == "from another workspace");
  CHECK_THROWS_WITH_AS(fetched(*platform, R"({"id":"F404"})"), doctest::Contains("file_not_found"),
                       base::PermanentError);
}

TEST_CASE_FIXTURE(Fixture, "Slack's page to log in is not taken for the file") {
  const auto file = slack.keep_file("a.txt", "secret plans", "text/plain");
  const auto stranger = make(slack.url() + "/api", "xoxb-of-somebody-else");
  CHECK_THROWS_WITH_AS(fetched(*stranger, handle(file)), doctest::Contains("files:read"),
                       base::PermanentError);
}

TEST_CASE_FIXTURE(Fixture, "the token goes to Slack's own hosts and to no other") {
  const auto calls_before = slack.calls().size();
  for (const char* url :
       {"https://evil.example/x", "https://slack.com.evil.example/x", "https://evilslack.com/x",
        "http://files.slack.com/x", "https://user@files.slack.com/x", "https://files.slack.com:8443/x",
        "https://127.0.0.1/x", "http://[::1]/x", "file:///etc/passwd", "", "https:\\\\files.slack.com",
        "https://evil.example\\.slack.com/"}) {
    CAPTURE(std::string(url));
    CHECK_THROWS_WITH_AS(fetched(*platform, base::dump_json({{"url", url}})),
                         doctest::Contains("Slack itself"), base::PermanentError);
  }
  for (const char* bad : {"", "x", "[]", "null", "{\"url\":7}"}) {
    CHECK_THROWS_AS(fetched(*platform, bad), base::PermanentError);
  }
  CHECK(slack.calls().size() == calls_before);
}

TEST_CASE("the token goes to Slack and to where the API is, by the same protocol") {
  const bot::slack::WebApi usual("https://slack.com/api", "t");
  CHECK(usual.is_own_host("https://files.slack.com/files-pri/T1-F1/download/a.txt"));
  CHECK(usual.is_own_host("HTTPS://slack.com/x"));
  CHECK_FALSE(usual.is_own_host("http://slack.com/x"));
  CHECK_FALSE(usual.is_own_host("http://127.0.0.1:4711/x"));
  const bot::slack::WebApi local("http://127.0.0.1:4711/api", "t");
  CHECK(local.is_own_host("http://127.0.0.1:4711/files/F1"));
  CHECK_FALSE(local.is_own_host("http://127.0.0.1:4712/files/F1"));
  CHECK_FALSE(local.is_own_host("https://127.0.0.1:4711/files/F1"));
}

}  // namespace
