// What there is to read in a message of Discord's.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "bot/platforms/discord/interactions.h"
#include "tests/support/chat_services/discord_service.h"

using nlohmann::json;

namespace {

bot::chat::IncomingMessage one(const json& interaction) {
  auto received = bot::discord::read_interaction(interaction.dump());
  REQUIRE(received.incoming.size() == 1);
  return received.incoming[0];
}

}  // namespace

TEST_CASE("Discord: of a message that somebody asks about, all that can be read is told") {
  auto made = json::parse(support::DiscordService().ask_about({""}, "Grace").body);
  auto& message = made["data"]["resolved"]["messages"]["880000000000000001"];
  const auto text = [&] {
    const auto quotations = one(made).quotations;
    REQUIRE(quotations.size() == 1);
    return quotations[0].text;
  };
  message["embeds"] = {{{"author", {{"name", "CI"}}},
                        {"title", "Build 7"},
                        {"description", "is red"},
                        {"fields", {{{"name", "Step"}, {"value", "link"}}, {{"value", "x"}}, "junk"}},
                        {"footer", {{"text", "today"}}}},
                       "junk",
                       {{"title", 5}}};
  CHECK(text() == "CI\nBuild 7\nis red\nStep: link\nx\ntoday");
  message["content"] = "look:";
  CHECK(text() == "look:\nCI\nBuild 7\nis red\nStep: link\nx\ntoday");
  message["content"] = "";
  message["embeds"] = json::array();
  message["components"] = {{{"type", 17},
                            {"components",
                             {{{"type", 10}, {"content", "# Release"}},
                              {{"type", 9},
                               {"components", {{{"type", 10}, {"content", "notes"}}}},
                               {"accessory", {{"type", 11}, {"description", "a picture"}}}},
                              {{"type", 12}, {"items", {{{"description", "a chart"}}}}},
                              {{"type", 1}, {"components", {{{"type", 2}, {"label", "Press"}}}}}}}},
                           {{"type", 10}, {"content", "below"}},
                           "junk"};
  CHECK(text() == "# Release\nnotes\na picture\na chart\nbelow");
  message["components"] = json::array();
  message["poll"] = {{"question", {{"text", "Lunch?"}}}, {"answers", {{{"poll_media", {{"text", "yes"}}}}}}};
  CHECK(text() == "Lunch?\n- yes");
  message.erase("poll");
  message["sticker_items"] = {{{"name", "wave"}}};
  CHECK(text() == "[sticker wave]");
}

TEST_CASE("Discord: what a message passes on or answers is told apart from its own words") {
  auto made = json::parse(support::DiscordService().ask_about({"see"}, "Grace").body);
  auto& message = made["data"]["resolved"]["messages"]["880000000000000001"];
  message["message_snapshots"] = {
      {{"message",
        {{"content", "/cancel"},
         {"attachments", {{{"url", "https://cdn.discordapp.com/a"}, {"filename", "a"}}}}}}},
      "junk"};
  message["referenced_message"] = {{"content", "why?"}, {"author", {{"username", "Eve"}}}};
  const auto incoming = one(made);
  REQUIRE(incoming.quotations.size() == 3);
  using bot::chat::QuotationKind;
  CHECK(incoming.quotations[0] ==
        bot::chat::Quotation{QuotationKind::reply, bot::chat::WordsOf::others, "Eve", "why?"});
  CHECK(incoming.quotations[1].text == "see");
  CHECK(incoming.quotations[2] ==
        bot::chat::Quotation{QuotationKind::forward, bot::chat::WordsOf::others, "", "/cancel"});
  CHECK(incoming.attachments.size() == 1);
}
