#include <algorithm>
#include <random>
#include <sstream>

#include <doctest/doctest.h>

#include "base/utf8.h"
#include "bot/chat_markup.h"

namespace {

using bot::Markup;
using bot::render_pieces;

constexpr Markup kAll[] = {Markup::telegram_html, Markup::slack_mrkdwn, Markup::discord_markdown,
                           Markup::plain};

std::string one(std::string_view markdown, Markup markup) {
  const auto pieces = render_pieces(markdown, markup, 4096);
  REQUIRE(pieces.size() == 1);
  return pieces.front();
}
std::string telegram(std::string_view markdown) {
  return one(markdown, Markup::telegram_html);
}
std::string slack(std::string_view markdown) {
  return one(markdown, Markup::slack_mrkdwn);
}
std::string discord(std::string_view markdown) {
  return one(markdown, Markup::discord_markdown);
}
std::string plain(std::string_view markdown) {
  return one(markdown, Markup::plain);
}

std::string without(std::string text, std::string_view what) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at)) {
    text.erase(at, what.size());
  }
  return text;
}
std::string replaced(std::string text, std::string_view what, std::string_view by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
  return text;
}

/// What a reader sees of Telegram HTML, or what is wrong with it.
struct Read {
  std::string text;
  std::string fault;
};

/// Whether the tag (without its brackets) may be opened within these.
bool is_allowed(const std::string& tag, const std::vector<std::string>& open) {
  const auto name = tag.substr(0, tag.find(' '));
  const auto inside = [&](const char* outer) {
    return std::find(open.begin(), open.end(), outer) != open.end();
  };
  const bool attributes_fit =
      tag == name ||
      (name == "a" && tag.starts_with("a href=\"http") && std::count(tag.begin(), tag.end(), '"') == 2) ||
      (name == "code" && tag.starts_with("code class=\"language-") && !open.empty() && open.back() == "pre");
  constexpr std::string_view kNames[] = {"b", "i", "s", "code", "pre", "a", "blockquote"};
  return attributes_fit && std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames) &&
         !inside("code") && !inside(name.c_str()) && (!inside("pre") || tag != name) &&
         (!inside("a") || name != "code");
}

Read parse_telegram(const std::string& html) {
  std::vector<std::string> open;
  Read read;
  for (std::size_t i = 0; i < html.size();) {
    if (html[i] == '>') {
      return {read.text, "a bare >"};
    }
    if (html[i] != '&' && html[i] != '<') {
      read.text.push_back(html[i++]);
      continue;
    }
    const bool entity = html[i] == '&';
    const auto end = html.find(entity ? ';' : '>', i);
    if (end == std::string::npos) {
      return {read.text, "an entity or tag without an end"};
    }
    const auto inner = html.substr(i + 1, end - i - 1);
    i = end + 1;
    if (entity) {
      if (inner != "amp" && inner != "lt" && inner != "gt") {
        return {read.text, "entity " + inner};
      }
      read.text.push_back(inner == "amp" ? '&' : inner == "lt" ? '<' : '>');
    } else if (inner.starts_with("/")) {
      if (open.empty() || inner.substr(1) != open.back()) {
        return {read.text, "unmatched " + inner};
      }
      open.pop_back();
    } else if (!is_allowed(inner, open)) {
      return {read.text, "tag " + inner};
    } else {
      open.push_back(inner.substr(0, inner.find(' ')));
    }
  }
  read.fault = open.empty() ? "" : "open " + open.back();
  return read;
}

std::string read_telegram(const std::string& html) {
  const auto read = parse_telegram(html);
  CHECK(read.fault.empty());
  return read.text;
}

/// Fails the test where a fence stays open.
void check_fences(const std::string& text) {
  std::istringstream lines(text);
  bool open = false, inside = false;
  for (std::string line; std::getline(lines, line);) {
    line = line.starts_with("> ") ? line.substr(2) : line;
    if (line.starts_with("```")) {
      open = !open;
    } else {
      inside = inside || line.find("```") != std::string::npos;
    }
  }
  CHECK_FALSE(open);
  CHECK_FALSE(inside);
}

