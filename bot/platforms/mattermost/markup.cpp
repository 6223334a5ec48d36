#include "bot/platforms/mattermost/markup.h"

#include <algorithm>

namespace bot::mattermost {
namespace {

constexpr unsigned kDeepestHeading = 6;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_letter_or_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

void append_lines(std::string& out, std::string_view text, std::string_view prefix) {
  out += prefix;
  for (const char c : text) {
    out.push_back(c);
    out += c == '\n' ? prefix : "";
  }
}

/// Close to CommonMark with GitHub's extensions. A backslash takes the meaning from a mark, but not from a
/// mention, "@all" or "@ada", which therefore gets a zero-width space; one in the middle of a word, as in an
/// address, is none.
class MattermostDialect : public markup::Dialect {
 public:
  bool can_link(std::string_view /*text*/, std::string_view address) const override {
    return address.starts_with("http://") || address.starts_with("https://") ||
           address.starts_with("mailto:");
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
    auto i = stretch.starts_line ? line_start(out, stretch) : stretch.begin;
    bool in_word = false;
    for (; i < stretch.end; ++i) {
      const char c = stretch.block[i];
      switch (c) {
        case '\\':
        case '*':
        case '_':
        case '`':
        case '[':
        case ']':
        case '|':
          out.push_back('\\');
          out.push_back(c);
          break;
        case '!':
          // Before a link it would make a picture of it.
          out += i + 1 == stretch.end ? "\\" : "";
          out.push_back(c);
          break;
        case '~':
          out += stretch.before(i) == c || stretch.after(i) == c ? "\\" : "";
          out.push_back(c);
          break;
        case '@':
          // What counts is what stands before it in the end: behind a link or a style it begins a word.
          in_word = !out.empty() && is_letter_or_digit(out.back());
          out.push_back(c);
          out += in_word ? "" : markup::kZeroWidthSpace;
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
    if (!can_link(stretch.text(), address)) {
      text(out, stretch);  // a part of an address that was cut
      return;
    }
    out += "[";
    text(out, {stretch.block, stretch.begin, stretch.end, false});
    append_address(out += "](", address);
    out += ")";
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
    return std::string(std::min(level, kDeepestHeading), '#') + " ";
  }

 private:
  /// Takes the meaning from what would make a heading, a list or a quote of the line; returns where to go on.
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
    } else if (!number && c == '=') {
      // A line of them makes a heading of the line before.
      out += markup::kZeroWidthSpace;
    }
    return i;
  }

  static void append_address(std::string& out, std::string_view address) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    for (std::size_t i = 0; i < address.size(); ++i) {
      const char c = address[i];
      const bool calls = c == '@' && (i == 0 || !is_letter_or_digit(address[i - 1]));
      if (calls || std::string_view("()<>\\`[]* \t\n\"'").find(c) != std::string_view::npos) {
        const auto byte = static_cast<unsigned char>(c);
        out.push_back('%');
        out.push_back(kHex[byte >> 4]);
        out.push_back(kHex[byte & 15]);
      } else {
        out.push_back(c);
      }
    }
  }
};

}  // namespace

const markup::Dialect& dialect() {
  static const MattermostDialect instance;
  return instance;
}

}  // namespace bot::mattermost
