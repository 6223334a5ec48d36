#include "bot/markup/markdown_parse.h"

#include <algorithm>
#include <exception>

#include "base/utf8.h"
#include "bot/markup/flanks.h"
#include "bot/markup/table_heads.h"

namespace bot::markup {
namespace {

/// "<br>", "<br/>" or "<BR />" at the beginning of the text: how long it is; 0 where there is none.
std::size_t break_tag(std::string_view text) {
  if (base::ascii_lower(text.substr(0, 3)) != "<br") {
    return 0;
  }
  const auto end = text.find_first_not_of(" /", 3);
  return end != std::string_view::npos && text[end] == '>' ? end + 1 : 0;
}

/// Tells of text, and of a line's end for each tag that stands for one: Markdown has no other way to end a
/// line in the cell of a table.
void tell_text(MarkdownEvents& events, MD_TEXTTYPE type, std::string_view text) {
  auto from = std::size_t{0};
  for (auto at = text.find('<'); type == MD_TEXT_NORMAL && at != std::string_view::npos;
       at = text.find('<', std::max(at + 1, from))) {
    if (const auto size = break_tag(text.substr(at)); size > 0) {
      if (at > from) {
        events.text(type, text.substr(from, at - from));
      }
      events.text(MD_TEXT_BR, text.substr(at, size));
      from = at + size;
    }
  }
  if (from < text.size()) {
    events.text(type, text.substr(from));
  }
}

struct Walk {
  MarkdownEvents& events;
  std::size_t events_left;
  std::exception_ptr failure;

  /// md4c is C: no exception may pass through it. A result other than 0 ends its walk.
  template <typename Tell>
  int tell(Tell&& event) {
    if (events_left-- == 0) {
      return 1;
    }
    try {
      event(events);
      return 0;
    } catch (...) {
      failure = std::current_exception();
      return 1;
    }
  }
};

}  // namespace

bool parse_markdown(std::string_view markdown, MarkdownEvents& events) {
  Walk walk{events, 1024 + 16 * markdown.size(), nullptr};
  MD_PARSER parser{};
  parser.flags = MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_PERMISSIVEURLAUTOLINKS | MD_FLAG_NOHTML;
  parser.enter_block = [](MD_BLOCKTYPE type, void* detail, void* self) {
    return static_cast<Walk*>(self)->tell([&](MarkdownEvents& e) { e.enter_block(type, detail); });
  };
  parser.leave_block = [](MD_BLOCKTYPE type, void* detail, void* self) {
    return static_cast<Walk*>(self)->tell([&](MarkdownEvents& e) { e.leave_block(type, detail); });
  };
  parser.enter_span = [](MD_SPANTYPE type, void* detail, void* self) {
    return static_cast<Walk*>(self)->tell([&](MarkdownEvents& e) { e.enter_span(type, detail); });
  };
  parser.leave_span = [](MD_SPANTYPE type, void* detail, void* self) {
    return static_cast<Walk*>(self)->tell([&](MarkdownEvents& e) { e.leave_span(type, detail); });
  };
  parser.text = [](MD_TEXTTYPE type, const MD_CHAR* text, MD_SIZE size, void* self) {
    return static_cast<Walk*>(self)->tell([&](MarkdownEvents& e) {
      tell_text(e, type, without_flank_marks({text, size}));
    });
  };
  // md4c 0.4.8, which Debian 12 and Ubuntu 24.04 have, reads beyond a text that ends within a line.
  const auto lines = with_flank_marks(with_plain_table_heads(markdown)) + "\n";
  const int result = md_parse(lines.data(), static_cast<MD_SIZE>(lines.size()), &parser, &walk);
  if (walk.failure) {
    std::rethrow_exception(walk.failure);
  }
  return result == 0;
}

std::string attribute_text(const MD_ATTRIBUTE& attribute, std::string (*decode)(std::string_view entity)) {
  std::string text;
  for (int i = 0; attribute.text != nullptr && attribute.substr_offsets[i] < attribute.size; ++i) {
    const std::string_view part(attribute.text + attribute.substr_offsets[i],
                                attribute.substr_offsets[i + 1] - attribute.substr_offsets[i]);
    text += attribute.substr_types[i] == MD_TEXT_ENTITY ? decode(part) : std::string(part);
  }
  return without_flank_marks(text);
}

bool is_safe_address(std::string_view address) {
  const auto lower = base::ascii_lower(base::trim(address).substr(0, 8));
  return lower.starts_with("http://") || lower.starts_with("https://") || lower.starts_with("mailto:");
}

}  // namespace bot::markup
