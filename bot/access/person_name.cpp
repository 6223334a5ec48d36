#include "bot/access/person_name.h"

#include "base/utf8.h"
#include "bot/markup/literal_markdown.h"

namespace bot::access {

std::string name_in_markdown(const store::Person& person) {
  const auto name = markup::literal_markdown(person.name);
  return name.empty() ? markup::inline_code(base::one_line(person.user_id)) : name;
}

}  // namespace bot::access
