// What Discord has and other services have not; the rest is in tests/contract/chat_service_test.cpp.
#include <doctest/doctest.h>

#include "tests/support/chat_services/discord_service.h"

using support::Desk;
using support::DiscordService;
using support::ModelRequest;
using support::Shown;

namespace {

struct Fixture {
  DiscordService service;
  Desk desk{Desk::Claude::fake};
  Fixture() { service.configure(desk); }

  void call(const base::HttpRequest& request) { REQUIRE(service.tell(desk, request).status == 200); }
  std::string say(const DiscordService::Said& said) {
    const auto request = service.message(said);
    call(request);
    return nlohmann::json::parse(request.body)["id"];
  }
  int originals() const {
    int count = 0;
    for (const auto& call : service.calls()) {
      count += call.request.path.ends_with("/@original") && call.request.method == "PATCH";
    }
    return count;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "Discord: a PING is answered at once, and a wrong signature is refused") {
  desk.start();
  const auto ping = DiscordService::signed_call(R"({"type":1})");
  const auto pong = service.tell(desk, ping);
  CHECK(pong.status == 200);
  CHECK(pong.body == R"({"type":1})");
  CHECK(service.tell(desk, service.forged(ping)).status == 401);
}

TEST_CASE_FIXTURE(Fixture, "Discord: a message that somebody asks about reaches the model with its author") {
  desk.start();
  call(service.ask_about({"The build is red", "500"}, "Grace"));
  const auto answer = service.wait_for_text("Answer to:");
  CHECK(answer.chat == "500");
  CHECK(originals() == 1);
  const auto asked = desk.model.requests(ModelRequest::From::secretary);
  REQUIRE(asked.size() == 1);
  CHECK(asked[0].user_text.starts_with(
      "[quoted from Grace]\n> The build is red\n\nWhat do you say to this message?"));
}

TEST_CASE_FIXTURE(Fixture, "Discord: a thread is a conversation of its own") {
  desk.start();
  say({"hello", "500"});
  say({"hello again", "500/501"});
  CHECK(service.wait_for_text("Answer to: hello again").chat == "500/501");
  CHECK(service.wait_for([](const Shown& shown) { return shown.chat == "500"; }).text == "Answer to: hello");
  CHECK(desk.query("SELECT count(*) FROM conversations WHERE section = 'svc'") == "2");
}

TEST_CASE_FIXTURE(
    Fixture, "Discord: a command that gets several messages shows them all, the first in its own place") {
  desk.start();
  // "maybe" asks first; the click on Yes edits the question and posts the note of the dispatch.
  desk.model.secretary("maybe", {support::propose("medium", "site")});
  const auto asked = say({"maybe build it"});
  const auto question = service.wait_for([](const Shown& shown) { return !shown.actions.empty(); });
  CHECK(question.reply_to == asked);
  call(service.click(question, "Yes"));
  const auto done = service.wait_for_text("**Done: site.**");
  CHECK(done.id != question.id);
  CHECK(done.reply_to == question.id);
  CHECK(service.wait_for_text("**Yes.**").id == question.id);
  CHECK(service.shown().size() == 2);
  CHECK(originals() == 1);
}

TEST_CASE_FIXTURE(
    Fixture, "Discord: a stranger gets a pairing code in answer to a command, and never a dangling thought") {
  desk.config.set("chat.svc", "access", "\"pairing\"");
  desk.start();
  const auto first = say({"hello"});
  CHECK(service.wait_for_text("frontdesk pair").reply_to == first);
  const auto second = say({"hello again"});
  CHECK(
      service.wait_for([&](const Shown& shown) { return shown.reply_to == second; }).text.find("operator") !=
      std::string::npos);
  CHECK(desk.model.requests().empty());
}

TEST_CASE_FIXTURE(
    Fixture, "Discord: a server's channel lets in whom the operator admitted there, and nobody with them") {
  desk.config.set("chat.svc", "access", "\"pairing\"");
  desk.start();
  const std::string mark = "frontdesk pair ";
  const auto admit = [&](const std::string& interaction) {
    const auto told = service.wait_for([&](const Shown& shown) {
      return shown.reply_to == interaction && shown.text.find(mark) != std::string::npos;
    });
    const auto code = told.text.substr(told.text.find(mark) + mark.size(), 9);
    CHECK(support::run_frontdesk({"pair", code, "--config", desk.config_file().string()}, desk.folder(),
                                 {{"DISCORD_BOT_TOKEN", DiscordService::kBotToken}})
              .status == 0);
  };
  admit(say({"hello", "500", "1001"}));
  say({"hello from the first", "500", "1001"});
  service.wait_for_text("Answer to: hello from the first");

  // Somebody else of the same channel, and the first one elsewhere, are still strangers.
  const auto second = say({"hello from the second", "500", "1002"});
  const auto direct = say({"hello in private", {}, "1001"});
  admit(second);
  admit(direct);
  CHECK(desk.model.requests().size() == 1);
  say({"hello again from the second", "500", "1002"});
  service.wait_for_text("hello again from the second");
  CHECK(desk.query("SELECT count(*) FROM people") == "2");
}

TEST_CASE_FIXTURE(
    Fixture, "Discord: a file that comes with a command lies in the project, and what was made comes back") {
  desk.start();
  const auto file = service.keep_file("../plan.txt", "the plan");
  auto made = service.interaction(2, {{}, "500"});
  made["data"] = {{"id", "57"},
                  {"type", 1},
                  {"name", "dispatch"},
                  {"options",
                   {{{"type", 3}, {"name", "text"}, {"value", "write a haiku"}},
                    {{"type", 11}, {"name", "file"}, {"value", file["id"]}}}},
                  {"resolved", {{"attachments", {{file["id"].get<std::string>(), file}}}}}};
  call(DiscordService::signed_call(made.dump()));
  const auto result = service.wait_for_text("Done: write-a-haiku");
  CHECK(support::read_text(desk.projects() / "write-a-haiku" / "attachments" / "plan.txt") == "the plan");
  call(service.click(result, "Send haiku.txt"));
  CHECK(service.wait_for_text("[file] haiku.txt: rain").chat == "500");
}

TEST_CASE_FIXTURE(
    Fixture, "Discord: in a chat that the bot may not write to, a command is answered by its interaction") {
  service.close_channel("500");
  desk.start();
  desk.model.secretary("build", {support::propose("high", "site")});
  say({"build it", "500"});
  CHECK(service.wait_for_text("**Done: site.**").chat == "500");
  CHECK(service.shown().size() == 1);
}
