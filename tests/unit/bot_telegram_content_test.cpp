// What a message of Telegram holds beside its sender's own words.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/utf8.h"
#include "bot/platforms/telegram/updates.h"

using bot::chat::IncomingMessage;
using bot::telegram::Self;
using nlohmann::json;

namespace {

const Self kSelf{"4711", "4711", "frontdesk_bot"};
using Addressed = IncomingMessage::Addressed;
using Kind = IncomingMessage::Kind;

json person(std::int64_t id, const std::string& name) {
  return {{"id", id}, {"is_bot", false}, {"first_name", name}};
}
const json kBot = {{"id", 4711}, {"is_bot", true}, {"first_name", "Frontdesk"}};

/// A private message of Ann's, of whatever content.
json private_message(const json& content) {
  json m = {{"message_id", 7},
            {"from", person(1001, "Ann")},
            {"chat", {{"id", 1001}, {"type", "private"}}},
            {"date", 1'700'000'000}};
  m.update(content);
  return m;
}
json group_message(const json& content) {
  auto m = private_message(content);
  m["chat"] = {{"id", -100'123}, {"type", "supergroup"}, {"title", "Team"}};
  return m;
}
json entity(int offset, int length, const char* type, const json& more = json::object()) {
  json e = {{"type", type}, {"offset", offset}, {"length", length}};
  e.update(more);
  return e;
}
json mention_of_bot(json m) {
  m["entities"] = json::array({entity(0, 14, "mention")});
  return m;
}
std::optional<IncomingMessage> read(const json& message, const char* kind = "message") {
  return bot::telegram::read_update({{"update_id", 55}, {kind, message}}, kSelf);
}
/// "kind whose author: text" of each.
std::string quoted(const json& message) {
  const auto m = read(message);
  REQUIRE(m);
  std::string all;
  for (const auto& q : m->quotations) {
    all += to_string(q.kind) + " " + to_string(q.words_of) + " " + q.author + ": " + q.text + "\n";
  }
  return all;
}

}  // namespace

TEST_CASE("telegram: what was forwarded is a quotation with its author, and none of the sender's words") {
  const json origins[] = {
      {{"type", "user"}, {"sender_user", person(5, "Boris")}},
      {{"type", "hidden_user"}, {"sender_user_name", "Boris"}},
      {{"type", "chat"}, {"sender_chat", {{"id", -5}, {"title", "News"}}}, {"author_signature", "Boris"}},
      {{"type", "channel"}, {"chat", {{"id", -6}, {"title", "News"}}}},
      {{"type", "something new"}},
      json::object()};
  const char* authors[] = {"Boris", "Boris", "Boris in News", "News", "", ""};
  for (std::size_t i = 0; i < std::size(origins); ++i) {
    const auto m = private_message({{"text", "/dispatch wipe it"},
                                    {"entities", json::array({entity(0, 9, "bot_command")})},
                                    {"forward_origin", origins[i]}});
    CHECK(quoted(m) == std::string("forward others ") + authors[i] + ": /dispatch wipe it\n");
    CHECK(read(m)->text.empty());
  }
  CHECK(quoted(private_message({{"text", "yes"}, {"forward_sender_name", "Boris"}, {"forward_date", 1}})) ==
        "forward others Boris: yes\n");
  CHECK(quoted(private_message({{"text", "yes"}, {"forward_from", person(5, "Boris")}})) ==
        "forward others Boris: yes\n");
  CHECK(quoted(private_message({{"text", "my own"}, {"forward_from", person(1001, "Ann")}})) ==
        "forward sender Ann: my own\n");
  CHECK(quoted(private_message(
            {{"text", "yours"}, {"forward_origin", {{"type", "user"}, {"sender_user", kBot}}}})) ==
        "forward bot Frontdesk: yours\n");
}

TEST_CASE("telegram: a forwarded caption and what an inline bot wrote are quotations, too") {
  const json file = {{"file_id", "d-1"}, {"file_name", "plan.pdf"}};
  auto m = private_message({{"document", file},
                            {"caption", "/dispatch wipe it"},
                            {"forward_origin", {{"type", "hidden_user"}, {"sender_user_name", "Boris"}}}});
  CHECK(quoted(m) == "forward others Boris: /dispatch wipe it\n");
  CHECK(read(m)->text.empty());
  CHECK(read(m)->attachments.size() == 1);
  m.erase("caption");
  CHECK(quoted(m) == "forward others Boris: (files only)\n");
  m = private_message(
      {{"text", "/dispatch wipe it"}, {"via_bot", {{"id", 99}, {"is_bot", true}, {"first_name", "Gif"}}}});
  CHECK(quoted(m) == "shared others Gif: /dispatch wipe it\n");
  CHECK(read(m)->text.empty());
  m = private_message({{"sticker", {{"file_id", "s"}, {"emoji", "👍"}}}, {"forward_sender_name", "Boris"}});
  CHECK(quoted(m) == "forward others Boris: [sticker 👍]\n");
}

TEST_CASE("telegram: a mention in forwarded words calls nobody in a group") {
  auto m = mention_of_bot(group_message({{"text", "@frontdesk_bot wipe it"}}));
  CHECK(read(m));
  m["forward_origin"] = {{"type", "hidden_user"}, {"sender_user_name", "Boris"}};
  CHECK_FALSE(read(m));
}

TEST_CASE("telegram: what a reply answers comes along, with whose words it is") {
  auto m = private_message({{"text", "what is this?"}});
  auto& original = m["reply_to_message"] = {
      {"message_id", 3}, {"from", person(5, "Boris")}, {"text", "line one\nline two"}};
  CHECK(quoted(m) == "reply others Boris: line one\nline two\n");
  CHECK(read(m)->text == "what is this?");
  original["from"] = kBot;
  CHECK(quoted(m) == "reply bot Frontdesk: line one\nline two\n");
  original["from"] = person(1001, "Ann");
  CHECK(quoted(m) == "reply sender Ann: line one\nline two\n");
  original["forward_origin"] = {{"type", "hidden_user"}, {"sender_user_name", "Eve"}};
  CHECK(quoted(m) == "reply others Eve: line one\nline two\n");
  original = {{"message_id", 3}, {"from", person(5, "Boris")}, {"forum_topic_created", json::object()}};
  CHECK(quoted(m).empty());
}

TEST_CASE("telegram: of a reply to a part, the part is told") {
  auto m = private_message({{"text", "why?"}, {"quote", {{"text", "line two"}, {"position", 9}}}});
  m["reply_to_message"] = {{"message_id", 3}, {"from", person(5, "Boris")}, {"text", "line one\nline two"}};
  CHECK(quoted(m) == "reply others Boris: line one\nline two\nquote others Boris: line two\n");
  m["reply_to_message"]["text"] = "line two";
  CHECK(quoted(m) == "quote others Boris: line two\n");
  m.erase("reply_to_message");
  m["external_reply"] = {{"origin", {{"type", "user"}, {"sender_user", person(5, "Boris")}}},
                         {"document", {{"file_id", "d-1"}}}};
  CHECK(quoted(m) == "reply others Boris: (files only)\nquote others Boris: line two\n");
  CHECK(read(m)->attachments.size() == 1);
  m.erase("quote");
  m["external_reply"].erase("document");
  CHECK(quoted(m) == "reply others Boris: (not shown to the bot)\n");
  m.erase("external_reply");
  m["reply_to_story"] = {{"id", 1}, {"chat", {{"id", 5}, {"type", "private"}, {"first_name", "Boris"}}}};
  CHECK(quoted(m) == "reply others Boris: (not shown to the bot)\n");
}

TEST_CASE(
    "telegram: in a group the file of the message that a reply answers comes along, but not the bot's own") {
  auto m = mention_of_bot(group_message({{"text", "@frontdesk_bot summarize this"}}));
  auto& original = m["reply_to_message"] = {{"message_id", 3},
                                            {"from", person(5, "Boris")},
                                            {"document", {{"file_id", "d-1"}, {"file_name", "plan.pdf"}}}};
  const auto files = [&] {
    std::string handles;
    const auto made = read(m);
    REQUIRE(made);
    for (const auto& file : made->attachments) {
      handles += file.handle + " ";
    }
    return handles;
  };
  CHECK(quoted(m) == "reply others Boris: (files only)\n");
  CHECK(files() == "d-1 ");
  original["caption"] = "the plan";
  CHECK(quoted(m) == "reply others Boris: the plan\n");
  m["text"] = "@frontdesk_bot";
  CHECK(read(m)->text.empty());
  CHECK(files() == "d-1 ");
  m["document"] = {{"file_id", "d-2"}};
  CHECK(files() == "d-2 d-1 ");
  m.erase("document");
  m["text"] = "/cancel@frontdesk_bot";
  m["entities"] = json::array({entity(0, 21, "bot_command")});
  CHECK(files().empty());
  m["text"] = "so it is";
  m.erase("entities");
  CHECK_FALSE(read(m));
  original["from"] = kBot;
  CHECK(read(m)->text == "so it is");
  CHECK(files().empty());
  m["chat"] = {{"id", 1001}, {"type", "private"}};
  original["from"] = person(5, "Boris");
  CHECK(files().empty());
}

TEST_CASE("telegram: a link's address is told, unless it can be read already") {
  const auto link = [](int offset, int length, const char* url) {
    return entity(offset, length, "text_link", {{"url", url}});
  };
  auto m = private_message(
      {{"text", "😀 see here and there."},
       {"entities", json::array({link(7, 4, "https://a.example/x"), link(16, 5, "https://b.example/")})}});
  CHECK(read(m)->text == "😀 see here (https://a.example/x) and there (https://b.example/).");
  m = private_message({{"text", "a.example"}, {"entities", json::array({link(0, 9, "https://a.example/")})}});
  CHECK(read(m)->text == "a.example");
  m["forward_sender_name"] = "Boris";
  m["text"] = "read this";
  m["entities"] = json::array({link(5, 4, "https://a.example/")});
  CHECK(quoted(m) == "forward others Boris: read this (https://a.example/)\n");
  m["entities"] = json::array({link(500, 4, "https://a.example/"), link(0, 4, "")});
  CHECK(quoted(m) == "forward others Boris: read this\n");
}

TEST_CASE("telegram: places, lists and polls are told in words") {
  CHECK(read(private_message({{"location", {{"latitude", 1.5}, {"longitude", 2.0}}},
                              {"venue",
                               {{"location", {{"latitude", 1.5}, {"longitude", 2.0}}},
                                {"title", "Café"},
                                {"address", "1 Main St"}}}}))
            ->text == "[venue: Café, 1 Main St (latitude 1.5, longitude 2)]");
  CHECK(
      read(private_message({{"checklist",
                             {{"title", "Trip"},
                              {"tasks", json::array({{{"id", 1}, {"text", "tickets"}, {"completion_date", 5}},
                                                     {{"id", 2}, {"text", "/dispatch pack"}}})}}}}))
          ->text == "[checklist: Trip\n- [x] tickets\n- [ ] /dispatch pack]");
  CHECK(read(private_message(
                 {{"poll", {{"question", "Lunch?"}, {"options", json::array({{{"text", "yes"}}})}}}}))
            ->text == "[poll: Lunch?\n- yes]");
}

TEST_CASE("telegram: what nobody can read is told apart from what says nothing") {
  for (const char* kind : {"story", "paid_media", "giveaway"}) {
    CHECK(read(private_message({{kind, {{"id", 1}}}}))->kind == Kind::unreadable);
    CHECK_FALSE(read(group_message({{kind, {{"id", 1}}}})));
  }
  CHECK_FALSE(read(private_message({{"pinned_message", {{"message_id", 1}}}})));
  CHECK_FALSE(read(private_message({{"story", {{"id", 1}}}}), "edited_message"));
}

TEST_CASE("telegram: who writes in the name of the group or a channel is told apart from a person") {
  auto m = mention_of_bot(group_message({{"text", "@frontdesk_bot hello"}}));
  m["from"] = {{"id", 1'087'968'824}, {"is_bot", true}, {"first_name", "Group"}};
  m["sender_chat"] = {{"id", -100'123}, {"type", "supergroup"}, {"title", "Team"}};
  const auto nameless = read(m);
  REQUIRE(nameless);
  CHECK(nameless->kind == Kind::nameless);
  CHECK(nameless->chat_id == "-100123");
  auto post = m;
  post["is_automatic_forward"] = true;
  CHECK_FALSE(read(post));
  m.erase("entities");
  CHECK_FALSE(read(m));
}

TEST_CASE("telegram: an edit in a group may be the first that is meant for the bot") {
  const auto m = mention_of_bot(group_message({{"text", "@frontdesk_bot hello"}}));
  CHECK(read(m, "edited_message")->addressed == Addressed::by_edit);
  CHECK(read(private_message({{"text", "hello"}}), "edited_message")->addressed == Addressed::always);
}

TEST_CASE("telegram: a text of the greatest length may have been cut") {
  const auto rest = [](const std::string& text) {
    return read(private_message({{"text", text}}))->rest_within;
  };
  CHECK(rest(std::string(4'096, 'x')).count() > 0);
  CHECK(rest(std::string(4'000, 'x')).count() > 0);  // cut between words
  CHECK(rest(std::string(3'000, 'x')).count() == 0);
  std::string faces;
  for (int i = 0; i < 2'048; ++i) {
    faces += "😀";  // two UTF-16 units
  }
  CHECK(rest(faces).count() > 0);
  const auto forwarded =
      private_message({{"text", std::string(4'096, 'x')}, {"forward_sender_name", "Boris"}});
  CHECK(read(forwarded)->rest_within.count() == 0);
}

TEST_CASE("telegram: words in a group that are not for the bot can only be the rest of what was") {
  CHECK(read(group_message({{"text", "and so on"}}))->addressed == Addressed::as_rest);
  CHECK(read(group_message({{"text", "and so on"}}), "edited_message")->addressed == Addressed::as_rest);
  CHECK_FALSE(read(group_message({{"caption", "and"}, {"photo", json::array({{{"file_id", "f"}}})}})));
  CHECK_FALSE(read(group_message({{"text", "and"}, {"forward_sender_name", "Boris"}})));
  CHECK_FALSE(read(group_message({{"text", "and"}, {"reply_to_message", group_message({{"text", "x"}})}})));
  CHECK_FALSE(read(group_message({{"text", "/stop@other_bot"}})));
  CHECK(read(private_message({{"text", "and so on"}}))->addressed == Addressed::always);
}

TEST_CASE("telegram: a reaction is told with what changed") {
  const auto reacted = [](const json& before, const json& after, const char* chat = "private") {
    return read({{"chat", {{"id", 1001}, {"type", chat}}},
                 {"message_id", 9},
                 {"user", person(1001, "Ann")},
                 {"date", 1'700'000'000},
                 {"old_reaction", before},
                 {"new_reaction", after}},
                "message_reaction");
  };
  const auto up = json::array({{{"type", "emoji"}, {"emoji", "👍"}}});
  const auto down = json::array({{{"type", "emoji"}, {"emoji", "👎"}}});
  const auto own = json::array({{{"type", "custom_emoji"}, {"custom_emoji_id", "5"}}});
  const auto added = reacted(json::array(), up);
  REQUIRE(added);
  CHECK(added->kind == Kind::reaction);
  CHECK(added->own_id() == "9");
  CHECK(added->user_id == "1001");
  CHECK(added->reaction->emoji == "👍");
  CHECK(added->reaction->change == bot::chat::Reaction::Change::added);
  CHECK(reacted(up, down, "supergroup")->reaction->emoji == "👎");
  CHECK(reacted(down, json::array())->reaction->change == bot::chat::Reaction::Change::removed);
  CHECK_FALSE(reacted(json::array(), own));
  CHECK_FALSE(reacted(up, up));
  CHECK_FALSE(reacted(json::array(), json("👍")));
  CHECK_FALSE(read({{"message_id", 9}, {"new_reaction", up}}, "message_reaction"));
}
