#include "bot/platforms/discord/markup.h"

#include <algorithm>

#include "base/utf8.h"

namespace bot::discord {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Appends every line after the prefix.
void append_lines(std::string& out, std::string_view text, std::string_view prefix) {
  if (prefix.empty()) {
    out += text;
    return;
  }
  out += prefix;
  for (const char c : text) {
    out.push_back(c);
    out += c == '\n' ? prefix : "";
  }
}

/// Discord's Markdown: https://support.discord.com/hc/en-us/articles/210298617. A backslash takes the meaning
/// from a mark, but not from a mention, which therefore gets a zero-width space.
class DiscordDialect : public markup::Dialect {
 public:
  /// It links to http and https only, and refuses a text that looks like another address.
  bool can_link(std::string_view text, std::string_view address) const override {
    return base::ascii_lower(address.substr(0, 4)) == "http" &&
           (text == address || text.find("://") == std::string_view::npos);
  }

 protected:
  std::string code_block(const markup::Block& block, std::string_view code) const override {
    std::string fenced = "```" + block.language + "\n";
    markup::append_fenced(fenced, code);
    fenced += "\n```";
    std::string out;
    append_lines(out, fenced, quote_prefix(block.quote_depth));
    return out;
  }

  void text(std::string& out, const markup::Stretch& stretch) const override {
    auto i = stretch.begin;
    if (stretch.starts_line) {
      i = line_start(out, stretch);
    }
    for (; i < stretch.end; ++i) {
      const char c = stretch.block[i];
      switch (c) {
        case '\\':
        case '*':
        case '_':
        case '`':
        case '[':
        case ']':
          out.push_back('\\');
          out.push_back(c);
          break;
        case '~':
        case '|':
          out += stretch.before(i) == c || stretch.after(i) == c ? "\\" : "";
          out.push_back(c);
          break;
        case '@':
          out.push_back(c);
          out += markup::is_channel_word(stretch.block, i + 1) ? markup::kZeroWidthSpace : "";
          break;
        case '<':
          // <@1>, <@&1>, <#1>, </name:1>, <:name:1>, <a:name:1>, <t:1>, <id:guide>
          out.push_back(c);
          out += std::string_view("@#/:ati").find(stretch.after(i)) != std::string_view::npos
                     ? markup::kZeroWidthSpace
                     : "";
          break;
        default:
          out.push_back(c);
      }
    }
  }

  /// Two backticks around code that holds one. No more: three would open a fence.
  void code(std::string& out, const markup::Stretch& stretch) const override {
    const auto code = stretch.text();
    if (code.find('`') == std::string_view::npos) {
      out.append("`").append(code).append("`");
      return;
    }
    out += code.front() == '`' ? "`` " : "``";
    for (auto i = stretch.begin; i < stretch.end; ++i) {
      out.push_back(stretch.block[i]);
      const bool run = i + 1 < stretch.end && stretch.block[i] == '`' && stretch.block[i + 1] == '`';
      out += run ? markup::kZeroWidthSpace : "";
    }
    out += code.back() == '`' ? " ``" : "``";
  }

  void link(std::string& out, const markup::Stretch& stretch, std::string_view address) const override {
    if (stretch.text() == address) {
      append_address(out += "<", address);
      out += ">";
    } else if (can_link(stretch.text(), address)) {
      out += "[";
      text(out, {stretch.block, stretch.begin, stretch.end, false});
      append_address(out += "](", address);
      out += ")";
    } else {
      text(out, stretch);  // a part of an address that was cut
    }
  }

  /// "_" works at the borders of words only, "*" everywhere.
  markup::Delimiters delimiters(markup::Mark mark, char before, char after) const override {
    switch (mark) {
      case markup::Mark::bold:
        return {"**", "**"};
      case markup::Mark::italic:
        return markup::is_word_byte(before) || markup::is_word_byte(after) ? markup::Delimiters{"*", "*"}
                                                                           : markup::Delimiters{"_", "_"};
      case markup::Mark::strike:
        break;
    }
    return {"~~", "~~"};
  }

  std::string quote_prefix(unsigned depth) const override { return depth > 0 ? "> " : ""; }
  std::string_view bullet() const override { return "-"; }
  std::string heading_prefix(unsigned level) const override {
    return level <= 3 ? std::string(level, '#') + " " : "";
  }

 private:
  /// Escapes what would make a heading, a list or a quote of the line; returns where to go on.
  static std::size_t line_start(std::string& out, const markup::Stretch& stretch) {
    auto i = stretch.begin;
    while (i < stretch.end && is_digit(stretch.block[i])) {
      out.push_back(stretch.block[i++]);
    }
    const char c = i < stretch.end ? stretch.block[i] : ' ';
    const bool number = i > stretch.begin;
    if (number ? c == '.' || c == ')' : c == '#' || c == '-' || c == '+' || c == '>') {
      out.push_back('\\');
      out.push_back(c);
      ++i;
    }
    return i;
  }

  static void append_address(std::string& out, std::string_view address) {
    for (std::size_t i = 0; i < address.size(); ++i) {
      switch (address[i]) {
        case '(':
          out += "%28";
          break;
        case ')':
          out += "%29";
          break;
        case '<':
          out += "%3C";
          break;
        case '>':
          out += "%3E";
          break;
        case '\\':
          out += "%5C";
          break;
        case '`':
          out += "%60";
          break;
        case '@':
          out += markup::is_channel_word(address, i + 1) ? "%40" : "@";
          break;
        default:
          out.push_back(address[i]);
      }
    }
  }
};

}  // namespace

const markup::Dialect& dialect() {
  static const DiscordDialect instance;
  return instance;
}

}  // namespace bot::discord
