#include <doctest/doctest.h>

#include "bot/access/person_name.h"
#include "bot/markup/literal_markdown.h"
#include "bot/markup/markdown.h"
#include "bot/markup/rich_text.h"
#include "tests/support/chat_services/markup_dialects.h"
#include "tests/support/text.h"

using support::without;

namespace {

constexpr const char* kHostile[] = {
    "**bold** _it_ ~~gone~~ `code`",
    "[Ann](https://evil.example) ![x](http://a.b/c)",
    "https://evil.example/a www.evil.example t.me/x ann@evil.example",
    "<a href=x>Ann</a> <@U1> <!channel> <b> &lt;b&gt; &#42;x&#42;",
    "@everyone @here @ann @all /cancel #tag $TAG",
    "Ann ||spoiler|| \\*x\\* `` ` ``",
    "``` Ann",
};

TEST_CASE("whatever a name holds is read as just that, in one plain paragraph") {
  for (const std::string name : kHostile) {
    CAPTURE(name);
    const auto text =
        bot::markup::parse_rich_text("Only " + bot::markup::literal_markdown(name) + " can, **really**.");
    REQUIRE(text.blocks.size() == 1);
    const auto& block = text.blocks[0];
    CHECK(block.kind == bot::markup::Block::Kind::paragraph);
    CHECK(without(block.text, "\u200B") == "Only " + name + " can, really.");
    CHECK(text.addresses.size() == 1);
    for (const auto& span : block.spans) {
      CHECK_FALSE(span.italic);
      CHECK_FALSE(span.strike);
      CHECK_FALSE(span.code);
      CHECK((!span.bold || block.text.substr(span.begin, span.end - span.begin) == "really"));
    }
  }
}

TEST_CASE("no chat service finds something to press in a name, nor somebody to call") {
  for (const auto markup : {support::Markup::telegram_html, support::Markup::slack_mrkdwn,
                            support::Markup::discord_markdown, support::Markup::mattermost_markdown}) {
    for (const std::string name : kHostile) {
      CAPTURE(name);
      const auto pieces = support::render_parts("By " + bot::markup::literal_markdown(name), markup, 4'000);
      REQUIRE(pieces.size() == 1);
      for (const char* call : {"https:/", "://", "evil.example", "www.evil", "t.me", "@e", "@h", "@a",
                               "/cancel", "#tag", "$TAG", "<@", "<a"}) {
        CAPTURE(call);
        // Angle brackets are no more than that on Mattermost.
        if (markup != support::Markup::mattermost_markdown || *call != '<') {
          CHECK(pieces[0].find(call) == std::string::npos);
        }
      }
    }
  }
}

TEST_CASE("a name stays on its line and hides nothing") {
  CHECK(bot::markup::literal_markdown(" Ann\n\n# Lee\r\n\u2028x ") == "Ann # Lee x");
  CHECK(bot::markup::literal_markdown("A\u202En\u200Bn\x1B[2K\u00AD\u3164") == "Ann\\[2K");
  CHECK(bot::markup::literal_markdown("Zoë O'Brien-Smith, J. (ops)") == "Zoë O'Brien-Smith, J. (ops)");
  CHECK(bot::markup::literal_markdown("\u200B\u2066").empty());
}

TEST_CASE("who has no name that can be seen is called by their id") {
  CHECK(bot::access::name_in_markdown({{}, "tg", "u-1", "Ann_"}) == "Ann\\_");
  CHECK(bot::access::name_in_markdown({{}, "tg", "u-1", ""}) == "`u-1`");
  CHECK(bot::access::name_in_markdown({{}, "tg", "u-1", " \u3164\u200B"}) == "`u-1`");
  CHECK(bot::access::name_in_markdown({{}, "tg", "u`\n1", ""}) == "`u' 1`");
  CHECK(bot::access::name_in_markdown({{}, "tg", "u-1", "\uFE0F \uFE0E"}) == "`u-1`");
  CHECK(bot::access::name_in_markdown({{}, "tg", "\u200B", ""}) == "`\\u{200b}`");
}

}  // namespace
