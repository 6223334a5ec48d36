// What is Mattermost's own way: trigger words, threads, buttons, files, direct messages, downtimes.
#include <csignal>

#include <doctest/doctest.h>

#include "tests/support/chat_services/mattermost_service.h"
#include "tests/support/text.h"

using nlohmann::json;
using support::contains;
using support::Desk;
using support::MattermostService;
using support::Shown;

namespace {

struct Server {
  MattermostService mattermost;
  Desk desk;

  Server() : Server(Desk::Claude::real) {}
  explicit Server(Desk::Claude claude) : desk(claude) { mattermost.configure(desk); }
  int tell(const base::HttpRequest& request) { return mattermost.tell(desk, request).status; }
  int tell(const json& post) { return tell(MattermostService::notice(post)); }
  std::size_t count(const std::string& part) const {
    std::size_t found = 0;
    for (const auto& shown : mattermost.shown()) {
      found += contains(shown.text, part) ? 1 : 0;
    }
    return found;
  }
};

std::string thread_of(const json& post) {
  return post.at("channel_id").get<std::string>() + "/" + post.at("id").get<std::string>();
}

}  // namespace

TEST_CASE_FIXTURE(Server,
                  "a question on Mattermost is answered in its thread, which goes on without a call") {
  desk.start();
  const auto question = mattermost.write("c1", "u1", "@frontdesk what is a mutex?");
  REQUIRE(tell(question) == 200);
  CHECK(mattermost.wait_for_text("Answer to: what is a mutex?").chat == thread_of(question));
  // No webhook tells of a reply without the trigger word; it is found by looking.
  mattermost.write("c1", "u1", "and a semaphore?", {{"root_id", question.at("id")}});
  CHECK(mattermost.wait_for_text("Answer to: and a semaphore?").chat == thread_of(question));
  // What is said in the channel, or in somebody else's thread, is none of the bot's business.
  const auto other = mattermost.write("c1", "u2", "/help");
  mattermost.write("c1", "u2", "/help", {{"root_id", other.at("id")}});
  mattermost.write("d1", "u1", "@frontdesk whoami");
  CHECK(mattermost.wait_for_text(MattermostService::id_of("u1")).chat == MattermostService::id_of("d1"));
  CHECK(mattermost.shown().size() == 3);
}

TEST_CASE("work on Mattermost is stopped by a button, and only by the genuine one") {
  Server server(Desk::Claude::fake);
  auto& [mattermost, desk] = server;
  desk.model.secretary("build", {support::propose("medium", "site")});
  desk.start();
  REQUIRE(server.tell(mattermost.write("c1", "u1", "@frontdesk build it")) == 200);
  const auto question = mattermost.wait_for_text("Shall I give it to the specialist?");
  const auto click = mattermost.click(question, "Yes", "1");
  CHECK(server.tell(mattermost.forged(click)) == 401);
  CHECK(desk.query("SELECT count(*) FROM dispatches") == "0");
  const auto taken = mattermost.tell(desk, click);
  CHECK(taken.status == 200);
  CHECK(taken.body == "{}");
  CHECK(mattermost.wait_for_text("Done: site").chat == question.chat);
}

TEST_CASE("a file that is posted on Mattermost lies in the project, and what was made comes back as a file") {
  Server server(Desk::Claude::fake);
  auto& [mattermost, desk] = server;
  desk.start();
  const auto file = mattermost.keep_file("../plan.txt", "the plan", "text/plain");
  const auto post =
      mattermost.write("c1", "u1", "@frontdesk dispatch write a haiku", {{"metadata", {{"files", {file}}}}});
  REQUIRE(server.tell(post) == 200);
  const auto result = mattermost.wait_for_text("Done: write-a-haiku");
  CHECK(support::read_text(desk.projects() / "write-a-haiku" / "attachments" / "plan.txt") == "the plan");
  REQUIRE(server.tell(mattermost.click(result, "Send haiku.txt", "1")) == 200);
  CHECK(mattermost.wait_for_text("[file] haiku.txt").chat == thread_of(post));
}

TEST_CASE_FIXTURE(Server, "what was said on Mattermost while the program was down is answered, and once") {
  desk.start();
  REQUIRE(tell(mattermost.message({"the first"})) == 200);
  mattermost.wait_for_text("the first");
  desk.stop(SIGKILL);
  const auto missed = mattermost.write("c1", "u1", "@frontdesk said meanwhile");
  desk.start();
  CHECK(mattermost.wait_for_text("said meanwhile").chat == thread_of(missed));
  REQUIRE(tell(missed) == 200);
  REQUIRE(tell(mattermost.message({"the last"})) == 200);
  mattermost.wait_for_text("the last");
  CHECK(count("said meanwhile") == 1);
}

TEST_CASE_FIXTURE(Server, "what programs write on Mattermost, the bot itself as well, is left alone") {
  desk.start();
  REQUIRE(tell(mattermost.write("c1", "bot", "@frontdesk /help")) == 200);
  REQUIRE(tell(mattermost.write("c1", "u9", "@frontdesk /help", {{"props", {{"from_bot", "true"}}}})) == 200);
  REQUIRE(tell(mattermost.write("c1", "u9", "@frontdesk /help", {{"type", "system_add_to_channel"}})) == 200);
  REQUIRE(tell(mattermost.message({"/projects"})) == 200);
  mattermost.wait_for([](const Shown&) { return true; });
  CHECK(desk.query("SELECT count(*) FROM messages WHERE author = 'user'") == "1");
}

TEST_CASE_FIXTURE(Server, "help on Mattermost names the commands as they are written there") {
  desk.start();
  REQUIRE(tell(mattermost.message({"help"})) == 200);
  const auto help = mattermost.wait_for_text("@frontdesk status").text;
  CHECK_FALSE(contains(help, "`/status"));
}

TEST_CASE_FIXTURE(Server, "doctor tells what is wrong with Mattermost, and what is to be entered there") {
  desk.start();
  desk.config.set("server", "public_url", support::toml_text(desk.url()));
  desk.write_config();
  const auto doctor = [&](const std::string& token) {
    return support::run_frontdesk(
        {"doctor", "--config", desk.config_file().string()}, desk.folder(),
        {{"MATTERMOST_TOKEN", token}, {"MATTERMOST_WEBHOOK_TOKEN", MattermostService::kWebhookToken}});
  };
  const auto well = doctor(MattermostService::kToken);
  INFO(well.output, well.errors);
  CHECK(well.status == 0);
  CHECK(contains(well.output, "ok    chat.svc: @frontdesk, a bot account"));
  CHECK(contains(well.output, desk.url() + "/webhooks/svc"));
  CHECK(contains(well.output, "AllowedUntrustedInternalConnections"));
  CHECK(contains(well.output, "Trigger words: @frontdesk"));
  const auto wrong = doctor("token-of-somebody-else");
  CHECK(wrong.status == 1);
  CHECK(contains(wrong.output, "the token is wrong"));
  CHECK_FALSE(contains(wrong.output, "somebody"));
}