/// The words of the form "w100000w", in their order.
std::vector<std::string> words(const std::string& text) {
  constexpr std::size_t kSize = 8;
  std::vector<std::string> found;
  for (std::size_t i = 0; i + kSize <= text.size();) {
    const auto word = std::string_view(text).substr(i, kSize);
    const bool is_word = text[i] == 'w' && word.back() == 'w' &&
                         word.substr(1, kSize - 2).find_first_not_of("0123456789") == std::string::npos;
    if (is_word) {
      found.emplace_back(word);
    }
    i += is_word ? kSize : 1;
  }
  return found;
}

/// Checks what is true of all pieces, and returns what a reader reads in them.
std::string check_pieces(const std::string& markdown, Markup markup, std::size_t limit) {
  std::string all;
  for (const auto& piece : render_pieces(markdown, markup, limit)) {
    CHECK(base::is_utf8(piece));
    std::string shown = piece;
    if (markup == Markup::telegram_html) {
      shown = read_telegram(piece);
      CHECK(piece.size() <= 4 * limit);
      CHECK(std::count(piece.begin(), piece.end(), '<') <= 200);
    } else if (markup != Markup::plain) {
      check_fences(piece);
    }
    CHECK(base::utf16_length(shown) <= limit);
    CHECK_FALSE(base::trim(shown).empty());
    all += shown + "\n";
  }
  return all;
}

TEST_CASE("the checker of these tests sees what Telegram would refuse") {
  for (const char* html :
       {"<b>", "</b>", "<b><i></b></i>", "<u2>", "a > b", "a & b", "&nbsp;", "<", "<code><b></b></code>",
        "<a href=\"tg://x\">x</a>", "<blockquote><blockquote></blockquote></blockquote>",
        "<code class=\"language-x\"></code>"}) {
    CAPTURE(std::string(html));
    CHECK_FALSE(parse_telegram(html).fault.empty());
  }
  CHECK(parse_telegram("<b>a &amp; <a href=\"https://e.org\">b</a></b>").text == "a & b");
}

TEST_CASE("Telegram gets HTML") {
  CHECK(telegram("a *b* **c** ~~d~~ `e<`") == "a <i>b</i> <b>c</b> <s>d</s> <code>e&lt;</code>");
  CHECK(telegram("**a *b* c**") == "<b>a <i>b</i> c</b>");
  CHECK(telegram("*a **b** c*") == "<i>a <b>b</b> c</i>");
  CHECK(telegram("**a `b` c**") == "<b>a</b> <code>b</code> <b>c</b>");
  CHECK(telegram("# T\n\nx") == "<b>T</b>\n\nx");
  CHECK(telegram("a < b && c > d \"q\"") == "a &lt; b &amp;&amp; c &gt; d \"q\"");
  CHECK(telegram("```c++\na<b\n```") == "<pre><code class=\"language-c++\">a&lt;b</code></pre>");
  CHECK(telegram("```\nx\n```") == "<pre>x</pre>");
  CHECK(telegram("[a](https://e.org/\"?x&y)") == "<a href=\"https://e.org/&quot;?x&amp;y\">a</a>");
  CHECK(telegram("[a](mailto:x@e.org)") == "a (x@e.org)");
  CHECK(telegram("> a\n>\n> > b\n\nc") == "<blockquote>a\n\nb</blockquote>\n\nc");
  CHECK(telegram("> a\n\nx\n\n> b") == "<blockquote>a</blockquote>\n\nx\n\n<blockquote>b</blockquote>");
  CHECK(telegram("- a\n  - b\n    1. c\n- d") == "• a\n  • b\n    1. c\n• d");
  CHECK(telegram("| a | b |\n|---|---|\n| c | d |") == "<pre>a | b\n--+--\nc | d</pre>");
  CHECK(telegram("<b>x</b>") == "&lt;b&gt;x&lt;/b&gt;");
}

