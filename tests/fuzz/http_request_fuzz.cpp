#include <algorithm>
#include <string>

#include "base/http_request_reader.h"
#include "tests/fuzz/targets.h"

namespace fuzz {
namespace {

using Reader = base::HttpRequestReader;

constexpr Reader::Limits kLimits{.max_header_bytes = 2048, .max_body_bytes = 4096};

/// What a connection that brings these bytes in such pieces is understood as.
std::string understood(std::string_view input, std::size_t piece) {
  Reader reader(kLimits);
  std::string text;
  while (reader.state() != Reader::State::refused) {
    while (reader.state() == Reader::State::complete) {
      const auto request = reader.take();
      const auto& head = request.head;
      require(head.target.starts_with('/') || head.target == "*", "a target begins with a slash");
      require(request.body.size() <= kLimits.max_body_bytes, "a body is within its limit");
      text += head.method + " " + head.target + " " + request.body + "\n";
      for (const auto& [name, value] : head.fields.all()) {
        require(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos,
                "a value is one line");
        text += name;
        text += ":" + value + "\n";
      }
      reader.feed({});
    }
    if (input.empty()) {
      break;
    }
    reader.feed(input.substr(0, piece));
    input.remove_prefix(std::min(piece, input.size()));
    require(reader.held_bytes() <= 4 * (kLimits.max_header_bytes + kLimits.max_body_bytes + piece),
            "what is held is bounded");
  }
  return reader.state() == Reader::State::refused ? text + std::to_string(reader.refusal().status) : text;
}

}  // namespace

// What a client sends on one connection: whatever it is, it does not depend on the pieces in which it comes.
void http_request(std::string_view input) {
  const auto whole = understood(input, std::max<std::size_t>(input.size(), 1));
  for (const std::size_t piece : {1, 7}) {
    require(understood(input, piece) == whole, "a request does not depend on how it is cut");
  }
}

}  // namespace fuzz
