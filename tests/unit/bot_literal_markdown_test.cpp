#include <string>

#include <doctest/doctest.h>

#include "bot/markup/literal_markdown.h"
#include "bot/markup/markdown.h"
#include "bot/markup/rich_text.h"
#include "tests/support/chat_services/markup_dialects.h"
#include "tests/support/text.h"

using bot::markup::literal_with_addresses;
using support::contains;
using support::without;

namespace {

/// What of the text is a link, with a blank between several.
std::string links_in(const std::string& text) {
  std::string links;
  const auto addresses = bot::markup::parse_rich_text(literal_with_addresses(text)).addresses;
  for (std::size_t i = 1; i < addresses.size(); ++i) {
    links += (i > 1 ? " " : "") + addresses[i];
  }
  return links;
}

std::string as_text(const std::string& text) {
  const auto read = bot::markup::parse_rich_text(literal_with_addresses(text));
  return read.blocks.empty() ? "" : read.blocks[0].text;
}

}  // namespace

TEST_CASE("addresses, paths and names of files in somebody's words can be pressed or copied") {
  for (const std::string text : {
           "Join https://meet.example.org/abc_def-x?x=1&y=2#top, mail bob_b@example.org, see notes.txt",
           "edit /etc/hosts and ~/a_b/c.md, then run make -j2 && ls *.log | wc -l",
           "10:30 with Ann: costs are 3.50$, see #12 and a/b",
           "HTTPS://EXAMPLE.ORG/A and https://de.wikipedia.org/wiki/Zürich_(Stadt)",
       }) {
    CAPTURE(text);
    CHECK(as_text(text) == text);
  }
  CHECK(links_in("Join https://meet.example.org/abc_def-x?x=1&y=2#top, or not") ==
        "https://meet.example.org/abc_def-x?x=1&y=2#top");
  CHECK(links_in("(see https://de.wikipedia.org/wiki/Zug_(Stadt)). http://b.example.") ==
        "https://de.wikipedia.org/wiki/Zug_(Stadt) http://b.example");
  CHECK(links_in("会议 https://meet.example.org/a。不要迟到") == "https://meet.example.org/a");
  CHECK(links_in("no http:// and xhttp://a.example here") == "");
}

TEST_CASE("an address that was cut leads nowhere") {
  for (const std::string text : {"https://meet.example.org/abc…", "https://meet…", "https…://x"}) {
    CAPTURE(text);
    CHECK(links_in(text).empty());
    CHECK(without(as_text(text), "\u200B") == text);
    for (const auto markup : {support::Markup::telegram_html, support::Markup::slack_mrkdwn}) {
      CHECK_FALSE(
          contains(support::render_parts(literal_with_addresses(text), markup, 4'000).at(0), "https://"));
    }
  }
}

TEST_CASE("somebody's words call nobody and are no command, but for what addresses hold") {
  for (const auto markup : {support::Markup::telegram_html, support::Markup::slack_mrkdwn,
                            support::Markup::discord_markdown, support::Markup::mattermost_markdown}) {
    const auto piece = support::render_parts(
        literal_with_addresses("tell @ann (@everyone) to /cancel <!channel>, https://a.example/bob/x"),
        markup, 4'000);
    REQUIRE(piece.size() == 1);
    CAPTURE(piece[0]);
    for (const char* call : {"@ann", "@everyone", "/cancel", "<!channel"}) {
      CAPTURE(call);
      if (markup == support::Markup::slack_mrkdwn || *call != '<') {  // which is Slack's alone
        CHECK_FALSE(contains(piece[0], call));
      }
    }
    CHECK(contains(piece[0], "https://a.example/bob/x"));
  }
}

TEST_CASE("words make no marks and no HTML, beside an address, either") {
  const std::string text = "**b** <i>x</i> `c` [a](https://e.example/y) https://a.example/<script>";
  CHECK(as_text(text) == text);
  CHECK(links_in(text) == "https://e.example/y https://a.example/");
  CHECK_FALSE(contains(bot::markup::markdown_to_html(literal_with_addresses(text)), "<script"));
}
