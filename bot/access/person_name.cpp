#include "bot/access/person_name.h"

#include <string_view>

#include "base/utf8.h"
#include "bot/markup/literal_markdown.h"

namespace bot::access {
namespace {

/// Whether anything of it is seen. The signs that choose between a sign and its emoji are nothing by
/// themselves, nor is what only goes over another character.
bool is_seen(std::string_view text) {
  const auto line = base::one_line(text);
  for (std::string_view rest = line; !rest.empty();) {
    const auto sequence = rest.substr(0, base::utf8_sequence(rest));
    const bool selector = sequence == "\uFE0E" || sequence == "\uFE0F" || sequence == "\u20E3";
    if (sequence != " " && !selector) {
      return true;
    }
    rest.remove_prefix(sequence.size());
  }
  return false;
}

}  // namespace

std::string name_in_markdown(const store::Person& person) {
  if (is_seen(person.name)) {
    return markup::literal_markdown(person.name);
  }
  const auto id = base::one_line(person.user_id);
  return markup::inline_code(is_seen(id) ? id : base::visible(person.user_id));
}

}  // namespace bot::access
