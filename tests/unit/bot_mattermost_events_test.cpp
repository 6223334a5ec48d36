// What Mattermost tells: outgoing webhooks, posts, clicks.
#include <doctest/doctest.h>

#include "bot/chat/errors.h"
#include "bot/platforms/mattermost/click.h"
#include "bot/platforms/mattermost/events.h"
#include "tests/support/chat_services/capabilities.h"
#include "tests/support/chat_services/mattermost_fixture.h"

namespace {

using bot::chat::IncomingMessage;
using bot::mattermost::Notice;
using bot::mattermost::Place;
using bot::mattermost::read_notice;
using bot::mattermost::read_post;
using bot::mattermost::Reader;
using nlohmann::json;
using support::MattermostService;
using Fixture = support::MattermostFixture;

const std::string kChannel = MattermostService::id_of("c1");
const std::string kPost = MattermostService::id_of("p1");
const std::string kRoot = MattermostService::id_of("p0");
const std::string kUser = MattermostService::id_of("u1");
const Reader kReader{MattermostService::bot(), "frontdesk", {"@frontdesk", "desk"}};

json post(const json& more = json::object()) {
  json made = {{"id", kPost},    {"user_id", kUser},   {"channel_id", kChannel},
               {"root_id", ""},  {"create_at", 1'000}, {"edit_at", 0},
               {"delete_at", 0}, {"type", ""},         {"message", "@frontdesk what is new?"}};
  made.update(more);
  return made;
}

std::optional<IncomingMessage> read(const json& more, bool direct = false) {
  return read_post(post(more), {kChannel, direct}, kReader);
}

template <typename Call>
int refused(const Call& call) {
  try {
    call();
    return 0;
  } catch (const bot::chat::Refused& e) {
    CHECK(std::string(e.what()).ends_with("."));
    return e.status;
  }
}

TEST_CASE("an outgoing webhook is known by its token, in a form and in JSON") {
  auto told = post();
  told["metadata"] = json::object();
  const std::vector<std::string> tokens = {"another-token", MattermostService::kWebhookToken};
  for (const bool as_json : {true, false}) {
    CAPTURE(as_json);
    auto request = MattermostService::notice(told, as_json);
    const auto notice = read_notice(request, tokens);
    CHECK(notice.channel == kChannel);
    CHECK(notice.post == kPost);
    CHECK(notice.trigger_word == "@frontdesk");
    CHECK(refused([&] { read_notice(request, {"another-token"}); }) == 401);
    CHECK(refused([&] { read_notice(request, {}); }) == 401);
    CHECK(refused([&] { read_notice(request, {""}); }) == 401);
    const auto at = request.body.find(kPost);
    request.body.replace(at, 5, "../..");
    CHECK(refused([&] { read_notice(request, tokens); }) == 400);
  }
  base::HttpRequest request;
  for (const char* body : {"", "[]", "1", "{", "\xFF"}) {
    request.body = body;
    CHECK(refused([&] { read_notice(request, tokens); }) == 400);
  }
  request.headers.add("Content-Type", "application/x-www-form-urlencoded");
  CHECK(refused([&] { read_notice(request, tokens); }) == 401);
  // A token that is missing is not an empty one.
  CHECK(refused([&] { read_notice(request, {""}); }) == 401);
}

TEST_CASE("a post that begins with a trigger word is for the bot, and answered in its thread") {
  for (const char* text :
       {"@frontdesk what is new?", "desk what is new?", "@Frontdesk: what is new?", " desk, what is new? "}) {
    CAPTURE(std::string(text));
    const auto incoming = read({{"message", text}});
    REQUIRE(incoming);
    CHECK(incoming->text == "what is new?");
    CHECK(incoming->external_id == kPost);
    CHECK(incoming->chat_id == kChannel + "/" + kPost);
    CHECK(incoming->room == kChannel);
    CHECK(incoming->user_id == kUser);
    CHECK(incoming->place == IncomingMessage::Place::group);
    CHECK(incoming->addressed == IncomingMessage::Addressed::always);
  }
  CHECK(read({{"message", "well, @frontdesk, what is new?"}})->text == "well, @frontdesk, what is new?");
  for (const char* text : {"what is new?", "@frontdesk2 hello", "a@frontdesk.example", "desktop", ""}) {
    CAPTURE(std::string(text));
    CHECK_FALSE(read({{"message", text}}));
  }
}

TEST_CASE("a reply in a thread is for the bot where the thread is its own") {
  const auto reply = read({{"root_id", kRoot}, {"message", "yes, please"}});
  REQUIRE(reply);
  CHECK(reply->chat_id == kChannel + "/" + kRoot);
  CHECK(reply->addressed == IncomingMessage::Addressed::in_own_conversation);
  CHECK(read({{"root_id", kRoot}})->addressed == IncomingMessage::Addressed::always);
}

TEST_CASE("a post of which a webhook told is for the bot, whatever it begins with") {
  const Notice notice{kChannel, kPost, "hey"};
  const auto called = read_post(post({{"message", "hey what is new?"}}), {kChannel}, kReader, &notice);
  REQUIRE(called);
  CHECK(called->text == "what is new?");
  const Notice whole_channel{kChannel, kPost, ""};
  const auto any = read_post(post({{"message", "what is new?"}}), {kChannel}, kReader, &whole_channel);
  REQUIRE(any);
  CHECK(any->text == "what is new?");
  CHECK(any->addressed == IncomingMessage::Addressed::always);
}

TEST_CASE("a direct post needs no trigger word and stays in its chat") {
  const auto incoming = read({{"message", "what is new?"}, {"root_id", kRoot}}, true);
  REQUIRE(incoming);
  CHECK(incoming->chat_id == kChannel);
  CHECK(incoming->place == IncomingMessage::Place::direct);
  CHECK(incoming->addressed == IncomingMessage::Addressed::always);
}

TEST_CASE("a command may stand behind the trigger word, with a slash or without") {
  CHECK(read({{"message", "@frontdesk status"}})->text == "/status");
  CHECK(read({{"message", "@frontdesk /status"}})->text == "/status");
  CHECK(read({{"message", "@frontdesk"}})->text == "/help");
  CHECK(read({{"message", "@frontdesk status of the project is unclear"}})->text ==
        "status of the project is unclear");
}

TEST_CASE("what no person wrote is none of the bot's business") {
  CHECK_FALSE(read({{"user_id", MattermostService::bot()}}));
  for (const char* by : {"from_bot", "from_webhook", "from_plugin"}) {
    CHECK_FALSE(read({{"props", {{by, "true"}}}}));
    CHECK_FALSE(read({{"props", {{by, true}}}}));
    CHECK(read({{"props", {{by, "false"}}}}));
  }
  CHECK_FALSE(read({{"type", "system_join_channel"}}));
  CHECK_FALSE(read({{"type", "custom_calls"}}));
  CHECK(read({{"type", "me"}}));
  CHECK_FALSE(read({{"delete_at", 5}}));
  CHECK_FALSE(read_post(json::array(), {kChannel}, kReader));
}

TEST_CASE("a post without usable ids is refused") {
  CHECK(refused([] { read({{"id", "p1"}}); }) == 400);
  CHECK(refused([] { read({{"id", std::string(26, '/')}}); }) == 400);
  CHECK(refused([] { read({{"user_id", 7}}); }) == 400);
  CHECK(refused([] { read({{"root_id", "../" + std::string(23, 'x')}}); }) == 400);
}

TEST_CASE("files come along, also without words") {
  const auto file = MattermostService::id_of("f1");
  const json files = {{"files",
                       {{{"id", file}, {"name", "a\nb.txt"}, {"mime_type", "text/plain"}, {"size", 3}},
                        {{"id", "../../x"}, {"name", "c"}},
                        {{"id", file}, {"size", -1}}}}};
  const auto incoming = read({{"metadata", files}, {"message", ""}}, true);
  REQUIRE(incoming);
  CHECK(incoming->text.empty());
  REQUIRE(incoming->attachments.size() == 2);
  CHECK(incoming->attachments[0].handle == file);
  CHECK(incoming->attachments[0].name == "a b.txt");
  CHECK(incoming->attachments[0].media_type == "text/plain");
  CHECK(incoming->attachments[0].size == 3);
  CHECK_FALSE(incoming->attachments[1].size);
  CHECK_FALSE(read({{"message", ""}}, true));
}

TEST_CASE("an edited post tells of its change once more") {
  const auto changed = post({{"edit_at", 2'000}, {"message", "@frontdesk what is old?"}});
  const auto message = read_post(changed, {kChannel}, kReader);
  REQUIRE(message);
  CHECK_FALSE(bot::mattermost::edit_of(*message, post()));
  const auto edit = bot::mattermost::edit_of(*message, changed);
  REQUIRE(edit);
  CHECK(edit->kind == IncomingMessage::Kind::edit);
  CHECK(edit->own_id() == kPost);
  CHECK(edit->external_id == kPost + ":2000");
  CHECK(edit->text == "what is old?");
}

TEST_CASE("a name is the one that stands before a person's posts, in one line") {
  using bot::mattermost::user_name_of;
  CHECK(user_name_of({{"username", "ada"}, {"nickname", "Countess\nA."}}) == "Countess A.");
  CHECK(user_name_of({{"username", "ada"}, {"first_name", "Ada"}, {"last_name", "Lovelace"}}) ==
        "Ada Lovelace");
  CHECK(user_name_of({{"username", "ada"}, {"nickname", ""}, {"first_name", ""}}) == "ada");
  CHECK(user_name_of(json::array()).empty());
}

TEST_CASE_FIXTURE(Fixture, "a click is known by the context that the button was given") {
  auto made = call("Shall I?");
  made.post.buttons = {{store::ButtonKind::yes, 5, "Yes", "b01"}};
  deliver(made);
  const auto shown = mattermost.shown().at(0);
  const auto request = mattermost.click(shown, "Yes", "7");
  const auto received = support::receive(*platform, request, clock.now());
  CHECK(received.response.status == 200);
  CHECK(received.response.body == "{}");
  REQUIRE(received.incoming.size() == 1);
  const auto& click = received.incoming[0];
  CHECK(click.button == "b01");
  CHECK(click.chat_id == thread());
  CHECK(click.room == channel());
  CHECK(click.user_id == MattermostService::id_of("u7"));
  CHECK(click.user_name == "ada");
  CHECK(click.message_id == shown.id);
  CHECK(click.place == IncomingMessage::Place::group);
  // The same call is the same click, another click another one.
  CHECK(support::receive(*platform, request, clock.now()).incoming[0].external_id == click.external_id);
  CHECK(
      support::receive(*platform, mattermost.click(shown, "Yes", "7"), clock.now()).incoming[0].external_id !=
      click.external_id);

  const auto changed = [&](const std::function<void(json&)>& change) {
    auto body = json::parse(request.body);
    change(body);
    auto other = request;
    other.body = body.dump();
    return refused([&] { support::receive(*platform, other, clock.now()); });
  };
  CHECK(changed([](json& body) { body["context"]["button"] = "b02"; }) == 401);
  CHECK(changed([](json& body) { body["context"]["chat"] = kChannel; }) == 401);
  CHECK(changed([](json& body) { body["context"]["proof"] = ""; }) == 401);
  CHECK(changed([](json& body) { body["context"].clear(); }) == 401);
  CHECK(changed([](json& body) { body["channel_id"] = MattermostService::id_of("c2"); }) == 400);
  CHECK(changed([](json& body) { body["user_id"] = "me"; }) == 400);
  // Another section's buttons, or those under another token, are none of ours.
  platform = make({.token = "another-token"});
  CHECK(refused([&] { support::receive(*platform, request, clock.now()); }) == 401);
}

TEST_CASE_FIXTURE(Fixture, "what is no call of Mattermost's is refused, and nothing is received") {
  auto request = MattermostService::notice(mattermost.write("c1", "u1", "@frontdesk hello"));
  CHECK(support::receive(*platform, request, clock.now()).incoming.empty());
  CHECK(support::receive(*platform, request, clock.now()).response.body == "{}");
  CHECK(refused([&] { support::receive(*platform, mattermost.forged(request), clock.now()); }) == 401);
  request.method = "GET";
  CHECK(refused([&] { support::receive(*platform, request, clock.now()); }) == 405);
  // Several webhooks lead to one section.
  platform = make({.webhook_token = "first-token\n" + std::string(MattermostService::kWebhookToken) + "\n"});
  request.method = "POST";
  CHECK(refused([&] { support::receive(*platform, request, clock.now()); }) == 0);
  platform = make({.webhook_token = ""});
  CHECK(refused([&] { support::receive(*platform, request, clock.now()); }) == 401);
}

}  // namespace

TEST_CASE("Mattermost: a post that is linked to or shared is a quotation, and so is a page") {
  const auto boris = MattermostService::id_of("u5");
  json embed = {
      {"type", "permalink"},
      {"url", "https://chat.example.org/team/pl/x"},
      {"data", {{"post_id", kRoot}, {"post", {{"user_id", boris}, {"message", "@frontdesk /cancel"}}}}}};
  const json page = {{"type", "opengraph"},
                     {"url", "https://a.example"},
                     {"data", {{"site_name", "Example"}, {"title", "A title"}, {"description", "A text"}}}};
  const auto m = read({{"metadata", {{"embeds", json::array({embed, page, "junk", {{"type", "image"}}})}}}});
  REQUIRE(m);
  CHECK(m->text == "what is new?");
  REQUIRE(m->quotations.size() == 2);
  CHECK(m->quotations[0].author == boris);
  CHECK(m->quotations[0].text == "@frontdesk /cancel");
  CHECK(m->quotations[0].words_of == bot::chat::WordsOf::others);
  CHECK(m->quotations[1].author == "Example");
  CHECK(m->quotations[1].text == "A title\nA text\nhttps://a.example");
  embed["data"]["post"]["user_id"] = MattermostService::bot();
  CHECK(read({{"metadata", {{"embeds", json::array({embed})}}}})->quotations.at(0).words_of ==
        bot::chat::WordsOf::bot);
  // Words of others call nobody.
  CHECK_FALSE(read(
      {{"message", "https://chat.example.org/team/pl/x"}, {"metadata", {{"embeds", json::array({embed})}}}}));
}

static bool none(const std::string& /*id*/) {
  return false;
}

TEST_CASE("Mattermost: what was said in a thread before is told in its order") {
  const auto each = [](const char* id, std::int64_t at, const char* text, const json& more = json::object()) {
    json made = {{"id", MattermostService::id_of(id)},
                 {"user_id", MattermostService::id_of("u5")},
                 {"create_at", at},
                 {"delete_at", 0},
                 {"type", ""},
                 {"message", text}};
    made.update(more);
    return made;
  };
  json posts = json::object();
  for (const auto& post : {each("p0", 1, "It is red."), each("p2", 3, "mine", {{"user_id", "bot"}}),
                           each("p1", 2, "Since noon."), each("p3", 2, "gone", {{"delete_at", 9}}),
                           each("p4", 2, "joined", {{"type", "system_join_channel"}}), each("p5", 4, "why?"),
                           each("p6", 5, "later")}) {
    posts[post["id"].get<std::string>()] = post;
  }
  const auto list =
      bot::mattermost::thread_before({{"posts", posts}}, MattermostService::id_of("p5"), none, "bot");
  REQUIRE(list.size() == 3);
  CHECK(list[0].text == "It is red.");
  CHECK(list[0].author == MattermostService::id_of("u5"));
  CHECK(list[1].text == "Since noon.");
  CHECK(list[2].words_of == bot::chat::WordsOf::bot);
  CHECK(bot::mattermost::thread_before({{"posts", posts}}, "unknown", none, "bot").empty());
  CHECK(bot::mattermost::thread_before("junk", "p5", none, "bot").empty());
}
