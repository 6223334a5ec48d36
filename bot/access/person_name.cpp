#include "bot/access/person_name.h"

#include <algorithm>

#include "base/utf8.h"
#include "bot/markup/markup_dialect.h"

namespace bot::access {

std::string literal_markdown(std::string_view text) {
  constexpr std::string_view kMarks = "\\`*_[]<>&~|";
  // The chat services themselves make something to press of "a.org", "@ann", "/cancel", "#tag" and "$TAG".
  constexpr std::string_view kCalls = "@#$/.:";
  const auto line = base::one_line(text);
  std::string out;
  for (std::size_t i = 0; i < line.size(); ++i) {
    out += kMarks.find(line[i]) != std::string_view::npos ? "\\" : "";
    out.push_back(line[i]);
    const bool calls = kCalls.find(line[i]) != std::string_view::npos;
    out += calls && i + 1 < line.size() && line[i + 1] != ' ' ? markup::kZeroWidthSpace : "";
  }
  return out;
}

std::string name_in_markdown(const store::Person& person) {
  auto name = literal_markdown(person.name);
  if (!name.empty()) {
    return name;
  }
  auto id = base::one_line(person.user_id);
  std::replace(id.begin(), id.end(), '`', '\'');
  return "`" + id + "`";
}

}  // namespace bot::access
