// The text of Slack's messages.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "bot/platforms/slack/text.h"

namespace {

TEST_CASE("the text of a Slack message reads as people see it") {
  struct Row {
    const char *raw, *text;
  };
  const Row rows[] = {
      {"a &lt;b&gt; &amp;amp; c", "a <b> &amp; c"},
      {"<@U1|ada> and <@U2>", "@ada and @U2"},
      {"<#C1|general> <#C2> <#C3|>", "#general #C2 #C3"},
      {"<!here> <!channel> <!everyone>", "@here @channel @everyone"},
      {"<!here|here> <!here|@here>", "@here @here"},
      {"<!subteam^S1|@team> <!subteam^S2>", "@team @S2"},
      {"<!date^1392734382^{date}|18 February>", "18 February"},
      {"<https://x.example/?a=1&amp;b=2>", "https://x.example/?a=1&b=2"},
      {"<https://x.example|the page>", "the page (https://x.example)"},
      {"<http://x.example|x.example>", "x.example"},
      {"<http://x.example|http://x.example>", "http://x.example"},
      {"<mailto:a@b.example|a@b.example>", "a@b.example"},
      {"<tel:+123|call>", "call (tel:+123)"},
      {"1 < 2 and 3 > 2", "1 < 2 and 3 > 2"},
      {"<", "<"},
      {"<>", "<>"},
      {"<<@U1>", "<@U1"},
      {"<@U1", "<@U1"},
      {"<@>", "@"},
      {"<|x>", "x"},
      {"<|>", ""},
      {"<!>", "@"},
      {"&lt;@U1&gt;", "<@U1>"},
      {"&amp", "&amp"},
      {"&amp;lt;", "&lt;"},
      {"Größe 日本語 👍", "Größe 日本語 👍"},
      {"a\n<b\nc>", "a\n<b\nc>"},
      {"", ""},
  };
  for (const auto& row : rows) {
    CAPTURE(std::string(row.raw));
    CHECK(bot::slack::decode_text(row.raw) == row.text);
  }
  CHECK(bot::slack::decode_text(std::string(100'000, '<')) == std::string(100'000, '<'));
  std::string mentions, names;
  for (int i = 0; i < 300; ++i) {
    mentions += "<@U1|ada>";
    names += "@ada";
  }
  CHECK(bot::slack::decode_text(mentions) == names);
}

}  // namespace
