#include <algorithm>

#include <doctest/doctest.h>

#include "base/utf8.h"
#include "tests/support/chat_services/markup_dialects.h"

namespace {

using support::Markup;
using support::render_parts;

constexpr Markup kAll[] = {Markup::telegram_html, Markup::slack_mrkdwn, Markup::discord_markdown,
                           Markup::mattermost_markdown, Markup::plain};

std::string one(std::string_view markdown, Markup markup) {
  const auto pieces = render_parts(markdown, markup, 4096);
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
std::string mattermost(std::string_view markdown) {
  return one(markdown, Markup::mattermost_markdown);
}
std::string plain(std::string_view markdown) {
  return one(markdown, Markup::plain);
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
  CHECK(slack("> a\n> b  \n> c\n>\n> d") == "> a\n> b\n> c\n> \n> d");
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

TEST_CASE("Mattermost gets its Markdown, and nobody is mentioned by it") {
  CHECK(mattermost("a *b* **c** ~~d~~ `e<`") == "a _b_ **c** ~~d~~ `e<`");
  CHECK(mattermost("# T\n\n##### x") == "# T\n\n##### x");
  CHECK(mattermost("```c++\na<b\n```") == "```c++\na<b\n```");
  CHECK(mattermost("~~~md\n```x\n~~~") == "```md\n``\u200B`x\n```");
  CHECK(mattermost("> a\n>\n> b\n\nc") == "> a\n> \n> b\n\nc");
  CHECK(mattermost("- a\n  - b\n\n7. c") == "- a\n  - b\n\n7. c");
  CHECK(mattermost("[a](https://e.org)@here") == "[a](https://e.org)@\u200Bhere");
  CHECK(mattermost("[a](https://e.org/x_(y))") == "[a](https://e.org/x_%28y%29)");
  CHECK(mattermost("\\*no\\* snake_case \\# x \\`y\\`") == "\\*no\\* snake\\_case # x \\`y\\`");
  CHECK(mattermost("\\# x") == "\\# x");
  CHECK(mattermost("1986\\. x") == "1986\\. x");
  // A picture would be fetched by whoever reads it.
  CHECK(mattermost("hello\\![x](https://e.org)") == "hello\\![x](https://e.org)");
  CHECK(mattermost("@all @channel @here @ada (@Ada) ada@e.org") ==
        "@\u200Ball @\u200Bchannel @\u200Bhere @\u200Bada (@\u200BAda) ada@e.org");
  CHECK(mattermost("[x](https://e.org/@ada)") == "[x](https://e.org/%40ada)");
}

TEST_CASE("backticks in a link are no code and no fence") {
  CHECK(slack("[\\`\\`\\`](https://e.org/a`b)") == "<https://e.org/a%60b|``\u200B`>");
  CHECK(discord("[\\`\\`\\`](https://e.org/a`b)") == "[\\`\\`\\`](https://e.org/a%60b)");
  CHECK(discord("<https://e.org/`x`>") == "<https://e.org/%60x%60>");
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
      for (const auto& piece : render_parts(text, markup, 4096)) {
        CHECK(piece.find_first_not_of(" \n*") != std::string::npos);
      }
    }
  }
}

TEST_CASE("nothing but marks is shown as it is") {
  for (const auto markup : kAll) {
    for (const char* text : {"```", "> ", "```\n\n```", "#"}) {
      CAPTURE(std::string(text));
      CHECK(render_parts(text, markup, 4096).size() == 1);
    }
  }
  CHECK(discord("```") == "\\`\\`\\`");
}

TEST_CASE("a long text is cut between paragraphs") {
  const std::string a(150, 'a'), b(150, 'b'), c(40, 'c');
  CHECK(render_parts(a + "\n\n" + b + "\n\n" + c, Markup::plain, 200) ==
        std::vector<std::string>{a, b + "\n\n" + c});
}

TEST_CASE("a heading goes with what follows it") {
  const std::string a(150, 'a'), b(150, 'b');
  CHECK(render_parts(a + "\n\n# T\n\n" + b, Markup::plain, 200) == std::vector<std::string>{a, "T\n\n" + b});
  CHECK(render_parts(a + "\n\n# T\n\n" + b, Markup::telegram_html, 200) ==
        std::vector<std::string>{a, "<b>T</b>\n\n" + b});
}

TEST_CASE("code that is too long is cut between lines, and its fence opened again") {
  std::string code;
  for (int i = 0; i < 40; ++i) {
    code += "line " + std::to_string(i) + "\n";
  }
  const auto pieces = render_parts("```py\n" + code + "```", Markup::discord_markdown, 200);
  REQUIRE(pieces.size() > 1);
  std::string joined;
  for (const auto& piece : pieces) {
    REQUIRE(piece.starts_with("```py\nline "));
    REQUIRE(piece.ends_with("\n```"));
    joined += piece.substr(6, piece.size() - 9);
  }
  CHECK(joined == code);
  for (const auto& piece : render_parts("```py\n" + code + "```", Markup::telegram_html, 200)) {
    CHECK(piece.starts_with("<pre><code class=\"language-py\">line "));
    CHECK(piece.ends_with("</code></pre>"));
  }
}

TEST_CASE("a long paragraph is cut after a sentence, else between words, with its marks closed and opened") {
  std::string text;
  for (int i = 0; i < 30; ++i) {
    text += "A sentence of some words. ";
  }
  for (const auto& piece : render_parts(text, Markup::plain, 200)) {
    CHECK(piece.ends_with("words."));
  }
  std::string words_only;
  for (int i = 0; i < 100; ++i) {
    words_only += "word ";
  }
  for (const auto& piece : render_parts("**" + words_only + "end**", Markup::slack_mrkdwn, 200)) {
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
    const auto pieces = render_parts(emoji, markup, 4096);
    CHECK(pieces.size() == 2);
    for (const auto& piece : pieces) {
      CHECK(base::utf16_length(piece) == 4096);
      CHECK(base::is_utf8(piece));
    }
    for (const auto& piece : render_parts(families, markup, 4096)) {
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
    auto shown = one(mentions, markup);
    const std::string nothing = "\u200B";
    if (markup == Markup::telegram_html) {
      // There a name in the text would call its owner.
      CHECK(shown.find("@user") == std::string::npos);
    }
    for (auto at = shown.find(nothing); at != std::string::npos; at = shown.find(nothing)) {
      shown.erase(at, nothing.size());
    }
    CHECK(shown == mentions);
  }
  CHECK(telegram("mail ann@example.org, `@ann`") == "mail ann@example.org, <code>@ann</code>");
}

TEST_CASE("between words without spaces, marks work on every service") {
  const auto* text = "边界：**社区显示：**Fable";
  CHECK(telegram(text) == "边界：<b>社区显示：</b>Fable");
  CHECK(slack(text) == "边界：\u200B*社区显示：*\u200BFable");
  CHECK(discord(text) == "边界：**社区显示：**Fable");
  CHECK(mattermost(text) == "边界：**社区显示：**Fable");
}

TEST_CASE("no service shows the tag that ends a line") {
  for (const auto markup : kAll) {
    const auto table = one("| a | b |\n|---|---|\n| one<br>two | x |\n| three | <br/> |", markup);
    CHECK(table.find("<br") == std::string::npos);
    CHECK(table.find("&lt;br") == std::string::npos);
    CHECK(table.find("one   | x\ntwo\nthree") != std::string::npos);
    CHECK(one("one<br>two", markup) == one("one  \ntwo", markup));
    CHECK(one("# one<br>two", markup) == one("# one two", markup));
  }
}

TEST_CASE("a piece for Telegram has at most 100 tags") {
  std::string text;
  for (int i = 0; i < 350; ++i) {
    text += "**w" + std::to_string(i) + "w** and ";
  }
  const auto pieces = render_parts(text, Markup::telegram_html, 4096);
  CHECK(pieces.size() == 4);
  for (const auto& piece : pieces) {
    CHECK(std::count(piece.begin(), piece.end(), '<') <= 200);
  }
}

}  // namespace
