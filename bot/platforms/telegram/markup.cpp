#include "bot/platforms/telegram/markup.h"

#include <algorithm>

#include "base/utf8.h"

namespace bot::telegram {
namespace {

constexpr std::string_view kQuote = "<blockquote>";
constexpr std::string_view kQuoteEnd = "</blockquote>";

/// A zero-width space, which no client shows.
constexpr std::string_view kNothing = "\u200B";

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// Without mentions: nobody is called by what a model repeats. An address of mail stays as it is.
void append_defused(std::string& out, std::string_view text) {
  for (auto at = text.find('@'); at != std::string_view::npos; at = text.find('@', at + 1)) {
    if (at + 1 < text.size() && is_name_character(text[at + 1]) &&
        (at == 0 || !is_name_character(text[at - 1]))) {
      markup::append_escaped_html(out, text.substr(0, at + 1));
      out += kNothing;
      text.remove_prefix(at + 1);
      at = 0;
    }
  }
  markup::append_escaped_html(out, text);
}

/// The HTML of https://core.telegram.org/bots/api#html-style. What that forbids is never written: quotes in
/// quotes, anything in code, code in links, blocks of code in quotes.
class TelegramDialect : public markup::Dialect {
 public:
  bool can_link(std::string_view /*text*/, std::string_view address) const override {
    return base::ascii_lower(address.substr(0, 4)) == "http";  // it drops mailto
  }

  void join(std::string& out, const markup::Block& before, const markup::Block& after,
            std::string_view rendered) const override {
    const std::string_view gap = after.gap == markup::Block::Gap::line ? "\n" : "\n\n";
    const bool one_quote = before.quote != 0 && before.quote == after.quote && out.ends_with(kQuoteEnd) &&
                           rendered.starts_with(kQuote);
    if (one_quote) {
      out.resize(out.size() - kQuoteEnd.size());
      rendered.remove_prefix(kQuote.size());
    }
    out.append(gap).append(rendered);
  }

  /// The limit counts what is seen: no tags, and one for an entity.
  markup::Cost cost(std::string_view rendered) const override {
    markup::Cost cost{.units = 0, .bytes = rendered.size(), .entities = 0};
    while (!rendered.empty()) {
      const auto text = rendered.substr(0, rendered.find_first_of("<&"));
      cost.units += base::utf16_length(text);
      rendered.remove_prefix(text.size());
      if (rendered.empty()) {
        break;
      }
      const bool tag = rendered.front() == '<';
      cost.entities += tag && !rendered.starts_with("</") ? 1 : 0;
      cost.units += tag ? 0 : 1;
      rendered.remove_prefix(std::min(rendered.find(tag ? '>' : ';'), rendered.size() - 1) + 1);
    }
    return cost;
  }

 protected:
  std::string code_block(const markup::Block& block, std::string_view code) const override {
    std::string out = "<pre>";
    if (!block.language.empty()) {
      out += "<code class=\"language-" + block.language + "\">";
    }
    markup::append_escaped_html(out, code);
    return out += block.language.empty() ? "</pre>" : "</code></pre>";
  }

  void text(std::string& out, const markup::Stretch& stretch) const override {
    append_defused(out, stretch.text());
  }

  void code(std::string& out, const markup::Stretch& stretch) const override {
    out += "<code>";
    markup::append_escaped_html(out, stretch.text());
    out += "</code>";
  }

  void link(std::string& out, const markup::Stretch& stretch, std::string_view address) const override {
    out += "<a href=\"";
    for (const char c : address) {
      if (c == '"') {
        out += "&quot;";
      } else {
        markup::append_escaped_html(out, {&c, 1});
      }
    }
    out += "\">";
    markup::append_escaped_html(out, stretch.text());
    out += "</a>";
  }

  markup::Delimiters delimiters(markup::Mark mark, char /*before*/, char /*after*/) const override {
    switch (mark) {
      case markup::Mark::bold:
        return {"<b>", "</b>"};
      case markup::Mark::italic:
        return {"<i>", "</i>"};
      case markup::Mark::strike:
        break;
    }
    return {"<s>", "</s>"};
  }

  /// "limits" of the Bot API: more entities are ignored, and longer HTML is refused.
  markup::Cost budget(std::size_t limit) const override {
    constexpr std::size_t kMostEntities = 100;
    return {limit, 4 * limit, kMostEntities};
  }

  std::string quote_prefix(unsigned /*depth*/) const override { return ""; }
  markup::Delimiters quote_tags() const override { return {kQuote, kQuoteEnd}; }
  std::string_view bullet() const override { return "•"; }
};

}  // namespace

const markup::Dialect& dialect() {
  static const TelegramDialect instance;
  return instance;
}

}  // namespace bot::telegram
