#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "bot/markup/markdown.h"
#include "tests/support/text.h"

using support::contains;

namespace {

std::string html(const std::string& markdown) {
  return bot::markup::markdown_to_html(markdown);
}
TEST_CASE("the usual marks become HTML") {
  CHECK(html("Hello *you* and **you**, `code`, ~~gone~~") ==
        "<p>Hello <em>you</em> and <strong>you</strong>, <code>code</code>, <del>gone</del></p>\n");
  CHECK(html("# Title") == "<h1>Title</h1>\n");
  CHECK(contains(html("- a\n- b"), "<ul><li>a</li>\n<li>b</li>\n</ul>"));
  CHECK(contains(html("3. a\n4. b"), "<ol start=\"3\">"));
  CHECK(contains(html("> quoted"), "<blockquote><p>quoted</p>"));
  CHECK(contains(html("a  \nb"), "<br>"));
  CHECK(contains(html("---"), "<hr>"));
  CHECK(html("").empty());
}

TEST_CASE("an address of this machine is a link, although its host has no dot") {
  constexpr const char* kLink = "<a target=\"_blank\" rel=\"noopener noreferrer\" href=\"";
  CHECK(html("Open http://localhost:8080/.") ==
        "<p>Open " + std::string(kLink) + "http://localhost:8080/\">http://localhost:8080/</a>.</p>\n");
  CHECK(
      contains(html("(http://localhost)"), std::string(kLink) + "http://localhost\">http://localhost</a>)"));
  CHECK(contains(html("at http://localhost:1/a?b=1&c=2 and https://localhost/x"),
                 "href=\"https://localhost/x\""));
  CHECK(contains(html("http://localhost:1/a?b=1&c=2"), "href=\"http://localhost:1/a?b=1&amp;c=2\""));
  for (const char* none :
       {"`http://localhost/`", "http://localhostage/", "xhttp://localhost/", "    http://localhost/"}) {
    CAPTURE(std::string(none));
    CHECK_FALSE(contains(html(none), "<a "));
  }
  CHECK(contains(html("[here](http://localhost:8080/)"), "href=\"http://localhost:8080/\">here</a>"));
}

TEST_CASE("HTML in the text stays text") {
  for (const char* text :
       {"<script>alert(1)</script>", "a <img src=x onerror=alert(1)> b", "<!-- x -->", "<b>bold</b>",
        "<a href=\"javascript:alert(1)\">x</a>", "<?php x ?>", "<![CDATA[x]]>", "</p><script>",
        "<svg/onload=alert(1)>", "- <iframe>\n", "| <script> |\n|---|\n| <b> |", "# <script>"}) {
    CAPTURE(std::string(text));
    const auto out = html(text);
    for (const char* tag : {"<script", "<img", "<!--", "<b>", "<a ", "<?", "<![", "<svg", "<iframe"}) {
      CHECK_FALSE(contains(out, tag));
    }
    CHECK(contains(out, "&lt;"));
  }
}

TEST_CASE("only http, https and mail addresses become links") {
  CHECK(contains(html("[x](https://example.org/a?b=1)"), "href=\"https://example.org/a?b=1\">x</a>"));
  CHECK(contains(html("[x](http://example.org)"), "rel=\"noopener noreferrer\""));
  CHECK(contains(html("[x](mailto:a@b.ch)"), "href=\"mailto:a@b.ch\""));
  CHECK(contains(html("see https://example.org/x now"), "href=\"https://example.org/x\""));
  for (const char* text :
       {"[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))", "[x](java&#115;cript:alert(1))",
        "[x](&#106;avascript:alert(1))", "[x](data:text/html,x)", "[x](vbscript:x)",
        "[x](file:///etc/passwd)", "[x](//example.org)", "[x](/admin)", "[x](<java\tscript:alert(1)>)",
        "[x](\x01javascript:alert(1))", "<javascript:alert(1)>", "[x]: javascript:alert(1)\n\n[x]"}) {
    CAPTURE(std::string(text));
    CHECK_FALSE(contains(html(text), "<a"));
    CHECK_FALSE(contains(html(text), "href"));
  }
}

TEST_CASE("a link's address cannot leave its attribute") {
  const auto out = html("[x](https://example.org/\"onmouseover=alert(1))");
  CHECK(contains(out, "&quot;onmouseover"));
  CHECK_FALSE(contains(out, "\"onmouseover"));
  CHECK(contains(html("[x](https://e.org/'a)"), "&#39;a"));
}

TEST_CASE("an ampersand in an address is written once") {
  CHECK(contains(html("[x](https://e.org/?a=1&b=2)"), "href=\"https://e.org/?a=1&amp;b=2\""));
  CHECK(contains(html("[x](https://e.org/?a=1&amp;b=2)"), "href=\"https://e.org/?a=1&amp;b=2\""));
}

TEST_CASE("images become links, so that nothing is loaded") {
  const auto out = html("![a cat](https://example.org/cat.png)");
  CHECK_FALSE(contains(out, "<img"));
  CHECK(contains(out, "href=\"https://example.org/cat.png\">a cat</a>"));
  CHECK_FALSE(contains(html("![x](javascript:alert(1))"), "href"));
}

TEST_CASE("no link is inside a link: the outermost counts") {
  const auto badge = html("[![build](https://e.org/b.svg)](https://e.org) after");
  CHECK(contains(badge, "href=\"https://e.org\">build</a> after"));
  CHECK_FALSE(contains(badge, "b.svg"));
  const auto image = html("![a [b](http://x.org) c](http://y.org)");
  CHECK(contains(image, "href=\"http://y.org\">a b c</a>"));
  CHECK(contains(html("![a [b](http://x.org) c](javascript:y)"), "<p>a <a"));
}

TEST_CASE("an emphasis whose end became part of a bare link ends with its block") {
  CHECK(contains(html("**see https://e.org/x**(y)\n\nafter"), "</a></strong></p>\n<p>after</p>"));
}

TEST_CASE("between words without spaces, marks work beside punctuation, too") {
  const std::pair<const char*, const char*> cases[] = {
      {"边界：**社区显示：**Fable", "边界：<strong>社区显示：</strong>Fable"},
      {"**重要。**これは**「引用」**です", "<strong>重要。</strong>これは<strong>「引用」</strong>です"},
      {"**スター(star)**は", "<strong>スター(star)</strong>は"},
      {"*강조！*입니다", "<em>강조！</em>입니다"},
      {"他说**“你好”**Fable", "他说<strong>“你好”</strong>Fable"},
      {"**社区:**Fable", "<strong>社区:</strong>Fable"},
      {"**（注）**text**（注）**", "<strong>（注）</strong>text<strong>（注）</strong>"},
      {"***全部！***次", "<em><strong>全部！</strong></em>次"},
      {"~~旧：~~新", "<del>旧：</del>新"}};
  for (const auto& [markdown, expected] : cases) {
    CHECK(html(markdown) == std::string("<p>") + expected + "</p>\n");
  }
  CHECK(html("[**社区：**a](https://例.example/**：a)") ==
        "<p><a target=\"_blank\" rel=\"noopener noreferrer\" href=\"https://例.example/**：a\">"
        "<strong>社区：</strong>a</a></p>\n");
}

TEST_CASE("marks that mean nothing stay, with nothing added") {
  const std::pair<const char*, const char*> cases[] = {{"`：**社区：**a`", "<code>：**社区：**a</code>"},
                                                       {"社区 ** 显示：** a", "社区 ** 显示：** a"},
                                                       {"\\**社区：\\**a", "**社区：**a"},
                                                       {"**Note:**text", "**Note:**text"},
                                                       {"：**", "：**"},
                                                       {"**：", "**："}};
  for (const auto& [markdown, expected] : cases) {
    CHECK(html(markdown) == std::string("<p>") + expected + "</p>\n");
  }
  CHECK(html("\xEF\xB7\x90：**社区：**a") == "<p>：**社区：**a</p>\n");
}

TEST_CASE("a tag that ends a line ends it, in the cell of a table, too") {
  for (const char* tag : {"<br>", "<br/>", "<br />", "<BR>"}) {
    const auto out = html(std::string("| a |\n|---|\n| one") + tag + "two |");
    CHECK(contains(out, "<td>one<br>two</td>"));
    CHECK(html(std::string("one") + tag + tag + "two") == "<p>one<br><br>two</p>\n");
  }
  CHECK(html("`a<br>b` \\<br> <brx> <br x>") ==
        "<p><code>a&lt;br&gt;b</code> &lt;br&gt; &lt;brx&gt; &lt;br x&gt;</p>\n");
}

TEST_CASE("tables become tables") {
  const auto out = html("| a | b |\n|---|---|\n| 1 | 2 |\n");
  CHECK(contains(out, "<table><thead><tr><th>a</th><th>b</th></tr>"));
  CHECK(contains(out, "<tbody><tr><td>1</td><td>2</td></tr>"));
}

TEST_CASE("tables as models write them become tables") {
  for (const char* text : {"Here:\n|a|b|\n|---|---|\n|1|2|", "|a|b|\n|-|-|\n|1|2|", "|a|b|\n|--|:-:|\n|1|2|",
                           "a | b\n- | :-\n1 | 2", "```\nx\n```\n|a|b|\n|:--|--:|\n|1|2|\n",
                           "## T\n|a|b|\n|-|-|\n|1|2|\n\nend"}) {
    CAPTURE(std::string(text));
    CHECK(contains(html(text), "<table>"));
    CHECK(contains(html(text), ">b</th></tr>"));
    CHECK(contains(html(text), ">2</td></tr>"));
  }
  CHECK(contains(html("Here:\n|a|b|\n|-|-|\n|1|2|"), "<p>Here:</p>"));
}

TEST_CASE("what is no table keeps all of its words") {
  CHECK(html("|a|b|c|\n|---|---|\n|1|2|3|") == "<p>|a|b|c|\n|---|---|\n|1|2|3|</p>\n");
  CHECK(contains(html("```\nx\n|a|b|\n|-|-|\n```"), "<code>x\n|a|b|\n|-|-|\n</code>"));
  CHECK(contains(html("~~~~\n```\n|a|b|\n|-|-|\n~~~~"), "<code>```\n|a|b|\n|-|-|\n</code>"));
  CHECK(contains(html("x\n\n    |a|b|\n    |-|-|"), "<code>|a|b|\n|-|-|\n</code>"));
  CHECK(html("Title\n---") == "<h2>Title</h2>\n");
  CHECK(html("a \\| b\n-") == "<h2>a | b</h2>\n");
}

TEST_CASE("code keeps every character and its language") {
  CHECK(html("```python\nif a < b and \"x\":\n    pass\n```") ==
        "<pre><code class=\"language-python\">if a &lt; b and &quot;x&quot;:\n    pass\n</code></pre>\n");
  CHECK(html("```\n**no**\n```") == "<pre><code>**no**\n</code></pre>\n");
  CHECK(contains(html("```\"><script>\nx\n```"), "class=\"language-&quot;&gt;&lt;script&gt;\""));
  CHECK(contains(html("`<b>`"), "<code>&lt;b&gt;</code>"));
  CHECK(contains(html("```\nnever closed"), "never closed"));
}

TEST_CASE("entities are shown as the characters they stand for") {
  CHECK(html("&lt;b&gt; &amp; &auml;") == "<p>&lt;b&gt; &amp; &auml;</p>\n");
  CHECK(html("a & b < c > d") == "<p>a &amp; b &lt; c &gt; d</p>\n");
}

TEST_CASE("a text that ends within a link's address is not read beyond its end") {
  // In memory that is not ours behind the last byte, as the address sanitizer sees it.
  const std::string text = "<scr[![ipt>alert(1)build](https://e.org/b.svg)](https:<//e.";
  const std::vector<char> exact(text.begin(), text.end());
  CHECK(contains(bot::markup::markdown_to_html({exact.data(), exact.size()}), "build"));
}

TEST_CASE("text of any script and a NUL byte are harmless") {
  CHECK(html("Größe 日本語 👍") == "<p>Größe 日本語 👍</p>\n");
  CHECK(html(std::string("a\0b", 3)) ==
        "<p>a\xEF\xBF\xBD"
        "b</p>\n");
  CHECK(html(std::string("`\0`", 3)) == "<p><code>\xEF\xBF\xBD</code></p>\n");
}

TEST_CASE("deep and hostile nesting neither crashes nor takes long") {
  std::string nested;
  for (int i = 0; i < 10'000; ++i) {
    nested += "> ";
  }
  CHECK_FALSE(html(nested + "x").empty());
  std::string lists;
  for (int i = 0; i < 200; ++i) {
    lists += std::string(static_cast<std::size_t>(i) * 2, ' ') + "- x\n";
  }
  CHECK_FALSE(html(lists).empty());
  for (const char* piece : {"[", "![", "*a ", "_a ", "`", "<", "((", "| ", "[a](", "**", "~~a", "&"}) {
    CAPTURE(std::string(piece));
    std::string text;
    for (int i = 0; i < 5'000; ++i) {
      text += piece;
    }
    CHECK_NOTHROW(html(text));
  }
}

}  // namespace
