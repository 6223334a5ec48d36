#pragma once

#include <string>
#include <string_view>

#include <md4c.h>

namespace bot::markup {

/// What md4c tells while it walks through Markdown. The names and details are those of md4c.h.
class MarkdownEvents {
 public:
  virtual ~MarkdownEvents() = default;
  virtual void enter_block(MD_BLOCKTYPE type, void* detail) = 0;
  virtual void leave_block(MD_BLOCKTYPE type, void* detail) = 0;
  virtual void enter_span(MD_SPANTYPE type, void* detail) = 0;
  virtual void leave_span(MD_SPANTYPE type, void* detail) = 0;
  virtual void text(MD_TEXTTYPE type, std::string_view text) = 0;
};

/// Walks through CommonMark with tables, strike-through and bare links, in which HTML is text. False where
/// md4c gives up or where the text makes far more events than its length explains (a table of many columns
/// and many short rows does); what was told until then is worth nothing. What `events` throws comes out
/// again.
[[nodiscard]] bool parse_markdown(std::string_view markdown, MarkdownEvents& events);

/// The attribute's text. `decode` turns an entity, "&amp;", into its characters.
std::string attribute_text(const MD_ATTRIBUTE& attribute, std::string (*decode)(std::string_view entity));

/// Whether a link may lead there: http, https and mailto.
bool is_safe_address(std::string_view address);

}  // namespace bot::markup