TEST_CASE("Slack gets mrkdwn") {
  CHECK(slack("a *b* **c** ~~d~~ `e<`") == "a _b_ *c* ~d~ `e&lt;`");
  CHECK(slack("**a *b* c**") == "*a _b_ c*");
  CHECK(slack("un**real**istic") == "un\u200B*real*\u200Bistic");
  CHECK(slack("# T\n\nx") == "*T*\n\nx");
  CHECK(slack("```c++\na<b\n```") == "```\na&lt;b\n```");
  CHECK(slack("~~~\n```\n~~~") == "```\n``\u200B`\n```");
  CHECK(slack("[a](https://e.org/?x&y)") == "<https://e.org/?x&amp;y|a>");
  CHECK(slack("[**a**](https://e.org/%7C|)") == "*<https://e.org/%7C%7C|a>*");
  CHECK(slack("https://e.org/a_b_c") == "<https://e.org/a_b_c>");
  CHECK(slack("> a\n> b  \n> c\n>\n> d") == "> a b\n> c\n> \n> d");
  CHECK(slack("- a\n- b") == "• a\n• b");
  CHECK(slack("**a  \nb**") == "*a*\n*b*");
  CHECK(slack("2 * 3 * 4, snake_case_name, ~/x") == "2 * 3 * 4, snake_case_name, ~\u200B/x");
  CHECK(slack("\\*no\\* \\_no\\_") == "*\u200Bno\u200B* _\u200Bno\u200B_");
  CHECK(slack("`` a`b ``") == "a`b");
  CHECK(slack("\\> x") == "\u200B&gt; x");
}

TEST_CASE("Discord gets Markdown") {
  CHECK(discord("a *b* **c** ~~d~~ `e<`") == "a _b_ **c** ~~d~~ `e<`");
  CHECK(discord("***a*** un*real*istic") == "**_a_** un*real*istic");
  CHECK(discord("# T\n\n##### x") == "# T\n\n**x**");
  CHECK(discord("```c++\na<b\n```") == "```c++\na<b\n```");
  CHECK(discord("~~~md\n```x\n~~~") == "```md\n``\u200B`x\n```");
  CHECK(discord("> ~~~\n> a\n> b\n> ~~~") == "> ```\n> a\n> b\n> ```");
  CHECK(discord("[a](https://e.org/x_(y))") == "[a](https://e.org/x_%28y%29)");
  CHECK(discord("https://e.org/a_b_c") == "<https://e.org/a_b_c>");
  CHECK(discord("[https://bank.org](https://e.org)") == "https://bank.org (<https://e.org>)");
  CHECK(discord("[a](mailto:x@e.org)") == "a (x@e.org)");
  CHECK(discord("> a\n>\n> b\n\nc") == "> a\n> \n> b\n\nc");
  CHECK(discord("- a\n  - b\n\n7. c") == "- a\n  - b\n\n7. c");
  CHECK(discord("\\*no\\* snake_case \\# x \\`y\\`") == "\\*no\\* snake\\_case # x \\`y\\`");
  CHECK(discord("\\# x") == "\\# x");
  CHECK(discord("1986\\. x") == "1986\\. x");
  CHECK(discord("a | b || c ~ d") == "a | b \\|\\| c ~ d");
  CHECK(discord("`` a`b `` ``` `` ```") == "``a`b`` `` `\u200B` ``");
  CHECK(discord("[x](javascript:y) \\[x](https://e.org)") == "x \\[x\\](<https://e.org>)" + std::string());
}

TEST_CASE("plain text is readable without marks") {
  CHECK(plain("# T\n\na *b* **c** `d` [e](https://e.org) https://e.org") ==
        "T\n\na b c d e (https://e.org) https://e.org");
  CHECK(plain("- a\n  - b\n\n> c\n> > d\n\n```sh\nx < y\n```") == "- a\n  - b\n\n> c\n> \n> > d\n\nx < y");
}

