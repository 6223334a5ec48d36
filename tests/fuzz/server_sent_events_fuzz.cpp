#include "llm/server_sent_events.h"
#include "tests/fuzz/targets.h"

namespace fuzz {
namespace {

/// All events of the input, cut into pieces of that size, as one text.
std::string events_of(std::string_view input, std::size_t piece) {
  llm::ServerSentEventParser parser;
  std::string all;
  for (std::size_t at = 0; at < input.size(); at += piece) {
    for (const auto& event : parser.push(input.substr(at, piece))) {
      require(!event.type.empty(), "an event has a type");
      require(event.type.find_first_of("\r\n") == std::string::npos, "a type is one line");
      require(event.data.find('\r') == std::string::npos, "line ends are line feeds");
      all += event.type + "\r" + event.data + "\r";
    }
  }
  return all;
}

}  // namespace

void server_sent_events(std::string_view input) {
  const auto whole = events_of(input, input.size() + 1);
  require(events_of(input, 1) == whole && events_of(input, 7) == whole,
          "it does not matter where bytes are cut");
}

}  // namespace fuzz
