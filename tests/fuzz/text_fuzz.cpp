#include "base/utf8.h"
#include "tests/fuzz/targets.h"

namespace fuzz {
namespace {

void check_cuts(const std::string& valid) {
  for (const std::size_t most : {3U, 5U, 16U, 120U}) {
    const auto cut = base::truncate_utf8(valid, most);
    require(base::is_utf8(cut) && cut.size() <= most && valid.starts_with(cut),
            "a cut is between characters");
    const auto short_one = base::ellipsize(valid, most);
    require(base::is_utf8(short_one) && short_one.size() <= most, "an ellipsis is within the limit");
    require(base::is_utf8(base::keep_ends(valid, most)), "both ends are kept in characters");
  }
}

}  // namespace

void text(std::string_view input) {
  const auto valid = base::to_valid_utf8(input);
  require(base::is_utf8(valid), "repaired text is UTF-8");
  require(base::is_utf8(input) == (valid == input), "only what is ill-formed is repaired");
  check_cuts(valid);
  const auto stripped = base::strip_controls(valid);
  require(base::is_utf8(stripped), "text without controls is UTF-8");
  require(base::strip_controls(stripped) == stripped, "no control character is left");
  const auto trimmed = base::trim(stripped);
  require(base::trim(trimmed) == trimmed, "nothing is left to trim");
  require(base::ascii_lower(input).size() == input.size(), "lower case is as long");
}

}  // namespace fuzz