TEST_CASE("mentions of everybody are defused") {
  CHECK(slack("<!channel> <!here> <@U123> <!subteam^S1>") ==
        "&lt;!channel&gt; &lt;!here&gt; &lt;@U123&gt; &lt;!subteam^S1&gt;");
  CHECK(slack("@channel @here @everyone @EVERYONE @joe") ==
        "@\u200Bchannel @\u200Bhere @\u200Beveryone @\u200BEVERYONE @joe");
  CHECK(slack("`<!channel>`") == "`&lt;!channel&gt;`");
  CHECK(discord("@everyone @here @Everyone <@123> <@!123> <@&123> <#123> \\</x:1> <t:1>") ==
        "@\u200Beveryone @\u200Bhere @\u200BEveryone <\u200B@123> <\u200B@!123> <\u200B@&123> <\u200B#123> "
        "<\u200B/x:1> <\u200Bt:1>");
  for (const char* text : {"@**everyone**", "*@*everyone", "&#64;everyone", "@\\everyone", "<@\n123>",
                           "<**@123**>", "https://e.org/@everyone", "[@everyone](https://e.org/@here)",
                           "# @everyone", "- @everyone", "![@everyone](javascript:x)"}) {
    CAPTURE(std::string(text));
    for (const char* mention : {"@everyone", "@here", "<@123>", "<@"}) {
      CHECK(discord(text).find(mention) == std::string::npos);
    }
  }
}

TEST_CASE("nothing to read gives no piece") {
  for (const auto markup : kAll) {
    for (const char* text :
         {"", " \n\t", "\u200B\u200B", "&nbsp;", "```\n\n```", "**&#32;**", "\u00A0\n\n\u2800"}) {
      CAPTURE(std::string(text));
      for (const auto& piece : render_pieces(text, markup, 4096)) {
        CHECK(piece.find_first_not_of(" \n*") != std::string::npos);
      }
    }
  }
}

TEST_CASE("a long text is cut between paragraphs") {
  const std::string a(150, 'a'), b(150, 'b'), c(40, 'c');
  CHECK(render_pieces(a + "\n\n" + b + "\n\n" + c, Markup::plain, 200) ==
        std::vector<std::string>{a, b + "\n\n" + c});
}

TEST_CASE("a heading goes with what follows it") {
  const std::string a(150, 'a'), b(150, 'b');
  CHECK(render_pieces(a + "\n\n# T\n\n" + b, Markup::plain, 200) == std::vector<std::string>{a, "T\n\n" + b});
  CHECK(render_pieces(a + "\n\n# T\n\n" + b, Markup::telegram_html, 200) ==
        std::vector<std::string>{a, "<b>T</b>\n\n" + b});
}

TEST_CASE("code that is too long is cut between lines, and its fence opened again") {
  std::string code;
  for (int i = 0; i < 40; ++i) {
    code += "line " + std::to_string(i) + "\n";
  }
  const auto pieces = render_pieces("```py\n" + code + "```", Markup::discord_markdown, 200);
  REQUIRE(pieces.size() > 1);
  std::string joined;
  for (const auto& piece : pieces) {
    REQUIRE(piece.starts_with("```py\nline "));
    REQUIRE(piece.ends_with("\n```"));
    joined += piece.substr(6, piece.size() - 9);
  }
  CHECK(joined == code);
  for (const auto& piece : render_pieces("```py\n" + code + "```", Markup::telegram_html, 200)) {
    CHECK(piece.starts_with("<pre><code class=\"language-py\">line "));
    CHECK(piece.ends_with("</code></pre>"));
  }
}

TEST_CASE("a long paragraph is cut after a sentence, else between words, with its marks closed and opened") {
  std::string text;
  for (int i = 0; i < 30; ++i) {
    text += "A sentence of some words. ";
  }
  for (const auto& piece : render_pieces(text, Markup::plain, 200)) {
    CHECK(piece.ends_with("words."));
  }
  std::string words_only;
  for (int i = 0; i < 100; ++i) {
    words_only += "word ";
  }
  for (const auto& piece : render_pieces("**" + words_only + "end**", Markup::slack_mrkdwn, 200)) {
    CHECK(piece.starts_with("*word"));
    CHECK((piece.ends_with("word*") || piece.ends_with("end*")));
  }
}

