#include "bot/platforms/slack/markup.h"

#include <algorithm>

namespace bot::slack {
namespace {

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n';
}

/// The mrkdwn of https://docs.slack.dev/messaging/formatting-message-text. It has no escape for its marks: a
/// zero-width space keeps a literal one from opening or closing anything. `&`, `<` and `>` are entities,
/// which also takes the meaning from <!channel> and <@U1>.
class SlackDialect : public markup::Dialect {
 public:
  bool can_link(std::string_view /*text*/, std::string_view /*address*/) const override { return true; }

 protected:
  /// Fences have no language, and a quoted one does not work.
  std::string code_block(const markup::Block& /*block*/, std::string_view code) const override {
    std::string fenced;
    markup::append_fenced(fenced, code);
    std::string out = "```\n";
    markup::append_escaped_html(out, fenced);
    return out += "\n```";
  }

  void text(std::string& out, const markup::Stretch& stretch) const override {
    for (auto i = stretch.begin; i < stretch.end; ++i) {
      const char c = stretch.block[i];
      switch (c) {
        case '*':
        case '_':
        case '~':
        case '`':
          mark(out, stretch, i);
          break;
        case '>':
          out += i == stretch.begin && stretch.starts_line ? markup::kZeroWidthSpace : "";
          out += "&gt;";
          break;
        case '&':
          out += "&amp;";
          break;
        case '<':
          out += "&lt;";
          break;
        case '@':
          out.push_back(c);
          out += markup::is_channel_word(stretch.block, i + 1) ? markup::kZeroWidthSpace : "";
          break;
        default:
          out.push_back(c);
      }
    }
  }

  /// A backtick inside code would end it; such code becomes text.
  void code(std::string& out, const markup::Stretch& stretch) const override {
    const auto code = stretch.text();
    if (code.find('`') != std::string_view::npos) {
      text(out, stretch);
      return;
    }
    out += !out.empty() && !stretch.starts_line && markup::is_word_byte(out.back()) ? markup::kZeroWidthSpace
                                                                                    : "";
    out += "`";
    markup::append_escaped_html(out, code);
    out += "`";
    out += markup::is_word_byte(stretch.after(stretch.end - 1)) ? markup::kZeroWidthSpace : "";
  }

  void link(std::string& out, const markup::Stretch& stretch, std::string_view address) const override {
    out += "<";
    for (const char c : address) {
      switch (c) {
        case '&':
          out += "&amp;";
          break;
        case '<':
          out += "%3C";
          break;
        case '>':
          out += "%3E";
          break;
        case '|':
          out += "%7C";
          break;
        case '`':
          out += "%60";
          break;
        default:
          out.push_back(c);
      }
    }
    if (stretch.text() != address) {
      std::string label;
      markup::append_fenced(label, stretch.text());
      out += "|";
      markup::append_escaped_html(out, label);
    }
    out += ">";
  }

  /// Its marks work at the borders of words only.
  markup::Delimiters delimiters(markup::Mark mark, char before, char after) const override {
    const bool inside = (!is_space(before) && before != '(') || markup::is_word_byte(after);
    switch (mark) {
      case markup::Mark::bold:
        return inside ? markup::Delimiters{"\u200B*", "*\u200B"} : markup::Delimiters{"*", "*"};
      case markup::Mark::italic:
        return inside ? markup::Delimiters{"\u200B_", "_\u200B"} : markup::Delimiters{"_", "_"};
      case markup::Mark::strike:
        break;
    }
    return inside ? markup::Delimiters{"\u200B~", "~\u200B"} : markup::Delimiters{"~", "~"};
  }

  std::string quote_prefix(unsigned depth) const override { return depth > 0 ? "> " : ""; }
  std::string_view bullet() const override { return "•"; }

 private:
  static void mark(std::string& out, const markup::Stretch& stretch, std::size_t at) {
    const char before = stretch.before(at), after = stretch.after(at);
    const bool opens = !markup::is_word_byte(before) && !is_space(after);
    const bool closes = !is_space(before) && !markup::is_word_byte(after);
    out += closes ? markup::kZeroWidthSpace : "";
    out.push_back(stretch.block[at]);
    out += opens ? markup::kZeroWidthSpace : "";
  }
};

}  // namespace

const markup::Dialect& dialect() {
  static const SlackDialect instance;
  return instance;
}

}  // namespace bot::slack
