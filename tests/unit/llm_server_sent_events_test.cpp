#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "llm/server_sent_events.h"

namespace {

/// "type=data" of each event that the pieces give.
std::vector<std::string> events_of(const std::vector<std::string>& pieces) {
  llm::ServerSentEventParser parser;
  std::vector<std::string> seen;
  for (const auto& piece : pieces) {
    for (const auto& event : parser.push(piece)) {
      seen.push_back(event.type + "=" + event.data);
    }
  }
  return seen;
}

TEST_CASE("an event stream is cut into the same events wherever its bytes are cut") {
  const std::string stream =
      "\xEF\xBB\xBF: hello\n\nevent: first\ndata: {\"a\":1}\n\ndata:Z\xC3\xBCrich\r\ndata: "
      "two\r\n\r\ndata\r\r"
      "id: 7\nretry: 10\nevent: last\ndata:  \xF0\x9F\x98\x80\nunknown: x\n\n";
  const std::vector<std::string> expected = {"first={\"a\":1}", "message=Z\xC3\xBCrich\ntwo",
                                             "message=", "last= \xF0\x9F\x98\x80"};
  CHECK(events_of({stream}) == expected);
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    CAPTURE(cut);
    CHECK(events_of({stream.substr(0, cut), stream.substr(cut)}) == expected);
  }
  std::vector<std::string> bytes;
  for (const char c : stream) {
    bytes.emplace_back(1, c);
  }
  CHECK(events_of(bytes) == expected);
}

TEST_CASE("an event without data and an event without its blank line are dropped") {
  CHECK(events_of({"event: ping\n\n: comment\n\n\n\n"}).empty());
  CHECK(events_of({"data: unfinished\n"}).empty());
  CHECK(events_of({"event: ping\n\ndata: x\n\n"}) == std::vector<std::string>{"message=x"});
}

TEST_CASE("a stream says from where on it can be asked for again, and when") {
  llm::ServerSentEventParser parser;
  CHECK(parser.push("id: 7\ndata: \n\nid: 8\n").size() == 1);
  CHECK(parser.last_id() == "7");  // the event 8 is not complete
  CHECK(!parser.retry());
  parser.push("retry: 250\n\nid: bad\0\nretry: soon\n\n");
  CHECK(parser.last_id() == "8");
  CHECK(parser.retry() == std::chrono::milliseconds(250));
}

}  // namespace