TEST_CASE("four thousand emoji, and families of them, are never torn") {
  std::string emoji, families;
  const std::string family = "\U0001F468\u200D\U0001F469\u200D\U0001F467";
  for (int i = 0; i < 4096; ++i) {
    emoji += "\U0001F600";
    families += family;
  }
  for (const auto markup : kAll) {
    const auto pieces = render_pieces(emoji, markup, 4096);
    CHECK(pieces.size() == 2);
    for (const auto& piece : pieces) {
      CHECK(base::utf16_length(piece) == 4096);
      CHECK(base::is_utf8(piece));
    }
    for (const auto& piece : render_pieces(families, markup, 4096)) {
      CHECK(piece.size() % family.size() == 0);
      CHECK(base::utf16_length(piece) <= 4096);
    }
  }
}

TEST_CASE("text from right to left and three hundred mentions come out as they are") {
  const std::string rtl = "שלום **עולם** مرحبا";
  CHECK(telegram(rtl) == "שלום <b>עולם</b> مرحبا");
  CHECK(discord(rtl) == "שלום **עולם** مرحبا");
  std::string mentions;
  for (int i = 0; i < 300; ++i) {
    mentions += "@user" + std::to_string(i) + " ";
  }
  mentions.pop_back();
  for (const auto markup : kAll) {
    CHECK(one(mentions, markup) == mentions);
  }
}

TEST_CASE("a piece for Telegram has at most 100 tags") {
  std::string text;
  for (int i = 0; i < 350; ++i) {
    text += "**w" + std::to_string(i) + "w** and ";
  }
  const auto pieces = render_pieces(text, Markup::telegram_html, 4096);
  CHECK(pieces.size() == 4);
  for (const auto& piece : pieces) {
    CHECK(std::count(piece.begin(), piece.end(), '<') <= 200);
  }
}

/// Markdown of every kind, made from a seed.
class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  std::string document() {
    std::string out;
    for (auto blocks = number(1, 40); blocks > 0; --blocks) {
      out += block() + "\n\n";
    }
    return out;
  }

 private:
  int number(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }
  std::string word() { return "w" + std::to_string(count_++) + "w"; }

  std::string part() {
    switch (number(0, 17)) {
      case 0:
        return "*" + word() + " " + word() + "*";
      case 1:
        return "**" + word() + "** *" + word() + "*";
      case 2:
        return "~~" + word() + "~~";
      case 3:
        return "`" + word() + " <&>`";
      case 4:
        return "[" + word() + "](https://e.org/x_y?a=1&b=2)";
      case 5:
        return "**" + word() + " *" + word() + "* `" + word() + "`** ";
      case 6:
        return "\U0001F468\u200D\U0001F469\u200D\U0001F467 👍🏽";
      case 7:
        return "שלום " + word() + " مرحبا";
      case 8:
        return "<b>" + word() + "</b> &amp; &lt;";
      case 9:
        return "@everyone <!channel> <@123>";
      case 10:
        return word() + "_" + word() + "*" + word() + "~" + word();
      case 11:
        return "``" + word() + "`" + word() + "``";
      case 12:
        return word() + "  \n" + word();
      case 13:
        return std::string(1, "\\`*_{}[]()#+-.!|<>~\"'&\xFF"[number(0, 22)]);
      default:
        return word() + " " + word();
    }
  }
  std::string line(int most) {
    std::string out = word();
    for (auto parts = number(0, most); parts > 0; --parts) {
      out += (number(0, 5) == 0 ? "" : " ") + part() + (number(0, 6) == 0 ? "." : "");
    }
    return out;
  }
  std::string code() {
    std::string out = "~~~~" + std::string(number(0, 1) == 0 ? "cpp" : "") + "\n";
    for (auto lines = number(0, 60); lines > 0; --lines) {
      out += std::string(static_cast<std::size_t>(number(0, 8)), ' ') + word() +
             (number(0, 5) == 0 ? " ``` <&" : "") + "\n";
    }
    return out + "~~~~";
  }
  std::string table() {
    const auto columns = number(1, 8);
    std::string out;
    for (auto rows = number(2, 60), row = 0; row < rows; ++row) {
      for (int column = 0; column < columns; ++column) {
        out += row == 1 ? "|---" : "| " + word() + (number(0, 3) == 0 ? " **x** 日本" : "") + " ";
      }
      out += "|\n";
    }
    return out;
  }
  std::string list() {
    std::string out;
    int depth = 0;
    for (auto items = number(1, 30); items > 0; --items) {
      depth = std::max(0, std::min(depth + 1, number(0, 5)));
      out += std::string(static_cast<std::size_t>(depth) * 3, ' ') + (number(0, 1) == 0 ? "-  " : "1. ") +
             line(6) + "\n";
    }
    return out;
  }
  std::string block() {
    switch (number(0, 8)) {
      case 0:
        return std::string(static_cast<std::size_t>(number(1, 6)), '#') + " " + word() + " " + word();
      case 1:
        return code();
      case 2:
        return table();
      case 3:
        return list();
      case 4:
        return "> " + replaced(line(20), "\n", "\n> ") + "\n>\n> > " + word();
      case 5:
        return "---";
      case 6:
        return line(300);
      default:
        return line(30);
    }
  }

  std::mt19937 random_;
  int count_ = 100'000;
};

