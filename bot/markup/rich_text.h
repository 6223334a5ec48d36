#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace bot::markup {

/// A stretch of a block's text in one style. Spans follow one another without gaps.
struct Span {
  std::size_t begin = 0;  ///< bytes of the block's text
  std::size_t end = 0;
  bool bold = false;
  bool italic = false;
  bool strike = false;
  bool code = false;
  std::size_t link = 0;  ///< index into RichText::addresses; 0: no link. A link is one span, and never code.
};

/// A paragraph, a heading, and so on; what it stands in (quotes, lists) is told by numbers, so that nothing
/// nests.
struct Block {
  enum class Kind { paragraph, heading, code, rule };
  /// How it stands to the block before it: after an empty line, or on the next line (items of a tight list).
  enum class Gap { empty_line, line };

  Kind kind = Kind::paragraph;
  Gap gap = Gap::empty_line;
  std::string text;  ///< well-formed UTF-8; "\n" in a paragraph is a hard break; code ends without "\n"
  std::vector<Span> spans;  ///< those of a paragraph or heading; none in code
  std::string language;     ///< that of code; characters of [A-Za-z0-9+#._-] only, may be empty
  unsigned level = 0;       ///< that of a heading, 1 to 6
  unsigned quote_depth = 0;
  unsigned quote = 0;       ///< number of the outermost quote it stands in, from 1; 0: none
  unsigned list_depth = 0;  ///< 0: in no list
  std::string marker;       ///< "-" or "3." where an item of a list begins with this block
};

/// Quotes and lists are nested no deeper than this; what lies deeper counts as this deep.
constexpr unsigned kMaxNesting = 6;

struct RichText {
  std::vector<Block> blocks;
  std::vector<std::string> addresses;  ///< of the links; [0] is none. Safe ones only, without white space.
};

/// What the Markdown says (CommonMark with tables, strike-through and bare links; HTML is text). Bytes that
/// are not UTF-8 and control characters are replaced or dropped first, entities become characters, images
/// links, and tables code whose columns are aligned. The result is at most some ten times as large as the
/// Markdown, whatever that is; Markdown that would explode comes back as paragraphs of its own text.
RichText parse_rich_text(std::string_view markdown);

/// The text as it is, a paragraph a line; bytes that are not UTF-8 and control characters are treated as
/// above.
RichText unformatted_rich_text(std::string_view text);

/// A table as monospaced lines, the first row underlined. Cells keep their text, and a row is as high as the
/// one with the most lines; the last line has no "\n". Columns are aligned unless that would multiply the
/// size of the table.
std::string table_text(const std::vector<std::vector<std::string>>& rows);

}  // namespace bot::markup
