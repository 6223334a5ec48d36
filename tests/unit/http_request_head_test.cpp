#include "base/http_request_head.h"

#include <string>
#include <variant>
#include <vector>

#include <doctest/doctest.h>

namespace base {
namespace {

constexpr std::size_t kMaxBody = 1000;

std::variant<HttpRequestHead, HttpRefusal> parse(const std::string& head) {
  return parse_request_head(head, kMaxBody);
}

int status_of(const std::string& head) {
  const auto parsed = parse(head);
  const auto* refusal = std::get_if<HttpRefusal>(&parsed);
  return refusal != nullptr ? refusal->status : 0;
}

const std::string kHost = "Host: test\r\n";
const std::string kGet = "GET / HTTP/1.1\r\n";
const std::string kPost = "POST / HTTP/1.1\r\nHost: test\r\n";

struct Example {
  std::string head;
  int status;  ///< 0: taken
};

void check(const std::vector<Example>& examples) {
  for (const auto& example : examples) {
    CAPTURE(example.head);
    CHECK(status_of(example.head) == example.status);
  }
}

TEST_CASE("a request whose length is in doubt is refused") {
  check({
      {kPost + "Content-Length: 5\r\n", 0},
      {kPost + "content-length:5\r\n", 0},
      {kPost + "Content-Length: \t5 \t\r\n", 0},
      {kPost + "Content-Length: 005\r\n", 0},
      {kPost + "Content-Length: 0\r\n", 0},
      {kPost + "Content-Length: 5\r\nContent-Length: 6\r\n", 400},
      {kPost + "Content-Length: 5\r\nContent-Length: 5\r\n", 400},
      {kPost + "Content-Length: 5\r\ncontent-length: 5\r\n", 400},
      {kPost + "Content-Length: 5, 5\r\n", 400},
      {kPost + "Content-Length: 5,6\r\n", 400},
      {kPost + "Content-Length: +5\r\n", 400},
      {kPost + "Content-Length: -5\r\n", 400},
      {kPost + "Content-Length: 5x\r\n", 400},
      {kPost + "Content-Length: 0x5\r\n", 400},
      {kPost + "Content-Length: 5 5\r\n", 400},
      {kPost + "Content-Length: 5.0\r\n", 400},
      {kPost + "Content-Length: \"5\"\r\n", 400},
      {kPost + "Content-Length: 1e1\r\n", 400},
      {kPost + "Content-Length: \xd9\xa5\r\n", 400},
      {kPost + "Content-Length:\r\n", 400},
      {kPost + "Content-Length: 1001\r\n", 413},
      {kPost + "Content-Length: 18446744073709551616\r\n", 413},
      {kPost + "Content-Length: 99999999999999999999999999\r\n", 413},
      {kPost, 400},
      {kGet + kHost + "Content-Length: 5, 5\r\n", 400},
      {kGet + kHost + "Content-Length: -1\r\n", 400},
      {kPost + "Transfer-Encoding: chunked\r\n", 0},
      {kPost + "transfer-encoding:  Chunked\r\n", 0},
      {kPost + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", 400},
      {kPost + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", 400},
      {kPost + "Content-Length: 5\r\nTransfer-Encoding: identity\r\n", 400},
      {kPost + "Transfer-Encoding: gzip\r\n", 400},
      {kPost + "Transfer-Encoding: identity\r\n", 400},
      {kPost + "Transfer-Encoding: gzip, chunked\r\n", 400},
      {kPost + "Transfer-Encoding: chunked, chunked\r\n", 400},
      {kPost + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 400},
      {kPost + "Transfer-Encoding: xchunked\r\n", 400},
      {kPost + "Transfer-Encoding: chunked;q=1\r\n", 400},
      {kPost + "Transfer-Encoding: \"chunked\"\r\n", 400},
      {kPost + "Transfer-Encoding: \x0b"
               "chunked\r\n",
       400},
      {kPost + "Transfer-Encoding:\r\n", 400},
      {kPost + "Transfer_Encoding: chunked\r\n", 400},  // another field, and no length
      {"POST / HTTP/1.0\r\nHost: test\r\nTransfer-Encoding: chunked\r\n", 400},
      {kGet + kHost + "Transfer-Encoding: gzip\r\n", 400},
  });
}

TEST_CASE("a request whose host is in doubt is refused") {
  check({
      {kGet + kHost, 0},
      {kGet + "Host: a.example:8080\r\n", 0},
      {kGet + "Host: [::1]:8080\r\n", 0},
      {kGet + "Host: [::ffff:127.0.0.1]\r\n", 0},
      {kGet + "Host: a.example:\r\n", 0},
      {"GET / HTTP/1.0\r\n", 0},
      {kGet, 400},
      {kGet + "Host:\r\n", 400},
      {kGet + "Host: \r\n", 400},
      {kGet + "Host: a\r\nHost: b\r\n", 400},
      {kGet + "Host: a\r\nhost: a\r\n", 400},
      {"GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n", 400},
      {kGet + "Host: a, b\r\n", 400},
      {kGet + "Host: a,b\r\n", 400},
      {kGet + "Host: a b\r\n", 400},
      {kGet + "Host: a/b\r\n", 400},
      {kGet + "Host: http://a\r\n", 400},
      {kGet + "Host: user@a\r\n", 400},
      {kGet + "Host: a?b\r\n", 400},
      {kGet + "Host: a#b\r\n", 400},
      {kGet + "Host: a\\b\r\n", 400},
      {kGet + "Host: :80\r\n", 400},
      {kGet + "Host: a:b\r\n", 400},
      {kGet + "Host: a:-1\r\n", 400},
      {kGet + "Host: a:80:80\r\n", 400},
      {kGet + "Host: a:65536\r\n", 400},
      {kGet + "Host: ::1\r\n", 400},
      {kGet + "Host: [::1\r\n", 400},
      {kGet + "Host: [::1]x\r\n", 400},
      {kGet + "Host: [a.example]\r\n", 400},
      {kGet + "Host: \xff\r\n", 400},
      {"GET http://test/x HTTP/1.1\r\n" + kHost, 0},
      {"GET http://TEST:80/x HTTP/1.1\r\n" + kHost, 0},
      {"GET http://other/x HTTP/1.1\r\n" + kHost, 400},
      {"GET http://test:81/x HTTP/1.1\r\n" + kHost, 400},
      {"GET http://user@test/x HTTP/1.1\r\n" + kHost, 400},
      {"GET http:///x HTTP/1.1\r\n" + kHost, 400},
      {"GET http://test/x HTTP/1.1\r\n", 400},
  });
}

TEST_CASE("a request line that is not one is refused") {
  check({
      {"OPTIONS * HTTP/1.1\r\n" + kHost, 0},
      {"GET /a%20b?c=d HTTP/1.1\r\n" + kHost, 0},
      {"GET  / HTTP/1.1\r\n" + kHost, 400},
      {"GET /  HTTP/1.1\r\n" + kHost, 400},
      {"GET / HTTP/1.1 \r\n" + kHost, 400},
      {" GET / HTTP/1.1\r\n" + kHost, 400},
      {"GET\t/\tHTTP/1.1\r\n" + kHost, 400},
      {"GET /a b HTTP/1.1\r\n" + kHost, 400},
      {"GET /\r\n" + kHost, 400},
      {"GET\r\n" + kHost, 400},
      {"\r\n" + kHost, 400},
      {"GET / HTTP/1.1\rX: y\r\n" + kHost, 400},
      {"GET / http/1.1\r\n" + kHost, 400},
      {"GET / HTTP/1.2\r\n" + kHost, 400},
      {"GET / HTTP/2.0\r\n" + kHost, 400},
      {"GET / HTTP/01.1\r\n" + kHost, 400},
      {"GET / HTTP/1.1.1\r\n" + kHost, 400},
      {"GET / HTTP/+1.1\r\n" + kHost, 400},
      {"G(T / HTTP/1.1\r\n" + kHost, 400},
      {"GET: / HTTP/1.1\r\n" + kHost, 400},
      {"GET x HTTP/1.1\r\n" + kHost, 400},
      {"GET * HTTP/1.1\r\n" + kHost, 400},
      {"GET ftp://test/ HTTP/1.1\r\n" + kHost, 400},
      {"GET ?x HTTP/1.1\r\n" + kHost, 400},
      {"CONNECT test:80 HTTP/1.1\r\n" + kHost, 400},
      {"GET /#x HTTP/1.1\r\n" + kHost, 400},
      {"GET /\xc3\xa4 HTTP/1.1\r\n" + kHost, 400},
      {std::string("GET /\0 HTTP/1.1\r\n", 17) + kHost, 400},
      {"GET /\x7f HTTP/1.1\r\n" + kHost, 400},
      {"GET /" + std::string(9'000, 'x') + " HTTP/1.1\r\n" + kHost, 414},
      {"PRI * HTTP/2.0\r\n", 400},
  });
}

TEST_CASE("a header field that is not one is refused") {
  check({
      {kGet + kHost + "X-Empty:\r\n", 0},
      {kGet + kHost + "X: a\tb \xc3\xa4\r\n", 0},
      {kGet + kHost + "X!#$%&'*+-.^_`|~9: a\r\n", 0},
      {kGet + kHost + "X : a\r\n", 400},
      {kGet + kHost + "X\t: a\r\n", 400},
      {kGet + "Host : test\r\n", 400},
      {kGet + kHost + " X: a\r\n", 400},
      {kGet + kHost + "X: a\r\n b\r\n", 400},
      {kGet + kHost + "X: a\r\n\tb\r\n", 400},
      {kGet + " " + kHost, 400},
      {kGet + kHost + "X\r\n", 400},
      {kGet + kHost + ": a\r\n", 400},
      {kGet + kHost + "X(: a\r\n", 400},
      {kGet + kHost + "X\xc3\xa4: a\r\n", 400},
      {kGet + kHost + std::string("X\0: a\r\n", 7), 400},
      {kGet + kHost + std::string("X: a\0b\r\n", 8), 400},
      {kGet + kHost + "X: a\rb\r\n", 400},
      {kGet + kHost + "X: a\r\r\n", 400},
      {kGet + kHost + "X: a\nContent-Length: 5\r\n", 400},
      {kGet + kHost + "X: a\x01\r\n", 400},
      {kGet + kHost + "X: a\x1b[0m\r\n", 400},
      {kGet + kHost + "X: a\x7f\r\n", 400},
  });
  std::string many = kGet + kHost;
  for (int i = 0; i < 99; ++i) {
    many += "X: a\r\n";
  }
  CHECK(status_of(many) == 0);
  CHECK(status_of(many + "X: a\r\n") == 431);
}

TEST_CASE("what a body may be is decided by its head") {
  check({
      {kPost + "Content-Length: 5\r\nContent-Encoding: gzip\r\n", 415},
      {kPost + "Transfer-Encoding: chunked\r\nContent-Encoding: br\r\n", 415},
      {kPost + "Content-Length: 5\r\nExpect: 100-continue\r\n", 0},
      {kPost + "Content-Length: 5\r\nExpect: 100-CONTINUE\r\n", 0},
      {kPost + "Content-Length: 5\r\nExpect: something\r\n", 417},
      {kPost + "Content-Length: 1001\r\nExpect: 100-continue\r\n", 413},
  });
  const auto body_of = [](const std::string& head) { return std::get<HttpRequestHead>(parse(head)).body; };
  using Body = HttpRequestHead::Body;
  CHECK(body_of(kGet + kHost) == Body::none);
  CHECK(body_of(kGet + kHost + "Content-Length: 0\r\n") == Body::none);
  CHECK(body_of(kGet + kHost + "Content-Length: 5\r\n") == Body::unread);
  CHECK(body_of("DELETE / HTTP/1.1\r\n" + kHost + "Transfer-Encoding: chunked\r\n") == Body::unread);
  CHECK(body_of(kPost + "Content-Length: 0\r\n") == Body::none);
  CHECK(body_of(kPost + "Content-Length: 5\r\n") == Body::sized);
  CHECK(body_of(kPost + "Transfer-Encoding: chunked\r\n") == Body::chunked);
}

TEST_CASE("a head is read with its parts") {
  const auto head = std::get<HttpRequestHead>(
      parse("PUT http://test?a=b HTTP/1.1\r\nHost: test\r\nX-One:  two \r\nConnection: x, Close\r\n"
            "Content-Length: 7\r\n"));
  CHECK(head.method == "PUT");
  CHECK(head.target == "/?a=b");
  CHECK(head.fields.get("x-one") == "two");
  CHECK(head.length == 7);
  CHECK_FALSE(head.keep_alive);
  CHECK(std::get<HttpRequestHead>(parse(kGet + kHost)).keep_alive);
  CHECK_FALSE(std::get<HttpRequestHead>(parse("GET / HTTP/1.0\r\nConnection: keep-alive\r\n")).keep_alive);
}

}  // namespace
}  // namespace base