TEST_CASE("whatever the Markdown, pieces keep the limit, are well formed, and lose no word") {
  for (unsigned seed = 0; seed < 25; ++seed) {
    const auto markdown = Generator(seed).document();
    const auto expected = words(markdown);
    for (const auto markup : kAll) {
      for (const std::size_t limit : {128, 200, 500, 2000, 4096}) {
        CAPTURE(seed);
        CAPTURE(static_cast<int>(markup));
        CAPTURE(limit);
        auto shown = check_pieces(markdown, markup, limit);
        if (markup == Markup::discord_markdown) {
          shown = without(shown, "\\");
        }
        // A word at a cut may be torn where nothing else is possible, never in a piece of a usual size.
        if (limit >= 500) {
          CHECK(words(shown) == expected);
        }
      }
    }
  }
}

TEST_CASE("random bytes give well-formed pieces") {
  constexpr std::string_view kBytes = "\\`*_[]()#+-.!|<>~&;:@ \n\t>-ax1\xC3\xA9\xF0\xFF";
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    std::string text;
    for (auto left = random() % 600; left > 0; --left) {
      text.push_back(kBytes[random() % kBytes.size()]);
    }
    CAPTURE(text);
    for (const auto markup : kAll) {
      const auto pieces = render_pieces(text, markup, 128);
      for (const auto& piece : pieces) {
        CHECK(base::is_utf8(piece));
        CHECK(base::utf16_length(markup == Markup::telegram_html ? read_telegram(piece) : piece) <= 128);
      }
    }
  }
}

TEST_CASE("hostile Markdown keeps the limit and stays small") {
  for (const char* piece : {">", "> ", "[", "*a ", "`", "<", "&", "- ", "1. ", "**a** ", "||\n", "x\n",
                            "> - ", "_*a", "\u0301", "\u200B", "a\u200B", "[a](https://e.org) ", "```\n"}) {
    std::string text;
    while (text.size() < 20'000) {
      text += piece;
    }
    CAPTURE(std::string(piece));
    for (const auto markup : kAll) {
      std::size_t size = 0;
      for (const auto& part : render_pieces(text, markup, 2000)) {
        size += part.size();
        CHECK(base::utf16_length(markup == Markup::telegram_html ? read_telegram(part) : part) <= 2000);
      }
      CHECK(size <= 20 * text.size());
    }
  }
}

}  // namespace
