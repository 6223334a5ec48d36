#include "base/http_request_reader.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

namespace base {
namespace {

using State = HttpRequestReader::State;

constexpr HttpRequestReader::Limits kLimits{.max_header_bytes = 1000, .max_body_bytes = 100};

const std::string kChunked = "POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n";

std::string post(const std::string& body) {
  return "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

/// In pieces of that size, until it is complete or refused.
State feed(HttpRequestReader& reader, std::string_view bytes, std::size_t piece) {
  while (!bytes.empty() && reader.state() != State::complete && reader.state() != State::refused) {
    reader.feed(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
  }
  return reader.state();
}

TEST_CASE("a request is put together from whatever pieces it comes in") {
  for (const std::size_t piece : {1, 2, 3, 7, 1000}) {
    CAPTURE(piece);
    for (const auto& example : std::vector<std::pair<std::string, std::string>>{
             {"GET / HTTP/1.1\r\nHost: test\r\n\r\n", ""},
             {"\r\n\r\nGET / HTTP/1.1\r\nHost: test\r\n\r\n", ""},
             {post("hello"), "hello"},
             {post("a\r\n\r\nb"), "a\r\n\r\nb"},
             {kChunked + "5\r\nhello\r\n0\r\n\r\n", "hello"},
             {kChunked + "3\r\nabc\r\nA;x=\"y\"\r\n0123456789\r\n000\r\nTrailer: x\r\n\r\n", "abc0123456789"},
             {kChunked + "0\r\n\r\n", ""}}) {
      CAPTURE(example.first);
      HttpRequestReader reader(kLimits);
      REQUIRE(feed(reader, example.first, piece) == State::complete);
      CHECK(reader.take().body == example.second);
      CHECK(reader.state() == State::none);
      CHECK_FALSE(reader.has_more());
    }
  }
}

TEST_CASE("what comes behind a request is the next one") {
  HttpRequestReader reader(kLimits);
  reader.feed(post("one") + kChunked + "3\r\ntwo\r\n0\r\n\r\n" + post("three"));
  for (const auto& body : {"one", "two", "three"}) {
    REQUIRE(reader.state() == State::complete);
    CHECK(reader.take().body == body);
    reader.feed({});
  }
  CHECK(reader.state() == State::none);
}

TEST_CASE("a chunked body whose end is in doubt is refused") {
  for (const auto& example :
       std::vector<std::pair<std::string, int>>{{"x\r\n", 400},
                                                {"\r\n", 400},
                                                {"-1\r\n", 400},
                                                {"+1\r\n", 400},
                                                {"0x1\r\n", 400},
                                                {"1 1\r\na\r\n", 400},
                                                {" 1\r\na\r\n", 400},
                                                {"1\na\r\n", 400},
                                                {"1\r\nab\r\n", 400},
                                                {"1\r\na\n", 400},
                                                {"1\r\na0\r\n\r\n", 400},
                                                {"1;\x01\r\n", 400},
                                                {"1,\r\n", 400},
                                                {"1;" + std::string(300, 'x'), 400},
                                                {"65\r\n", 413},
                                                {"64\r\n" + std::string(100, 'x') + "\r\n1\r\n", 413},
                                                {"ffffffffffffffff\r\n", 413},
                                                {"10000000000000000\r\n", 413},
                                                {"0\r\nnonsense\r\n\r\n", 400},
                                                {"0\r\n X: folded\r\n\r\n", 400},
                                                {"0\r\nX: " + std::string(1000, 'x'), 400}}) {
    for (const std::size_t piece : {1, 1000}) {
      CAPTURE(example.first);
      CAPTURE(piece);
      HttpRequestReader reader(kLimits);
      REQUIRE(feed(reader, kChunked + example.first, piece) == State::refused);
      CHECK(reader.refusal().status == example.second);
    }
  }
}

TEST_CASE("a head that does not end is refused before it is held") {
  HttpRequestReader reader(kLimits);
  SUBCASE("in one line") {
    feed(reader, "GET /" + std::string(100'000, 'x'), 100);
  }
  SUBCASE("in many") {
    std::string lines = "GET / HTTP/1.1\r\n";
    for (int i = 0; i < 10'000; ++i) {
      lines += "X: y\r\n";
    }
    feed(reader, lines, 100);
  }
  CHECK(reader.state() == State::refused);
  CHECK(reader.refusal().status == 431);
  CHECK(reader.held_bytes() < 1000);
}

TEST_CASE("a line that ends with LF alone is refused at once") {
  for (const std::string& head :
       {"GET / HTTP/1.1\nHost: test\n\n", "GET / HTTP/1.1\r\nHost: test\n\r\n", "\n"}) {
    CAPTURE(head);
    HttpRequestReader reader(kLimits);
    CHECK(feed(reader, head, 1) == State::refused);
  }
}

TEST_CASE("a client that waits for a go-ahead is given one once, unless its body is there") {
  const std::string head =
      "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n";
  HttpRequestReader reader(kLimits);
  reader.feed(head);
  CHECK(reader.take_go_ahead());
  CHECK_FALSE(reader.take_go_ahead());
  reader.feed("hello");
  REQUIRE(reader.state() == State::complete);
  CHECK(reader.take().body == "hello");
  reader.feed(head + "hello");
  REQUIRE(reader.state() == State::complete);
  CHECK_FALSE(reader.take_go_ahead());
}

TEST_CASE("a head counts as held until its request is taken") {
  HttpRequestReader reader(kLimits);
  const std::string field = "X: " + std::string(800, 'x') + "\r\n";
  reader.feed("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 100\r\n" + field + "\r\nbeginning");
  REQUIRE(reader.state() == State::body);
  CHECK(reader.held_bytes() > 800);
}

TEST_CASE("between requests nothing is held") {
  HttpRequestReader reader(kLimits);
  feed(reader, post(std::string(100, 'x')), 10);
  reader.take();
  CHECK(reader.held_bytes() < 100);
}

}  // namespace
}  // namespace base
