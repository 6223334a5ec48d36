#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "bot/markup/rich_text.h"

namespace bot::markup {

/// U+200B. Takes the meaning from the mark it stands beside; nobody sees it.
constexpr std::string_view kZeroWidthSpace = "\xE2\x80\x8B";

/// What a rendered text takes of a message's limits.
struct Cost {
  std::size_t units = 0;     ///< UTF-16 units, as the service counts them
  std::size_t bytes = 0;     ///< of the rendered text
  std::size_t entities = 0;  ///< formatted places, where the service limits them
};

enum class Mark { bold, italic, strike };

/// What opens and closes a style.
struct Delimiters {
  std::string_view open, close;
};

/// A part of one line of a block's text.
struct Stretch {
  std::string_view block;  ///< the block's whole text
  std::size_t begin, end;
  bool starts_line;

  std::string_view text() const { return block.substr(begin, end - begin); }
  /// The neighbour of the byte at `at`; a space where there is none.
  char before(std::size_t at) const { return at == 0 ? ' ' : block[at - 1]; }
  char after(std::size_t at) const { return at + 1 < block.size() ? block[at + 1] : ' '; }
};

/// How one chat service writes formatted text. Stateless: one object may serve several threads.
class Dialect {
 public:
  virtual ~Dialect() = default;

  /// The bytes [from, to) of the block's text, well formed alone. What stands before a block (quote marks,
  /// indentation, an item's marker) is part of it.
  std::string render(const RichText& document, const Block& block, std::size_t from, std::size_t to) const;

  /// Appends a rendered block after another one.
  virtual void join(std::string& out, const Block& before, const Block& after,
                    std::string_view rendered) const;

  virtual Cost cost(std::string_view rendered) const;

  /// The most that one message of `limit` units may cost. Usually only the units are bounded.
  virtual Cost budget(std::size_t limit) const;

  /// Whether such a link can be written as a link. It is spelled out as text where it cannot.
  virtual bool can_link(std::string_view text, std::string_view address) const = 0;

 protected:
  friend class InlineWriter;

  virtual std::string code_block(const Block& block, std::string_view code) const = 0;
  /// Appends a piece of text of which nothing shall be taken for a mark or a mention.
  virtual void text(std::string& out, const Stretch& stretch) const = 0;
  virtual void code(std::string& out, const Stretch& stretch) const = 0;
  virtual void link(std::string& out, const Stretch& stretch, std::string_view address) const = 0;
  /// The delimiters of a style between these two neighbours; a space stands for none.
  virtual Delimiters delimiters(Mark mark, char before, char after) const = 0;

  virtual std::string quote_prefix(unsigned depth) const = 0;
  virtual std::string_view bullet() const = 0;
  /// Before a heading's text; empty where its text is bold instead.
  virtual std::string heading_prefix(unsigned /*level*/) const { return ""; }
  /// Around a block in quotes, beside the prefix of each line.
  virtual Delimiters quote_tags() const { return {}; }
};

/// Text without marks, readable as it is. Each service's dialect is in its own folder.
const Dialect& plain_dialect();

/// Whether the byte belongs to a word: ASCII letters and digits, and all that is not ASCII.
bool is_word_byte(char c);

/// Whether one of the words that call a whole channel stands at `at`: everyone, here, channel.
bool is_channel_word(std::string_view text, std::size_t at);

/// Appends code, with a zero-width space in every run of three backticks, so that it cannot end a fence.
void append_fenced(std::string& out, std::string_view code);

/// Appends the text with `&`, `<` and `>` as entities.
void append_escaped_html(std::string& out, std::string_view text);

}  // namespace bot::markup
