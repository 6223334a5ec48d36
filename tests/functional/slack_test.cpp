// What is Slack's own way: commands, mentions answered in a thread, retries, forms, edits, history.
#include <algorithm>
#include <csignal>

#include <doctest/doctest.h>

#include "bot/platforms/shared/service_call.h"
#include "tests/support/chat_services/slack_service.h"

using nlohmann::json;
using support::Desk;
using support::Shown;
using support::SlackService;

namespace {

struct Workspace {
  SlackService slack;
  Desk desk;

  Workspace() { slack.configure(desk); }
  int tell(const base::HttpRequest& request) { return slack.tell(desk, request).status; }
  std::size_t count(const std::string& part) const {
    std::size_t found = 0;
    for (const auto& shown : slack.shown()) {
      found += shown.text.find(part) != std::string::npos ? 1 : 0;
    }
    return found;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Workspace,
                  "a slash command on Slack is answered in its channel, with an empty acknowledgement") {
  desk.start();
  const auto response = slack.tell(desk, slack.command("help", "C1"));
  CHECK(response.status == 200);
  CHECK(response.body.empty());
  CHECK(slack.wait_for_text("/frontdesk dispatch").chat == "C1");
  CHECK(slack.arguments_of("chat.postMessage").at(0).contains("metadata"));
}

TEST_CASE_FIXTURE(Workspace,
                  "a slash command where the bot is not in the channel is answered to the person alone") {
  desk.start();
  slack.take_bot_out_of("C9");
  REQUIRE(tell(slack.command("help", "C9")) == 200);
  const auto shown = slack.wait_for_text("/frontdesk dispatch");
  CHECK(shown.id.starts_with("response-"));
  CHECK(desk.query("SELECT count(*) FROM outbox WHERE state = 'dead'") == "0");
}

TEST_CASE_FIXTURE(Workspace,
                  "a mention in a channel is answered in a thread, which goes on without mentions") {
  desk.start();
  const auto mention = slack.write("C1", "U1", "<@U0BOT> whoami");
  auto told = mention;
  told["type"] = "app_mention";
  // Slack tells one message twice where the app listens to both.
  REQUIRE(tell(slack.event(mention, "Ev1")) == 200);
  REQUIRE(tell(slack.event(told, "Ev2")) == 200);
  const auto thread = "C1/" + mention.at("ts").get<std::string>();
  CHECK(slack.wait_for_text("U1").chat == thread);

  const auto reply = slack.write("C1", "U1", "/projects", {{"thread_ts", mention.at("ts")}});
  REQUIRE(tell(slack.event(reply, "Ev3")) == 200);
  // What is said in the channel, or in somebody else's thread, is none of the bot's business.
  REQUIRE(tell(slack.event(slack.write("C1", "U1", "/help"), "Ev4")) == 200);
  REQUIRE(tell(slack.event(slack.write("C1", "U1", "/help", {{"thread_ts", "1.1"}}), "Ev5")) == 200);
  REQUIRE(slack.wait_until([&] { return slack.shown().size() == 2; }));
  CHECK(slack.shown()[1].chat == thread);
  REQUIRE(tell(slack.message({"last words"})) == 200);
  REQUIRE(slack.wait_until([&] { return slack.shown().size() == 3; }));
  CHECK(slack.shown()[2].chat == "D1001");
  CHECK(count("U1") == 1);
}

TEST_CASE_FIXTURE(Workspace, "a retry by Slack is dropped only where the first call was stored") {
  desk.start();
  auto retry = slack.message({.text = "/whoami", .id = "Ev7"});
  retry.headers.add("X-Slack-Retry-Num", "1");
  retry.headers.add("X-Slack-Retry-Reason", "http_timeout");
  REQUIRE(tell(retry) == 200);
  slack.wait_for_text("1001");
  REQUIRE(tell(retry) == 200);
  REQUIRE(tell(slack.message({"/projects"})) == 200);
  REQUIRE(slack.wait_until([&] { return slack.shown().size() == 2; }));
  CHECK(count("1001") == 1);
}

TEST_CASE_FIXTURE(Workspace, "a click whose form is larger than 8,192 bytes is taken") {
  desk.start();
  Shown old;
  old.id = "1795363500.000100";
  old.chat = "D1001";
  old.text = std::string(20'000, 'x');
  old.actions = {{"Cancel", "b0123456789abcdef01234567"}};
  const auto click = slack.click(old, "Cancel", "1001");
  REQUIRE(click.body.size() > 20'000);
  REQUIRE(tell(click) == 200);
  CHECK(slack.wait_for_text("button").chat == "D1001");
}

TEST_CASE_FIXTURE(Workspace,
                  "a message on Slack that is edited before its answer is answered as it is then") {
  desk.model.secretary("first", {support::hold({"answered the first", {}, {}, false})});
  desk.start();
  const auto first = slack.write("D1001", "1001", "first");
  auto second = slack.write("D1001", "1001", "second");
  REQUIRE(tell(slack.event(first, "Ev1")) == 200);
  // Else one answer is given to all of them.
  REQUIRE(desk.model.wait_for(support::ModelRequest::From::secretary, 1));
  REQUIRE(tell(slack.event(second, "Ev2")) == 200);
  auto changed = second;
  changed["text"] = "second, and better";
  changed["edited"] = {{"user", "1001"}, {"ts", slack.next_ts()}};
  const json edit = {{"type", "message"},         {"subtype", "message_changed"}, {"channel", "D1001"},
                     {"channel_type", "im"},      {"ts", slack.next_ts()},        {"message", changed},
                     {"previous_message", second}};
  REQUIRE(tell(slack.event(edit, "Ev3")) == 200);
  // Slack keeps no order: this edit is told before its message.
  const auto third = slack.write("D1001", "1001", "third");
  auto early = edit;
  early["message"] = third;
  early["message"]["text"] = "third, corrected";
  early["message"]["edited"] = changed["edited"];
  early["previous_message"] = third;
  REQUIRE(tell(slack.event(early, "Ev5")) == 200);
  REQUIRE(tell(slack.event(third, "Ev6")) == 200);
  // An edit of what nobody knows does no harm.
  auto unknown = edit;
  unknown["message"]["ts"] = "1.000001";
  REQUIRE(tell(slack.event(unknown, "Ev4")) == 200);
  desk.model.release();
  // Both waited, so one answer is for both.
  slack.wait_for_text("third, corrected");
  CHECK(desk.model.saw("second, and better"));
  CHECK(slack.shown().size() == 2);
}

TEST_CASE("a file that is shared on Slack lies in the project, and what was made comes back as a file") {
  SlackService slack;
  Desk desk(Desk::Claude::fake);
  slack.configure(desk);
  desk.start();
  const auto file = slack.keep_file("../plan.txt", "the plan", "text/plain");
  const auto shared = slack.write("C1", "1001", "<@U0BOT> dispatch write a haiku",
                                  {{"type", "app_mention"}, {"subtype", "file_share"}, {"files", {file}}});
  REQUIRE(slack.tell(desk, slack.event(shared, "Ev1")).status == 200);
  const auto result = slack.wait_for_text("Done: write-a-haiku");
  CHECK(support::read_text(desk.projects() / "write-a-haiku" / "attachments" / "plan.txt") == "the plan");
  REQUIRE(slack.tell(desk, slack.click(result, "Send haiku.txt", "1001")).status == 200);
  CHECK(slack.wait_for_text("[file] haiku.txt").chat == result.chat);
  CHECK(result.chat == "C1/" + shared.at("ts").get<std::string>());
}

TEST_CASE_FIXTURE(Workspace, "a person on Slack is known by the name they chose, and asked for once") {
  slack.name("U1", "Ada\nLovelace");
  desk.start();
  for (const std::size_t answers : {1, 2}) {
    const auto written = slack.write("C1", "U1", "<@U0BOT> whoami", {{"type", "app_mention"}});
    REQUIRE(tell(slack.event(written, "Ev" + std::to_string(answers))) == 200);
    REQUIRE(slack.wait_until([&] { return count("(Ada Lovelace)") == answers; }));
  }
  CHECK(slack.arguments_of("users.info") == std::vector<json>{{{"user", "U1"}}});
}

TEST_CASE_FIXTURE(Workspace, "an app that may not read names asks once, and answers all the same") {
  slack.fail("users.info", "missing_scope");
  desk.start();
  for (const std::string user : {"U1", "U2"}) {
    const auto written = slack.write("D" + user, user, "hello", {{"channel_type", "im"}});
    REQUIRE(tell(slack.event(written, "Ev" + user)) == 200);
    slack.wait_for([&](const Shown& shown) { return shown.chat == "D" + user; });
  }
  CHECK(slack.arguments_of("users.info").size() == 1);
}

TEST_CASE_FIXTURE(Workspace,
                  "what a thread on Slack began is seen, stopped and continued from its whole channel") {
  desk.model.specialist("slow", {support::hold(support::say("Finished."))});
  desk.start();
  const auto mention = [&](const std::string& channel, const std::string& words) {
    const auto written = slack.write(channel, "1001", "<@U0BOT> " + words, {{"type", "app_mention"}});
    REQUIRE(tell(slack.event(written, "Ev" + written.at("ts").get<std::string>())) == 200);
  };
  mention("C1", "dispatch slow one");
  slack.wait_for_text("On it: _slow-one_");
  REQUIRE(tell(slack.command("status", "C1")) == 200);
  CHECK(slack.wait_for_text("another thread").chat == "C1");
  REQUIRE(tell(slack.command("status", "C2")) == 200);
  CHECK(slack.wait_for_text("Nothing is running").chat == "C2");
  REQUIRE(tell(slack.command("cancel", "C1")) == 200);
  slack.wait_for_text("Stopping _slow-one_");
  mention("C1", "dispatch slow-one go on");
  desk.model.release();
  slack.wait_for_text("Done: slow-one");
  CHECK(desk.query("SELECT count(*) FROM projects") == "1");
}

TEST_CASE("killed while it uploads a file to Slack, it shows the file once") {
  std::string text;
  for (int i = 0; i < 1'000; ++i) {
    text += "Paragraph number " + std::to_string(i) + " of an answer that is too long for messages.\n\n";
  }
  struct Row {
    bool arrived, sizes, history;
  };
  for (const auto& row :
       {Row{true, true, true}, Row{true, false, true}, Row{true, false, false}, Row{false, true, true}}) {
    CAPTURE(row.arrived);
    CAPTURE(row.sizes);
    CAPTURE(row.history);
    SlackService slack;
    if (!row.sizes) {
      slack.leave_out_file_sizes();
    }
    if (!row.history) {
      slack.leave_files_out_of_history();
    }
    Desk desk;
    slack.configure(desk);
    desk.model.secretary("tell me", {support::say(text)});
    desk.start();
    slack.behave({.times = 1,
                  .status = 500,
                  .accepts = row.arrived,
                  .delay = std::chrono::seconds(60),
                  .applies = [](const support::ServiceCall& call) {
                    return call.request.path.ends_with("files.completeUploadExternal");
                  }});
    REQUIRE(slack.tell(desk, slack.message({"tell me everything"})).status == 200);
    REQUIRE(slack.wait_until([&] {
      const auto calls = slack.calls();
      return std::any_of(calls.begin(), calls.end(), [](const auto& call) { return call.answered == 500; });
    }));
    desk.stop(SIGKILL);
    desk.start();
    REQUIRE(slack.tell(desk, slack.message({"afterwards"})).status == 200);
    slack.wait_for_text("afterwards");
    const auto shown = slack.shown();
    CHECK(std::count_if(shown.begin(), shown.end(),
                        [](const Shown& message) { return message.text == "[file] answer.md"; }) == 1);
    CHECK(shown.size() == 3);
    CHECK(slack.arguments_of("files.getUploadURLExternal").size() == 1);
  }
}

TEST_CASE_FIXTURE(Workspace, "a stranger is paired in a channel of Slack's that the bot is not in") {
  desk.config.set("chat.svc", "access", "\"pairing\"");
  desk.start();
  slack.take_bot_out_of("C9");
  REQUIRE(tell(slack.command("hello", "C9", "U7")) == 200);
  const auto told = slack.wait_for_text("frontdesk pair ");
  CHECK(told.id.starts_with("response-"));
  // Whoever asks once more is not left without an answer.
  REQUIRE(tell(slack.command("hello?", "C9", "U7")) == 200);
  CHECK(slack.wait_for_text("earlier message").id.starts_with("response-"));
  CHECK(desk.model.requests().empty());
  const std::string mark = "frontdesk pair ";
  const auto code = told.text.substr(told.text.find(mark) + mark.size(), 9);
  CHECK(support::run_frontdesk(
            {"pair", code, "--config", desk.config_file().string()}, desk.folder(),
            {{"SLACK_BOT_TOKEN", SlackService::kToken}, {"SLACK_SIGNING_SECRET", SlackService::kSecret}})
            .status == 0);
  REQUIRE(tell(slack.command("hello again", "C9", "U7")) == 200);
  CHECK(slack.wait_for_text("hello again").id.starts_with("response-"));
  CHECK(desk.query("SELECT count(*) FROM outbox WHERE state = 'dead'") == "0");
}

TEST_CASE_FIXTURE(Workspace, "what is no message for the bot is taken and forgotten") {
  desk.start();
  REQUIRE(tell(slack.event(slack.write("D1001", "1001", "/help", {{"bot_id", "B2"}}), "Ev1")) == 200);
  REQUIRE(tell(slack.event(slack.write("D1001", SlackService::kBot, "/help"), "Ev2")) == 200);
  REQUIRE(tell(slack.event({{"type", "reaction_added"}, {"user", "1001"}}, "Ev3")) == 200);
  const auto verification = slack.tell(
      desk, SlackService::sign(R"({"type":"url_verification","challenge":"3eZbrw1a"})", "application/json"));
  CHECK(verification.status == 200);
  CHECK(json::parse(verification.body) == json{{"challenge", "3eZbrw1a"}});
  CHECK(tell(slack.forged(slack.message({"/help"}))) == 401);
  REQUIRE(tell(slack.message({"/projects"})) == 200);
  slack.wait_for([](const Shown&) { return true; });
  CHECK(desk.query("SELECT count(*) FROM messages WHERE author = 'user'") == "1");
}

TEST_CASE_FIXTURE(Workspace, "help on Slack names the commands as Slack takes them") {
  desk.start();
  REQUIRE(tell(slack.message({"/help"})) == 200);
  const auto help = slack.wait_for_text("/frontdesk status").text;
  CHECK(help.find("`/status") == std::string::npos);
}

TEST_CASE_FIXTURE(Workspace, "what was said on Slack while the program was down is answered, and once") {
  desk.start();
  REQUIRE(tell(slack.message({"the first"})) == 200);
  slack.wait_for_text("the first");
  desk.stop(SIGKILL);
  const auto missed = slack.write("D1001", "1001", "said meanwhile");
  desk.start();
  slack.wait_for_text("said meanwhile");
  // Slack's last retry comes when all is done.
  REQUIRE(tell(slack.event(missed, "Ev8")) == 200);
  REQUIRE(tell(slack.message({"the last"})) == 200);
  slack.wait_for_text("the last");
  CHECK(count("said meanwhile") == 1);
}

TEST_CASE_FIXTURE(Workspace, "doctor tells what is wrong with the app on Slack, and gives its manifest") {
  desk.start();
  desk.config.set("server", "public_url", support::toml_text(desk.url()));
  desk.write_config();
  const auto doctor = [&](const std::string& token, const std::string& option = {}) {
    std::vector<std::string> arguments = {"doctor", "--config", desk.config_file().string()};
    if (!option.empty()) {
      arguments.push_back(option);
    }
    return support::run_frontdesk(
        arguments, desk.folder(),
        {{"SLACK_BOT_TOKEN", token}, {"SLACK_SIGNING_SECRET", SlackService::kSecret}});
  };
  const auto has = [](const support::Finished& finished, const std::string& part) {
    return finished.output.find(part) != std::string::npos;
  };
  const auto well = doctor(SlackService::kToken);
  INFO(well.output, well.errors);
  CHECK(well.status == 0);
  CHECK(has(well, "ok    chat.svc: frontdesk in test"));
  CHECK(has(well, desk.url() + "/webhooks/svc"));
  CHECK(has(well, "slash_commands"));
  CHECK(has(doctor(SlackService::kToken, "--fix"), "\n  \"features\": {"));
  slack.set_scopes("chat:write");
  const auto scopes = doctor(SlackService::kToken);
  CHECK(scopes.status == 1);
  CHECK(has(scopes, "app_mentions:read"));
  CHECK(has(scopes, "slash_commands"));
  const auto wrong = doctor("xoxb-of-somebody-else");
  CHECK(wrong.status == 1);
  CHECK(has(wrong, "the bot token is wrong"));
  CHECK_FALSE(has(wrong, "somebody"));
  // Before the app exists there is no token: the manifest is what makes it.
  const auto none = doctor("");
  CHECK(none.status == 1);
  CHECK(has(none, "bot_token"));
  CHECK(has(none, "slash_commands"));
}
