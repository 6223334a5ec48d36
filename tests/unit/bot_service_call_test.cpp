#include <algorithm>

#include <doctest/doctest.h>

#include "base/error.h"
#include "base/form.h"
#include "bot/chat/platform.h"
#include "bot/platforms/shared/service_call.h"
#include "tests/support/loopback_server.h"
#include "tests/support/wait.h"

namespace {

using base::HttpRequest;
using base::HttpResponse;
using Server = support::LoopbackServer;

HttpResponse status(int code, const base::HttpFields& headers = {}) {
  HttpResponse response{code, "body", "text/plain", {}, {}};
  response.headers = headers;
  return response;
}

std::string fetched(const std::string& url, std::uint64_t most, std::stop_token stop = {}) {
  std::string all;
  bot::shared::fetch_file(
      url, {{"Authorization", "Bearer t"}}, most, [&](std::string_view bytes) { all += bytes; },
      std::move(stop));
  return all;
}

TEST_CASE("a text comes through a form as it was, whatever its bytes") {
  std::string bytes;
  for (int c = 0; c < 256; ++c) {
    bytes.push_back(static_cast<char>(c));
  }
  const auto encoded = base::url_encode(bytes);
  CHECK(encoded.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_.~%") ==
        std::string::npos);
  CHECK(base::form_field("a=1&text=" + encoded + "&b=2", "text") == bytes);
  CHECK(base::url_encode("a b&c=d/é") == "a%20b%26c%3Dd%2F%C3%A9");
  CHECK(base::url_encode("").empty());
}

TEST_CASE("a field of a form is found by its whole name, the first of them") {
  CHECK(base::form_field("a=1&ab=2&b=3", "ab") == "2");
  CHECK(base::form_field("a=1&a=2", "a") == "1");
  CHECK(base::form_field("a=1", "b").empty());
  CHECK(base::form_field("aa=1", "a").empty());
  CHECK(base::form_field("a&b=2", "a").empty());
  CHECK(base::form_field("&&a=1&", "a") == "1");
  CHECK(base::form_field("a=b=c", "a") == "b=c");
  CHECK(base::form_field("", "a").empty());
  const std::string parts =
      "--xYz\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\na&b=\r\nc\r\n"
      "--xYz\r\ncontent-disposition: form-data; filename=\"name\"; name=\"to\"\r\n\r\n/admin\r\n--xYz--\r\n";
  const auto of_parts = [&](const char* name) {
    return base::field_of_form("multipart/form-data; boundary=\"xYz\"", parts, name);
  };
  CHECK(of_parts("password") == "a&b=\r\nc");
  CHECK(of_parts("to") == "/admin");
  CHECK(of_parts("name") == "");
  CHECK(base::field_of_form("Multipart/Form-Data; charset=x; boundary=xYz", parts, "to") == "/admin");
  CHECK(base::field_of_form("multipart/form-data; boundary=xYz", parts.substr(0, 70), "password") == "");
  CHECK(base::field_of_form("application/x-www-form-urlencoded; charset=utf-8", "a=1", "a") == "1");
  CHECK(base::field_of_form("", "a=1", "a") == "1");
  for (const char* type :
       {"application/json", "text/plain", "multipart/form-data", "multipart/mixed; boundary=xYz"}) {
    CHECK_FALSE(base::field_of_form(type, parts, "to"));
  }
}

TEST_CASE("what is no escape in a form stands for itself") {
  CHECK(base::form_field("a=1+2%2B3", "a") == "1 2+3");
  CHECK(base::form_field("a=%41", "a") == "A");
  CHECK(base::form_field("a=%c3%A9", "a") == "é");
  CHECK(base::form_field("a=100%", "a") == "100%");
  CHECK(base::form_field("a=%4", "a") == "%4");
  CHECK(base::form_field("a=%zz%4g%%41", "a") == "%zz%4g%A");
  CHECK(base::form_field("a=%41&b", "a") == "A");
  CHECK(base::form_field("a=%00b", "a") == std::string("\0b", 2));
}

/// The parts of a multipart body, each with its head.
std::vector<std::pair<std::string, std::string>> parts_of(const base::HttpCall& call) {
  constexpr std::string_view kType = "multipart/form-data; boundary=";
  REQUIRE(call.content_type.starts_with(kType));
  const auto boundary = "--" + call.content_type.substr(kType.size());
  std::vector<std::pair<std::string, std::string>> parts;
  std::size_t at = 0;
  while (true) {
    REQUIRE(call.body.compare(at, boundary.size(), boundary) == 0);
    at += boundary.size();
    if (call.body.substr(at) == "--\r\n") {
      return parts;
    }
    const auto begin = call.body.find("\r\n\r\n", at);
    const auto end = call.body.find("\r\n" + boundary, begin);
    REQUIRE(end != std::string::npos);
    parts.emplace_back(call.body.substr(at + 2, begin - at - 2),
                       call.body.substr(begin + 4, end - begin - 4));
    at = end + 2;
  }
}

TEST_CASE("fields and files of a multipart form arrive with any content") {
  std::string bytes = "--frontdesk\r\n\r\n--\r\n";
  for (int c = 0; c < 256; ++c) {
    bytes.push_back(static_cast<char>(c));
  }
  base::HttpCall call;
  call.body = "left over";
  bot::shared::set_multipart(call, {{"chat_id", "-100"}, {"empty", ""}, {"document", bytes, "Grüße.txt"}});
  const auto parts = parts_of(call);
  REQUIRE(parts.size() == 3);
  CHECK(parts[0].first == "Content-Disposition: form-data; name=\"chat_id\"");
  CHECK(parts[0].second == "-100");
  CHECK(parts[1].second.empty());
  CHECK(parts[2].first ==
        "Content-Disposition: form-data; name=\"document\"; filename=\"Grüße.txt\"\r\n"
        "Content-Type: application/octet-stream");
  CHECK(parts[2].second == bytes);
}

TEST_CASE("the name of a file cannot add anything to a multipart form") {
  base::HttpCall call;
  bot::shared::set_multipart(call, {{"document", "x", "a\"; name=\"chat_id\r\n\r\n5\r\n--"}});
  const auto parts = parts_of(call);
  REQUIRE(parts.size() == 1);
  CHECK(parts[0].first.find("filename=\"a%22; name=%22chat_id%0D%0A%0D%0A5%0D%0A--\"") != std::string::npos);
  CHECK(parts[0].second == "x");
}

TEST_CASE("two forms have no boundary in common") {
  base::HttpCall first, second;
  bot::shared::set_multipart(first, {});
  bot::shared::set_multipart(second, {});
  CHECK(first.content_type != second.content_type);
}

TEST_CASE("the host of an address is what a call would go to, or nothing") {
  struct Row {
    const char* url;
    const char* host;
  };
  for (const auto& row : {Row{"https://e.org/x", "e.org"},
                          Row{"https://e.org", "e.org"},
                          Row{"HTTPS://E.Org:8443/X", "e.org:8443"},
                          Row{"http://127.0.0.1:80/", "127.0.0.1:80"},
                          Row{"http://[::1]:8080/x", "[::1]:8080"},
                          Row{"https://xn--bcher-kva.example/", "xn--bcher-kva.example"},
                          Row{"https://e.org/@evil.example", "e.org"},
                          Row{"https://e.org//evil.example", "e.org"},
                          Row{"https://user@e.org/", ""},
                          Row{"https://e.org@evil.example/", ""},
                          Row{"https://user:pass@e.org/", ""},
                          Row{"https://e.org\\@evil.example/", ""},
                          Row{"https://e.org\\.evil.example/", ""},
                          Row{"https:\\\\e.org/", ""},
                          Row{"https://e.org?@evil.example/", ""},
                          Row{"https://e.org#@evil.example/", ""},
                          Row{"https://e.org%2F@evil.example/", ""},
                          Row{"https://e%2eorg/", ""},
                          Row{"https://e.org\t/", ""},
                          Row{"https://e.org /", ""},
                          Row{"https://\r\ne.org/", ""},
                          Row{"https://e\xE3\x80\x82org/", ""},
                          Row{"https:///e.org/", ""},
                          Row{"https://", ""},
                          Row{"https://:443/", ""},
                          Row{"https:/e.org/", ""},
                          Row{"//e.org/", ""},
                          Row{"ftp://e.org/", ""},
                          Row{"file:///etc/passwd", ""},
                          Row{"javascript:https://e.org/", ""},
                          Row{" https://e.org/", ""},
                          Row{"e.org", ""},
                          Row{"", ""}}) {
    CAPTURE(std::string(row.url));
    CHECK(bot::shared::host_of(row.url) == row.host);
  }
  CHECK(bot::shared::host_of(std::string("https://e.org/\0", 15)) == "e.org");
  CHECK(bot::shared::host_of(std::string("https://e.org\0.evil.example/", 28)).empty());
}

TEST_CASE("a file is fetched with its headers, up to the limit") {
  std::string authorization;
  Server server([&](const HttpRequest& request) {
    authorization = request.headers.get("Authorization").value_or("");
    return HttpResponse{200, std::string(1'000, 'x'), "text/plain", {}, {}};
  });
  CHECK(fetched(server.url(), 1'000) == std::string(1'000, 'x'));
  CHECK(authorization == "Bearer t");
  CHECK_THROWS_AS(fetched(server.url(), 999), base::PermanentError);
}

TEST_CASE("a redirect is not followed, so that a token goes nowhere else") {
  Server elsewhere(status(200));
  for (const int code : {301, 302, 303, 307, 308}) {
    CAPTURE(code);
    Server server(status(code, {{"Location", elsewhere.url()}}));
    CHECK_THROWS_AS(fetched(server.url(), 1'000), base::PermanentError);
    CHECK(server.requests().size() == 1);
  }
  CHECK(elsewhere.requests().empty());
}

TEST_CASE("a status says whether fetching again may help") {
  for (const int code : {400, 401, 403, 404, 410, 418}) {
    CAPTURE(code);
    Server server(status(code));
    CHECK_THROWS_WITH_AS(fetched(server.url(), 1'000),
                         ("the service answered with status " + std::to_string(code)).c_str(),
                         base::PermanentError);
  }
  for (const int code : {408, 429, 500, 502, 503, 504}) {
    CAPTURE(code);
    Server server(status(code, {{"Retry-After", "7"}}));
    try {
      fetched(server.url(), 1'000);
      FAIL("it was fetched");
    } catch (const base::TransientError& e) {
      REQUIRE(e.retry_after);
      CHECK(*e.retry_after == std::chrono::seconds(7));
    }
  }
}

TEST_CASE("a service that is not reached was certainly not sent anything") {
  std::string url;
  { url = Server(status(200)).url(); }
  base::HttpCall call;
  call.url = url + "/x";
  CHECK_THROWS_AS(bot::shared::call_service(call, {}), bot::chat::NotSent);
  CHECK_THROWS_AS(fetched(url, 1'000), base::TransientError);
}

TEST_CASE("every status of a service is told as it is") {
  for (const int code : {200, 204, 302, 400, 429, 500}) {
    Server server(status(code));
    base::HttpCall call;
    call.url = server.url() + "/x";
    CHECK(bot::shared::call_service(call, {}).status == code);
  }
}

TEST_CASE("a call that is stopped is neither lost nor refused") {
  std::stop_source source;
  source.request_stop();
  Server server(status(200));
  base::HttpCall call;
  call.url = server.url() + "/x";
  CHECK_THROWS_AS(bot::shared::call_service(call, source.get_token()), base::Stopped);
  CHECK_THROWS_AS(fetched(server.url(), 1'000, source.get_token()), base::Stopped);
}

}  // namespace
