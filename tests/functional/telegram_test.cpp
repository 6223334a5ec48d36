// Telegram beyond what every chat service must do (tests/contract/chat_service_test.cpp).
#include <algorithm>

#include <doctest/doctest.h>
#include <signal.h>

#include "tests/support/chat_services/telegram_service.h"
#include "tests/support/text.h"

using nlohmann::json;
using support::contains;
using support::Desk;
using support::ServiceCall;
using support::Shown;
using support::TelegramService;
using Transport = TelegramService::Transport;

namespace {

struct Chat {
  explicit Chat(Transport transport = Transport::webhook) : service(transport) {
    service.configure(desk);
    desk.config.set("dispatch", "sandbox", "\"off\"");
  }
  void tell(const json& update) {
    const auto response = service.tell(desk, TelegramService::call_with(update));
    REQUIRE(response.status == 200);
  }
  std::size_t calls_of(const std::string& method) const {
    const auto calls = service.calls();
    return static_cast<std::size_t>(std::count_if(calls.begin(), calls.end(), [&](const ServiceCall& call) {
      return call.request.path.ends_with("/" + method);
    }));
  }
  support::Finished doctor(const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {"doctor", "--config", desk.config_file().string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return support::run_frontdesk(arguments, desk.folder(), desk.environment);
  }

  TelegramService service;
  Desk desk{Desk::Claude::fake};
};

json mention_of_bot(json message) {
  message["entities"] = {{{"type", "mention"}, {"offset", 0}, {"length", 14}}};
  return message;
}

}  // namespace

TEST_CASE("telegram: in a group the bot answers a mention as a reply, and hears nothing else") {
  Chat chat;
  chat.desk.start();
  chat.tell(chat.service.update(chat.service.text_message("not for the bot", "1001", "-100123")));
  const auto mention =
      mention_of_bot(chat.service.text_message("@frontdesk_bot what is this?", "1001", "-100123"));
  chat.tell(chat.service.update(mention));
  const auto answer = chat.service.wait_for_text("Answer to: what is this?");
  CHECK(answer.chat == "-100123");
  CHECK(answer.reply_to == std::to_string(mention["message_id"].get<int>()));
  CHECK(chat.desk.query("SELECT count(*) FROM messages WHERE author = 'user'") == "1");
}

TEST_CASE("telegram: the answer to a topic goes into the topic, which is a conversation of its own") {
  Chat chat;
  chat.desk.start();
  for (const int topic : {45, 46}) {
    auto message = mention_of_bot(
        chat.service.text_message("@frontdesk_bot topic " + std::to_string(topic), "1001", "-100123"));
    message["message_thread_id"] = topic;
    message["is_topic_message"] = true;
    chat.tell(chat.service.update(message));
  }
  CHECK(chat.service.wait_for_text("Answer to: topic 45").chat == "-100123/45");
  CHECK(chat.service.wait_for_text("Answer to: topic 46").chat == "-100123/46");
  CHECK(chat.desk.query("SELECT count(*) FROM conversations WHERE section = 'svc'") == "2");
}

TEST_CASE("telegram: what is edited before it is answered is answered as it is now") {
  Chat chat;
  chat.desk.model.secretary("mutx", {support::hold(support::say("A mutx is a typo."))});
  chat.desk.start();
  auto message = chat.service.text_message("what is a mutx?");
  chat.tell(chat.service.update(message));
  REQUIRE(support::wait_until([&] { return !chat.desk.model.requests().empty(); }));
  // The secretary thinks about the old words already.
  message["text"] = "what is a mutex?";
  chat.tell(chat.service.update(message, "edited_message"));
  auto stranger = message;
  stranger["message_id"] = 999;
  chat.tell(chat.service.update(stranger, "edited_message"));  // of a message nobody knows
  chat.desk.model.release();
  chat.service.wait_for_text("Answer to: what is a mutex?");
  // Too late: it has been answered.
  message["text"] = "what is a monitor?";
  chat.tell(chat.service.update(message, "edited_message"));
  chat.tell(chat.service.update(chat.service.text_message("last")));
  chat.service.wait_for_text("Answer to: last");
  CHECK(chat.service.answers().size() == 2);
}

TEST_CASE("telegram: a result whose message was deleted meanwhile is said anew") {
  Chat chat;
  chat.desk.model.secretary("build", {support::propose("high", "site")});
  support::write_text(chat.desk.folder() / "claude.work", "2.5");
  chat.desk.start();
  chat.tell(chat.service.update(chat.service.text_message("build it")));
  const auto note = chat.service.wait_for([](const Shown& m) { return !m.action("Cancel").empty(); });
  chat.service.take_away(note.id);
  const auto result = chat.service.wait_for_text("Done: site");
  CHECK(result.id != note.id);
  CHECK(chat.service.answers().size() == 1);
}

TEST_CASE("telegram: a group that becomes a supergroup goes on under its new id") {
  Chat chat;
  chat.desk.start();
  chat.tell(
      chat.service.update(mention_of_bot(chat.service.text_message("@frontdesk_bot one", "1001", "-55"))));
  chat.service.wait_for_text("Answer to: one");
  auto moved = chat.service.text_message("", "1001", "-55");
  moved["migrate_to_chat_id"] = -100'555;
  chat.tell(chat.service.update(moved));
  chat.tell(chat.service.update(
      mention_of_bot(chat.service.text_message("@frontdesk_bot two", "1001", "-100555"))));
  CHECK(chat.service.wait_for_text("Answer to: two").chat == "-100555");
  CHECK(chat.desk.query("SELECT count(*) FROM conversations WHERE section = 'svc'") == "1");
}

TEST_CASE(
    "telegram: a refusal that names the supergroup's id is followed before the group's own message comes") {
  Chat chat;
  chat.desk.start();
  chat.service.move("-55", "-100555");
  chat.tell(
      chat.service.update(mention_of_bot(chat.service.text_message("@frontdesk_bot one", "1001", "-55"))));
  CHECK(chat.service.wait_for_text("Answer to: one").chat == "-100555");
  CHECK(chat.desk.query("SELECT chat_id FROM conversations WHERE section = 'svc'") == "-100555");
  CHECK_FALSE(contains(chat.desk.program->log(), "next try in"));
}

TEST_CASE("telegram: an album is one message with several files") {
  Chat chat;
  chat.desk.start();
  for (const char* file : {"one", "two", "three"}) {
    auto picture = chat.service.text_message("");
    picture.erase("text");
    picture["media_group_id"] = "album-1";
    picture["photo"] = json::array({{{"file_id", file}, {"file_size", 10}}});
    if (file == std::string("one")) {
      picture["caption"] = "look at these";
    }
    chat.tell(chat.service.update(picture));
  }
  // Messages that wait together are answered together, so the next one comes after the answer.
  chat.service.wait_for_text("Answer to: look at these");
  chat.tell(chat.service.update(chat.service.text_message("last")));
  chat.service.wait_for_text("Answer to: last");
  CHECK(chat.service.answers().size() == 2);
  CHECK(chat.desk.query("SELECT count(*) FROM attachments") == "3");
  CHECK(chat.desk.query("SELECT count(DISTINCT message_id) FROM attachments") == "1");
}

TEST_CASE("telegram: in a group an album is heard whole where one of its pictures is for the bot") {
  Chat chat;
  chat.desk.start();
  for (const char* file : {"one", "two", "three"}) {
    auto picture = chat.service.text_message("", "1001", "-100123");
    picture.erase("text");
    picture["media_group_id"] = "album-1";
    picture["photo"] = json::array({{{"file_id", file}, {"file_size", 10}}});
    if (file == std::string("two")) {
      picture["caption"] = "@frontdesk_bot look at these";
      picture["caption_entities"] = {{{"type", "mention"}, {"offset", 0}, {"length", 14}}};
    }
    chat.tell(chat.service.update(picture));
  }
  chat.service.wait_for_text("Answer to: look at these");
  CHECK(chat.desk.query("SELECT group_concat(handle) FROM (SELECT handle FROM attachments ORDER BY id)") ==
        "one,two,three");
  CHECK(chat.desk.query("SELECT count(DISTINCT message_id) FROM attachments") == "1");
  CHECK(chat.desk.query("SELECT count(*) FROM messages WHERE author = 'user'") == "1");
}

TEST_CASE("telegram: a mention that answers somebody's file brings the file to the specialist") {
  Chat chat;
  chat.desk.model.secretary("summarize", {support::propose("high", "site")});
  chat.service.put_file("the-plan", "plan of the others");
  chat.desk.start();
  auto mention = mention_of_bot(chat.service.text_message("@frontdesk_bot summarize it", "1001", "-100123"));
  mention["reply_to_message"] = chat.service.text_message("", "2002", "-100123");
  mention["reply_to_message"].erase("text");
  mention["reply_to_message"]["document"] = {{"file_id", "the-plan"}, {"file_name", "plan.txt"}};
  chat.tell(chat.service.update(mention));
  chat.service.wait_for_text("Done: site");
  CHECK(chat.desk.query("SELECT problem FROM attachments").empty());
  const auto path = chat.desk.query("SELECT path FROM attachments");
  REQUIRE_FALSE(path.empty());
  CHECK(support::read_text(chat.desk.projects() / "site" / path) == "plan of the others");
}

TEST_CASE("telegram: marks that the service refuses are left out, and the text arrives") {
  Chat chat;
  chat.desk.model.secretary("bold", {support::say("this is **bold** & <b>plain</b>")});
  chat.desk.start();
  chat.service.behave({.times = 1, .status = 400, .applies = [](const ServiceCall& call) {
                         return call.request.path.ends_with("/editMessageText");
                       }});
  chat.tell(chat.service.update(chat.service.text_message("say it bold")));
  const auto shown = chat.service.wait_for_text("this is");
  CHECK(shown.text == "this is bold & <b>plain</b>");
}

TEST_CASE("telegram: of a text that is refused for ever no placeholder stays") {
  Chat chat;
  chat.desk.start();
  chat.service.behave({.times = 1, .status = 403, .applies = [](const ServiceCall& call) {
                         return call.request.path.ends_with("/editMessageText");
                       }});
  chat.tell(chat.service.update(chat.service.text_message("refused")));
  // Else one answer is given to both.
  REQUIRE(support::wait_until([&] { return contains(chat.desk.program->log(), "it is dead"); }));
  chat.tell(chat.service.update(chat.service.text_message("the next")));
  chat.service.wait_for_text("Answer to: the next");
  CHECK(chat.service.shown().size() == 1);
}

TEST_CASE("telegram: the answer comes although its placeholder was deleted before it was filled") {
  Chat chat;
  chat.desk.start();
  chat.service.take_placeholders_away(1);
  chat.tell(chat.service.update(chat.service.text_message("hello")));
  chat.service.wait_for_text("Answer to: hello");
  CHECK(chat.service.shown().size() == 1);
  CHECK(chat.desk.query("SELECT count(*) FROM outbox WHERE state = 'dead'") == "0");
}

TEST_CASE("telegram: typing is shown while the secretary thinks, and a click loses its waiting sign") {
  Chat chat;
  chat.desk.model.secretary("build", {support::hold(support::propose("medium", "site"))});
  chat.desk.start();
  chat.tell(chat.service.update(chat.service.text_message("build it")));
  REQUIRE(chat.service.wait_until([&] { return chat.calls_of("sendChatAction") > 0; }));
  chat.desk.model.release();
  const auto question = chat.service.wait_for([](const Shown& m) { return !m.action("No").empty(); });
  chat.service.tell(chat.desk, chat.service.click(question, "No", "1001"));
  CHECK(chat.service.wait_until([&] { return chat.calls_of("answerCallbackQuery") == 1; }));
  // Again: the button is settled, and that is said.
  chat.service.tell(chat.desk, chat.service.click(question, "No", "1001"));
  chat.service.wait_for_text("already been settled");
}

TEST_CASE("telegram: of a very long answer whose file is refused people read that there was more") {
  Chat chat;
  std::string answer = "The beginning.";
  for (int i = 0; i < 400; ++i) {
    answer += "\n\nParagraph " + std::to_string(i) + " " + std::string(80, 'x');
  }
  chat.desk.model.secretary("tell me", {support::say(answer)});
  chat.desk.start();
  chat.service.behave({.times = 1, .status = 413, .applies = [](const ServiceCall& call) {
                         return call.request.path.ends_with("/sendDocument");
                       }});
  chat.tell(chat.service.update(chat.service.text_message("tell me everything")));
  chat.service.wait_for_text("did not accept it as a file");
  const auto shown = chat.service.answers();
  REQUIRE(shown.size() == 2);
  CHECK(contains(shown[0].text, "The beginning."));
  CHECK(chat.calls_of("sendDocument") == 1);
  CHECK(chat.desk.query("SELECT count(*) FROM outbox WHERE state = 'dead'") == "0");
}

TEST_CASE("telegram: a click on a message that is too old is answered with a sentence") {
  const json click = {{"id", "query-old"},
                      {"from", {{"id", 1001}, {"is_bot", false}, {"first_name", "Ann"}}},
                      {"message", {{"message_id", 9}, {"date", 0}}},
                      {"data", "b0123456789abcdef01234567"}};
  SUBCASE("in the answer to the webhook") {
    Chat chat;
    chat.desk.start();
    const auto update = chat.service.update(click, "callback_query");
    const auto answer = json::parse(chat.service.tell(chat.desk, TelegramService::call_with(update)).body);
    CHECK(answer["method"] == "answerCallbackQuery");
    CHECK(answer["callback_query_id"] == "query-old");
    CHECK(contains(answer["text"].get<std::string>(), "too old"));
  }
  SUBCASE("by a call where messages are polled") {
    Chat chat(Transport::polling);
    chat.service.offer(chat.service.update(click, "callback_query"));
    chat.desk.start();
    REQUIRE(support::wait_until([&] { return chat.calls_of("answerCallbackQuery") == 1; }));
    const auto calls = chat.service.calls();
    CHECK(std::any_of(calls.begin(), calls.end(), [](const ServiceCall& call) {
      return contains(call.request.body, "query-old") && contains(call.request.body, "too old");
    }));
  }
}

TEST_CASE("telegram: polling goes on where it was") {
  Chat chat(Transport::polling);
  chat.desk.start();
  chat.tell(chat.service.update(chat.service.text_message("first")));
  chat.service.wait_for_text("Answer to: first");
  chat.desk.stop(SIGKILL);
  // Said while nobody listened; what was confirmed before is offered again and dropped.
  chat.tell(chat.service.update(chat.service.text_message("meanwhile")));
  chat.desk.start();
  chat.service.wait_for_text("Answer to: meanwhile");
  CHECK(chat.service.answers().size() == 2);
  CHECK(chat.desk.stop(SIGTERM) == 0);
}

TEST_CASE("telegram: a webhook in the way of polling is told, and taken away on request") {
  Chat chat(Transport::polling);
  chat.service.set_webhook("https://production.example.org/hook");
  chat.desk.start();
  REQUIRE(support::wait_until([&] { return contains(chat.desk.program->log(), "doctor --fix"); }));
  CHECK(chat.service.webhook() == "https://production.example.org/hook");
  const auto report = chat.doctor();
  CHECK(report.status == 1);
  CHECK(contains(report.output, "FAIL  chat.svc: a webhook is set (https://production.example.org/hook)"));
  CHECK(contains(report.output, "`frontdesk doctor --fix` takes it away"));
  CHECK(contains(chat.doctor({"--fix"}).output, "ok    chat.svc: long polling"));
  chat.tell(chat.service.update(chat.service.text_message("now")));
  chat.service.wait_for_text("Answer to: now");
}

TEST_CASE("telegram: a clean stop leaves no placeholder behind") {
  Chat chat;
  chat.desk.model.secretary("slow", {support::hold(support::say("At last."))});
  chat.desk.start();
  chat.service.behave({.times = 1, .status = 200, .accepts = true, .delay = std::chrono::milliseconds(700)});
  chat.tell(chat.service.update(chat.service.text_message("hello")));
  REQUIRE(chat.service.wait_until([&] { return chat.calls_of("sendMessage") == 1; }));
  CHECK(chat.desk.stop(SIGTERM) == 0);
  CHECK(chat.desk.query("SELECT count(*) FROM pieces WHERE external_id = ''") == "0");
}

TEST_CASE("telegram: doctor tells what is wrong, and --fix sets the webhook") {
  Chat chat;
  chat.desk.start();
  chat.desk.config.set("server", "public_url", support::toml_text(chat.desk.url()));
  chat.desk.write_config();
  auto report = chat.doctor();
  CHECK(report.status == 1);
  CHECK(contains(report.output, "FAIL  chat.svc: Telegram has no webhook for this bot"));
  report = chat.doctor({"--fix"});
  INFO(report.output);
  CHECK(report.status == 0);
  CHECK(contains(report.output, "ok    chat.svc: @frontdesk_bot"));
  CHECK(chat.service.webhook() == chat.desk.url() + "/webhooks/svc");
  CHECK(chat.calls_of("setMyCommands") == 1);

  const auto address = chat.desk.url() + "/webhooks/svc";
  chat.service.set_webhook(address, {"message", "poll"});
  report = chat.doctor();
  CHECK(report.status == 1);
  CHECK(contains(report.output, "nothing of: edited_message, callback_query, message_reaction;"));
  CHECK(chat.doctor({"--fix"}).status == 0);
  CHECK(chat.doctor().status == 0);
  chat.service.set_webhook(address);
  CHECK(chat.doctor().status == 0);

  chat.desk.environment["TELEGRAM_TOKEN"] = "4711:wrong-token";
  report = chat.doctor();
  CHECK(report.status == 1);
  CHECK(contains(report.output, "FAIL  chat.svc: Telegram's getMe answered with 401: Unauthorized; copy"));
  CHECK(contains(report.output, "from @BotFather again"));
  CHECK_FALSE(contains(report.output, "`frontdesk doctor` tells"));
  CHECK_FALSE(contains(report.output + report.errors, "wrong-token"));

  chat.desk.environment["TELEGRAM_TOKEN"] = TelegramService::kToken;
  chat.desk.config.set("server", "public_url", "\"http://127.0.0.1:1\"");
  chat.desk.write_config();
  report = chat.doctor();
  CHECK(contains(report.output, "does not lead to this program"));
}

TEST_CASE("telegram: the token is in no log, whatever happens to the calls") {
  Chat chat;
  chat.desk.start();
  chat.service.behave({.times = 3, .status = 500});
  chat.tell(chat.service.update(chat.service.text_message("hello")));
  chat.service.wait_for_text("Answer to: hello");
  CHECK_FALSE(contains(chat.desk.program->log(), TelegramService::kToken));
  CHECK_FALSE(contains(chat.desk.program->log(), TelegramService::kSecret));
}

TEST_CASE("telegram: a stranger is shown a code, and is answered once the operator admits them") {
  Chat chat;
  chat.desk.config.drop("chat.svc", "access");
  chat.desk.start();
  chat.tell(chat.service.update(chat.service.text_message("let me in", "2002")));
  const auto told = chat.service.wait_for_text("frontdesk pair ").text;
  const auto at = told.find("frontdesk pair ") + 15;
  const auto paired =
      support::run_frontdesk({"pair", told.substr(at, 9), "--config", chat.desk.config_file().string()},
                             chat.desk.folder(), chat.desk.environment);
  CHECK(paired.status == 0);
  chat.tell(chat.service.update(chat.service.text_message("now?", "2002")));
  chat.service.wait_for_text("Answer to: now?");
  // Admitted to direct messages, not to groups.
  chat.tell(chat.service.update(
      mention_of_bot(chat.service.text_message("@frontdesk_bot and here?", "2002", "-100123"))));
  CHECK(
      contains(chat.service.wait_for([](const Shown& m) { return m.chat == "-100123" && m.edits > 0; }).text,
               "frontdesk pair "));
}
