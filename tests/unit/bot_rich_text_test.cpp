#include <doctest/doctest.h>

#include "base/utf8.h"
#include "bot/markup/character_border.h"
#include "bot/markup/html_entities.h"
#include "bot/markup/rich_text.h"

namespace {

using bot::markup::Block;
using Kind = bot::markup::Block::Kind;

/// One line a block, as "quote/list marker kind: text", spans as [bis text address].
std::string outline(std::string_view markdown) {
  const auto document = bot::markup::parse_rich_text(markdown);
  std::string out;
  for (const auto& block : document.blocks) {
    out += std::string(block.quote_depth, '>') + std::string(block.list_depth, '.') + block.marker;
    out += block.kind == Kind::heading ? "H" + std::to_string(block.level)
           : block.kind == Kind::code  ? "C" + block.language
           : block.kind == Kind::rule  ? "R"
                                       : "P";
    out += ":";
    if (block.kind == Kind::code) {
      out += block.text;
    }
    for (const auto& span : block.spans) {
      const std::string style = std::string(span.bold ? "b" : "") + (span.italic ? "i" : "") +
                                (span.strike ? "s" : "") + (span.code ? "c" : "");
      const auto text = block.text.substr(span.begin, span.end - span.begin);
      out += style.empty() && span.link == 0 ? text : "[" + style + " " + text;
      out += span.link != 0 ? " " + document.addresses[span.link] : "";
      out += style.empty() && span.link == 0 ? "" : "]";
    }
    out += "\n";
  }
  return out;
}

TEST_CASE("Markdown becomes blocks of spans") {
  CHECK(outline("a *b* **c** ***d*** ~~e~~ `f`") == "P:a [i b] [b c] [bi d] [s e] [c f]\n");
  CHECK(outline("# One\n\ntext\n\n### Three") == "H1:One\nP:text\nH3:Three\n");
  CHECK(outline("a\nb") == "P:a\nb\n");
  CHECK(outline("a  \nb") == "P:a\nb\n");
  CHECK(outline("a\n\n---\n\nb") == "P:a\nR:\nP:b\n");
  CHECK(outline("").empty());
  CHECK(outline(" \n\n ").empty());
}

TEST_CASE("an emphasis that is never left ends with its block") {
  const auto document = outline("**see https://e.org/x**(y)\n\nafter");
  CHECK(document.ends_with("P:after\n"));
}

TEST_CASE("code keeps every character, and its language where that is one") {
  CHECK(outline("```python\nif a:\n    *b*\n\n```") == "Cpython:if a:\n    *b*\n");
  CHECK(outline("```c++ {.x}\nx\n```") == "Cc++:x\n");
  CHECK(outline("```\"><b>\nx\n```") == "C:x\n");
  CHECK(outline("~~~\n```\n~~~") == "C:```\n");
  CHECK(outline("    &amp;") == "C:&amp;\n");
  CHECK(outline("```\n\n```").empty());
}

TEST_CASE("lists and quotes are told by numbers") {
  CHECK(outline("- a\n- b\n  - c\n- d") == ".-P:a\n.-P:b\n..-P:c\n.-P:d\n");
  CHECK(outline("3. a\n4. b") == ".3.P:a\n.4.P:b\n");
  CHECK(outline("- a\n\n  b") == ".-P:a\n.P:b\n");
  CHECK(outline("- a\n\n  ```sh\n  b\n  ```") == ".-P:a\n.Csh:b\n");
  CHECK(outline("- ```sh\n  b\n  ```") == ".-P:\n.Csh:b\n");
  CHECK(outline("-\n- b") == ".-P:\n.-P:b\n");
  CHECK(outline("> a\n>\n> > b\n\nc") == ">P:a\n>>P:b\nP:c\n");
  CHECK(outline("> - a") == ">.-P:a\n");
}

TEST_CASE("only the items of a tight list follow on the next line") {
  const auto gaps = [](std::string_view markdown) {
    std::string out;
    for (const auto& block : bot::markup::parse_rich_text(markdown).blocks) {
      out += block.gap == Block::Gap::line ? "l" : "e";
    }
    return out;
  };
  CHECK(gaps("x\n\n- a\n- b\n  - c\n- d\n\ny") == "eellle");
  CHECK(gaps("- a\n\n- b") == "ee");
  CHECK(gaps("a\n\nb") == "ee");
}

TEST_CASE("blocks tell which quote they stand in") {
  const auto document = bot::markup::parse_rich_text("> a\n>\n> b\n\nc\n\n> d");
  REQUIRE(document.blocks.size() == 4);
  CHECK(document.blocks[0].quote == document.blocks[1].quote);
  CHECK(document.blocks[2].quote == 0);
  CHECK(document.blocks[3].quote != document.blocks[0].quote);
  CHECK(document.blocks[3].quote != 0);
}

TEST_CASE("links of web and mail stay links, images become links") {
  CHECK(outline("[a](https://e.org/?a=1&amp;b=2)") == "P:[ a https://e.org/?a=1&b=2]\n");
  CHECK(outline("see https://e.org/x now") == "P:see [ https://e.org/x https://e.org/x] now\n");
  CHECK(outline("[m](mailto:a@b.ch)") == "P:[ m mailto:a@b.ch]\n");
  CHECK(outline("![cat](https://e.org/c.png)") == "P:[ cat https://e.org/c.png]\n");
  CHECK(outline("![](https://e.org/c.png)") == "P:[ https://e.org/c.png https://e.org/c.png]\n");
  CHECK(outline("[![cat](https://i.org)](https://e.org)") == "P:[ cat https://e.org]\n");
  CHECK(outline("[**a**](https://e.org)") == "P:[b a https://e.org]\n");
  CHECK(outline("[**a** `b`](https://e.org)") == "P:[ a b https://e.org]\n");
  for (const char* text :
       {"[x](javascript:alert(1))", "[x](java&#115;cript:alert(1))", "[x](data:text/html,x)",
        "[x](file:///etc/passwd)", "[x](/admin)", "[x](tg://user?id=1)", "[x](https://e.org/&#10;a)"}) {
    CAPTURE(std::string(text));
    CHECK(outline(text) == "P:x\n");
  }
}

TEST_CASE("HTML stays text and entities become characters") {
  CHECK(outline("<b>x</b>") == "P:<b>x</b>\n");
  CHECK(outline("&lt;b&gt; &copy; &#x1F600; &nosuch;") == "P:<b> © 😀 &nosuch;\n");
  CHECK(bot::markup::decode_entity("&amp;") == "&");
  CHECK(bot::markup::decode_entity("&hellip;") == "…");
  CHECK(bot::markup::decode_entity("&zwnj;") == "\u200C");
  CHECK(bot::markup::decode_entity("&AElig;") == "Æ");
  CHECK(bot::markup::decode_entity("&#0;") == "\uFFFD");
  CHECK(bot::markup::decode_entity("&#xD800;") == "\uFFFD");
  CHECK(bot::markup::decode_entity("&#x110000;") == "\uFFFD");
  CHECK(bot::markup::decode_entity("&#99999999999;") == "&#99999999999;");
  CHECK(bot::markup::decode_entity("&#7;") == " ");
  CHECK(bot::markup::decode_entity("&;") == "&;");
}

TEST_CASE("a table becomes aligned lines") {
  CHECK(outline("| Name | n |\n|---|--:|\n| a | 1 |\n| 日本 | 22 |\n| **b** | |") ==
        "C:Name | n\n"
        "-----+---\n"
        "a    | 1\n"
        "日本 | 22\n"
        "b\n");
  CHECK(outline("| a |\n|---|\n| [x](https://e.org) `y` |\n\n```\nz\n```") ==
        "C:a\n-------------------\nx (https://e.org) y\nC:z\n");
}

TEST_CASE("bytes that are not UTF-8 and control characters do no harm") {
  CHECK(outline("a\xFFz") == "P:a\uFFFDz\n");
  CHECK(outline("a\x1B[1mb\r\n\r\nc") == "P:ab\nP:c\n");
  CHECK(outline(std::string_view("a\0b", 3)) == "P:ab\n");
}

std::size_t size_of(const bot::markup::RichText& document) {
  std::size_t size = 0;
  for (const auto& block : document.blocks) {
    size += block.text.size() + block.marker.size() + 1;
  }
  for (const auto& address : document.addresses) {
    size += address.size();
  }
  return size;
}

TEST_CASE("hostile Markdown neither nests nor grows without bounds") {
  std::vector<std::string> texts;
  for (const char* piece : {">",  "> ",  "[", "![", "*a ", "_a ", "`",  "<",   "((",   "| ",    "[a](",
                            "**", "~~a", "&", "- ", "1. ", "#",   "*_", "x\n", "||\n", "&#10;", "> - "}) {
    std::string text;
    while (text.size() < 100'000) {
      text += piece;
    }
    texts.push_back(text);
  }
  std::string table, columns;
  for (int i = 0; i < 10'000; ++i) {
    table += "a|";
    columns += "-|";
  }
  table = "|" + table + "\n|" + columns + "\n";
  for (int i = 0; i < 10'000; ++i) {
    table += "|x\n";
  }
  texts.push_back(table);
  for (const char* before : {"", "> ", "    ", "> > "}) {
    std::string rows = std::string("- list\n\n") + before + "|";
    for (int i = 0; i < 10'000; ++i) {
      rows += "a|";
    }
    rows += std::string("\n") + before + "|";
    for (int i = 0; i < 10'000; ++i) {
      rows += "---|";
    }
    for (int i = 0; i < 5'000; ++i) {
      rows += std::string("\n") + before + "|x";
    }
    texts.push_back(rows);
  }
  std::string wide = "|a|b|\n|-|-|\n|" + std::string(50'000, 'w') + "|c|\n";
  std::string links = "[a]: https://e.org/" + std::string(2'000, 'x') + "\n\n";
  for (int i = 0; i < 10'000; ++i) {
    wide += "|x|y|\n";
    links += "[a] ";
  }
  texts.push_back(wide);
  texts.push_back(links);
  for (const auto& text : texts) {
    CAPTURE(text.substr(0, 20));
    const auto document = bot::markup::parse_rich_text(text);
    CHECK(size_of(document) <= 12 * text.size() + 8192);
    for (const auto& block : document.blocks) {
      CHECK(block.quote_depth <= bot::markup::kMaxNesting);
      CHECK(block.list_depth <= bot::markup::kMaxNesting);
    }
  }
}

TEST_CASE("a cut never tears a character") {
  const auto border = [](std::string_view text, std::size_t at) {
    return bot::markup::character_border(text, 0, at);
  };
  CHECK(border("abc", 2) == 2);
  CHECK(border("aé", 2) == 1);
  CHECK(border("ae\u0301", 2) == 1);
  const std::string family = "x\U0001F468\u200D\U0001F469\u200D\U0001F467y";
  for (std::size_t at = 1; at < family.size() - 1; ++at) {
    CHECK(border(family, at) == 1);
  }
  CHECK(border(family, family.size() - 1) == family.size() - 1);
  CHECK(border("a\U0001F44D\U0001F3FD", 5) == 1);
  const std::string flags = "\U0001F1E8\U0001F1ED\U0001F1E9\U0001F1EA";
  CHECK(border(flags, 12) == 8);
  CHECK(border(flags, 8) == 8);
  // Nothing but one character: it is cut all the same, between code points.
  CHECK(border("é", 1) == 2);
  std::string marks = "a";
  for (int i = 0; i < 100; ++i) {
    marks += "\u0301";
  }
  CHECK(border(marks, 101) == 101);
}

TEST_CASE("wide characters take two columns and marks none") {
  CHECK(bot::markup::display_width("abc") == 3);
  CHECK(bot::markup::display_width("日本") == 4);
  CHECK(bot::markup::display_width("e\u0301") == 1);
  CHECK(bot::markup::display_width("👍🏽") == 2);
}

}  // namespace
