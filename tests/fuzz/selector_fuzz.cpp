#include <cmath>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/utf8.h"
#include "dispatch/adapters/selector.h"
#include "tests/fuzz/targets.h"

namespace fuzz {

// The first line is the selector, each further line an event.
void selector(std::string_view input) {
  const auto first = input.substr(0, input.find('\n'));
  const auto parsed = dispatch::Selector::parse(first);
  if (!parsed) {
    return;
  }
  input.remove_prefix(std::min(first.size() + 1, input.size()));
  while (!input.empty()) {
    const auto line = input.substr(0, input.find('\n'));
    input.remove_prefix(std::min(line.size() + 1, input.size()));
    const auto event = base::parse_json(line);
    if (!event) {
      continue;
    }
    const bool matches = parsed->matches(*event);
    const auto text = parsed->text(*event);
    const auto sum = parsed->sum(*event);
    require(matches || (!text && !sum), "an event whose conditions fail names nothing");
    require(parsed->has_value() || (!text && !sum), "conditions alone name nothing");
    require(!sum || text, "a number is a text as well");
    require(!text || base::is_utf8(*text), "a text is UTF-8");
    require(!sum || !std::isnan(*sum), "a sum is a number");
  }
}

}  // namespace fuzz
