// The secretary's own hands: tools by MCP, from a signed message to what the server was told.
#include <filesystem>

#include <SQLiteCpp/SQLiteCpp.h>
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <signal.h>

#include "base/file.h"
#include "tests/support/checkout.h"
#include "tests/support/environment.h"
#include "tests/support/program/desk.h"
#include "tests/support/program/tool_desk.h"
#include "tests/support/text.h"
#include "tests/support/wait.h"

using support::calls_in;
using support::contains;
using support::Desk;
using support::FakeDesk;
using support::ModelRequest;
using support::propose;
using support::run_frontdesk;
using support::say;
using support::use;

namespace {

namespace fs = std::filesystem;

/// A desk with a folder of notes in the hands of the real file server.
class FilesDesk : public Desk {
 public:
  FilesDesk() : Desk(Claude::fake) {
    fs::create_directories(notes());
    support::write_text(notes() / "plan.txt", "the party is on Friday");
    config.set("dispatch", "sandbox", "\"auto\"");
    const auto npm = support::Environment::get("FRONTDESK_NODE_MODULES");
    config.set("mcp_servers.files", "command", "\"" + npm + "/.bin/mcp-server-filesystem\"")
        .set("mcp_servers.files", "args", "[\"" + notes().string() + "\"]")
        .set("mcp_servers.files", "allow", "[\"read_text_file\"]")
        .set("mcp_servers.files", "ask", "[\"write_file\"]")
        .set("mcp_servers.files", "people", "[\"ops:u-1\"]")
        .set("mcp_servers.files", "network", "false")
        .set("mcp_servers.files", "state", "[\"" + notes().string() + "\"]")
        .set("mcp_servers.files.env", "CANARY_TOKEN", "\"env:CANARY\"");
    environment["CANARY"] = kCanary;
  }

  static constexpr const char* kCanary = "canary-of-the-file-server-4711";
  fs::path notes() const { return folder() / "notes"; }
  support::ModelTurn read_plan() const {
    return use("files__read_text_file", {{"path", (notes() / "plan.txt").string()}});
  }
  support::ModelTurn write_plan(const std::string& text) const {
    return use("files__write_file", {{"path", (notes() / "plan.txt").string()}, {"content", text}});
  }
  std::string plan() const { return base::read_file(notes() / "plan.txt"); }
  /// The message with the buttons of a call, once it is there.
  support::Shown asked() const {
    return callbacks.wait_for([](const support::Shown& shown) { return !shown.action("Do it").empty(); });
  }
};

std::string whole_database(const Desk& desk) {
  return base::read_file(desk.folder() / "frontdesk.db") +
         base::read_file_if_exists(desk.folder() / "frontdesk.db-wal").value_or("");
}

/// Changes the database beside the running program.
void write_into(const Desk& desk, const std::string& sql) {
  SQLite::Database((desk.folder() / "frontdesk.db").string(), SQLite::OPEN_READWRITE, 20'000).exec(sql);
}

/// From now on the end of a call that succeeded cannot be written down.
void lose_ends(const Desk& desk) {
  write_into(desk,
             "CREATE TRIGGER lost BEFORE UPDATE OF state ON tool_calls WHEN NEW.state = 'done' "
             "BEGIN SELECT RAISE(ABORT, 'lost'); END");
}

}  // namespace

TEST_CASE("the secretary reads a file by a tool of its own, and what follows from it is asked first") {
  FilesDesk desk;
  desk.model.secretary("party", {desk.read_plan(), say("It is on Friday.")});
  desk.model.secretary("build", {desk.read_plan(), propose("high", "site")});
  desk.start();
  CHECK(desk.answer_to(desk.say({"when is the party?"})).text == "It is on Friday.");
  CHECK(desk.model.saw("the party is on Friday"));
  const auto requests = desk.model.requests(ModelRequest::From::secretary);
  CHECK(requests.front().offers("files__read_text_file"));
  CHECK(requests.front().offers("files__write_file"));
  CHECK(!requests.front().offers("files__move_file"));  // neither allowed nor asked for
  CHECK(desk.query("SELECT server || ' ' || tool || ' ' || state FROM tool_calls") ==
        "files read_text_file done");

  const auto question = desk.answer_to(desk.say({"build what the plan says"}));
  CHECK(!question.action("Yes").empty());
  CHECK(contains(question.text, "what a tool returned came into this turn"));
  CHECK(contains(question.text, "The specialist would be told:"));
  CHECK(desk.query("SELECT cause FROM decisions ORDER BY id DESC") == "rule:foreign-text");
  CHECK(desk.query("SELECT count(*) FROM dispatches") == "0");
  CHECK(!contains(whole_database(desk), FilesDesk::kCanary));
  CHECK(desk.stop(SIGTERM) == 0);
  CHECK(support::processes_with("HOME=" + desk.folder().string()).empty());
}

TEST_CASE("nobody but those whom the section names has its tools") {
  FilesDesk desk;
  desk.start();
  desk.answer_to(desk.say({"hello", "c-2", "u-2"}));
  CHECK(!desk.model.requests(ModelRequest::From::secretary).front().offers("files__read_text_file"));
}

TEST_CASE("the tools that are the admins' are there for the only person of the page, too") {
  FakeDesk desk("plain");
  desk.config.set("chat.web", "platform", "\"web\"").set("mcp_servers.fake", "people", "[\"role:admin\"]");
  desk.start();
  const auto login =
      desk.call("POST", "/login", std::string("password=") + Desk::kAdminPassword, {{"Origin", desk.url()}});
  const auto cookie = login.headers.get("Set-Cookie").value_or("");
  const nlohmann::json message = {
      {"id", "m1"}, {"chat", "main"}, {"text", "what do you have?"}, {"files", nlohmann::json::array()}};
  REQUIRE(desk.call("POST", "/api/messages", message.dump(),
                    {{"Origin", desk.url()}, {"Cookie", cookie.substr(0, cookie.find(';'))}})
              .status == 200);
  REQUIRE(support::wait_until([&] { return !desk.model.requests(ModelRequest::From::secretary).empty(); }));
  CHECK(desk.model.requests(ModelRequest::From::secretary).front().offers("fake__read"));
  desk.answer_to(desk.say({"hello"}));
  CHECK(!desk.model.requests(ModelRequest::From::secretary).back().offers("fake__read"));
}

TEST_CASE(
    "a call that changes something is shown exactly, and made only after Do it, once, by whom it was shown") {
  FilesDesk desk;
  desk.model.secretary("move", {desk.write_plan("it is on Sunday"), say("I have prepared it.")});
  desk.start();
  desk.answer_to(desk.say({"move the party"}));
  const auto asked = desk.asked();
  CHECK(contains(asked.text, "content: it is on Sunday"));
  CHECK(desk.plan() == "the party is on Friday");
  desk.answer_to(desk.click(asked.action("Do it"), "u-2"));
  CHECK(desk.plan() == "the party is on Friday");
  const auto result = desk.answer_to(desk.click(asked.action("Do it")));
  CHECK(contains(result.text, "It says"));
  CHECK(contains(result.text, "`read_text_file`. This has changed:"));
  CHECK(contains(result.text, "- the party is on Friday\n+ it is on Sunday"));
  CHECK(desk.plan() == "it is on Sunday");
  CHECK(desk.query("SELECT state FROM tool_calls") == "done");
  const auto log = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "log");
    arguments.insert(arguments.end(), {"--config", desk.config_file().string()});
    return run_frontdesk(std::move(arguments), desk.folder(), desk.environment).output;
  };
  CHECK(contains(log({"show", "1"}),
                 "files/write_file, asked: done, and looked at afterwards, by Name of u-1 (ops:u-1), "));
  CHECK(contains(log({"show", "1"}), "it is on Sunday"));
  const auto approved = log({"approvals", "--grep", "Sunday"});
  CHECK_MESSAGE(contains(approved, "1 tool done, and looked at afterwards by ops:u-1: files/write_file"),
                approved);
  CHECK(contains(log({"approvals", "--grep", "Monday"}), "No approvals match."));
  CHECK(contains(log({"search", "Sunday"}), "move the party"));
  CHECK(contains(log({"export"}), R"("tools":[{"asked":true,"id":1,"server":"files","state":"done")"));
  CHECK(contains(desk.answer_to(desk.say({"/why"})).text,
                 "`write_file` of files: done, and looked at afterwards"));
  CHECK(desk.counts(R"(frontdesk_tool_calls_total{outcome="done",server="files"} 1)"));
  support::write_text(desk.notes() / "plan.txt", "somebody else was here");
  desk.answer_to(desk.click(asked.action("Do it")));
  CHECK(desk.plan() == "somebody else was here");
}

TEST_CASE("No ends a call, and another version takes the place of the one before") {
  FilesDesk desk;
  desk.model.secretary("move", {desk.write_plan("it is on Sunday"), say("I have prepared it.")});
  desk.model.secretary("Monday", {desk.write_plan("it is on Monday"), say("I have changed it.")});
  desk.start();
  desk.answer_to(desk.say({"move the party"}));
  const auto first = desk.asked();
  CHECK(contains(desk.answer_to(desk.click(first.action("Change"))).text, "Write what should be different"));
  desk.answer_to(desk.say({"make it Monday"}));
  const auto second = desk.callbacks.wait_for([&](const support::Shown& shown) {
    return shown.id != first.id && contains(shown.text, "it is on Monday") && !shown.action("No").empty();
  });
  CHECK(desk.callbacks.wait_for([&](const support::Shown& s) { return s.id == first.id && s.edits > 0; })
            .actions.empty());
  desk.click(second.action("No"));
  CHECK(contains(
      desk.callbacks.wait_for([&](const support::Shown& s) { return s.id == second.id && s.edits > 0; }).text,
      "You said no"));
  CHECK(desk.plan() == "the party is on Friday");
}

TEST_CASE("what was asked has expired after a restart") {
  FilesDesk desk;
  desk.model.secretary("move", {desk.write_plan("it is on Sunday"), say("I have prepared it.")});
  desk.start();
  desk.answer_to(desk.say({"move the party"}));
  const auto asked = desk.asked();
  desk.stop(SIGKILL);
  desk.start();
  const auto expired =
      desk.callbacks.wait_for([&](const support::Shown& s) { return s.id == asked.id && s.edits > 0; });
  CHECK(contains(expired.text, "the bot was restarted"));
  CHECK(expired.actions.empty());
  CHECK(desk.plan() == "the party is on Friday");
}

TEST_CASE("a call that a kill cut is told as uncertain, and is not made again") {
  FakeDesk desk("slow");
  desk.model.secretary("write", {use("fake__write", {{"text", "once"}}), say("Nobody knows.")});
  desk.config.set("mcp_servers.fake", "timeout_s", "60");
  desk.start();
  const auto id = desk.say({"write it"});
  REQUIRE(support::wait_until(
      [&] { return contains(base::read_file_if_exists(desk.log()).value_or(""), "tools/call"); }));
  desk.stop(SIGKILL);
  desk.start();
  const auto told = desk.callbacks.wait_for(
      [&](const support::Shown& shown) { return contains(shown.text, "I do not know whether it was done"); });
  CHECK(contains(told.text, "text: once"));
  CHECK(told.reply_to == id);
  const auto answer = desk.callbacks.wait_for([](const support::Shown& shown) {
    return shown.text.starts_with("Nobody knows.\n\nI do not know whether `write` of fake");
  });
  CHECK(answer.reply_to == id);
  CHECK(desk.query("SELECT group_concat(state) FROM tool_calls") == "uncertain");
  const auto log = base::read_file(desk.log());
  CHECK(log.find("tools/call") == log.rfind("tools/call"));
}

TEST_CASE("a call whose end cannot be written down is told as uncertain, and is not made again") {
  FakeDesk desk("plain");
  SUBCASE("after Do it") {
    desk.config.set("mcp_servers.fake", "allow", "[\"read\"]").set("mcp_servers.fake", "ask", "[\"write\"]");
    desk.model.secretary("write", {use("fake__write", {{"text", "once"}}), say("I have prepared it.")});
    desk.start();
    desk.answer_to(desk.say({"write it"}));
    const auto asked =
        desk.callbacks.wait_for([](const auto& shown) { return !shown.action("Do it").empty(); });
    lose_ends(desk);
    desk.click(asked.action("Do it"));
    desk.callbacks.wait_for([](const auto& shown) {
      return contains(shown.text,
                      "`write` of fake was called, and what came of it could not be written down");
    });
  }
  SUBCASE("in a turn") {
    desk.model.secretary("write", {use("fake__write", {{"text", "once"}}), say("Nobody knows.")});
    desk.start();
    lose_ends(desk);
    desk.say({"write it"});
    desk.callbacks.wait_for([](const auto& shown) {
      return shown.text.starts_with("Nobody knows.\n\nI do not know whether `write` of fake");
    });
    CHECK(desk.model.saw("nobody knows whether it took effect"));
  }
  SUBCASE("in a turn whose next attempt goes otherwise") {
    desk.model.secretary("write", {use("fake__write", {{"text", "once"}}), say("Nobody knows.")});
    desk.start();
    lose_ends(desk);
    desk.say({"write it"});
    REQUIRE(support::wait_until([&] { return calls_in(desk.log()) == 1; }));
    desk.model.fail(ModelRequest::From::secretary, base::HttpResponse::error(401, "no"));
    const auto told = desk.callbacks.wait_for(
        [](const auto& shown) { return contains(shown.text, "could not be written down"); });
    CHECK(contains(told.text, "text: once"));
  }
  CHECK(desk.query("SELECT group_concat(state) FROM tool_calls") == "uncertain");
  CHECK(calls_in(desk.log()) == 1);
}

TEST_CASE("what a tool says is read back, and the model is told where nothing has changed") {
  FakeDesk desk("plain");
  desk.config.set("mcp_servers.fake.read_back.write", "tool", "\"read\"")
      .set("mcp_servers.fake.read_back.write.with", "text", "\"about {text}\"");
  desk.model.secretary("write", {use("fake__write", {{"text", "once"}}), say("It says so.")});
  desk.start();
  CHECK(desk.answer_to(desk.say({"write it"})).text == "It says so.");
  CHECK(desk.model.saw("write got once"));
  CHECK(desk.model.saw("Read before and after it with read, nothing has changed: say so."));
  CHECK(calls_in(desk.log()) == 3);
  CHECK(contains(base::read_file(desk.log()), R"("text":"about once")"));
}

TEST_CASE(
    "two calls of one answer are asked about side by side, and a later one for something else takes no place") {
  FakeDesk desk("plain");
  desk.config.set("mcp_servers.fake", "allow", "[\"read\"]").set("mcp_servers.fake", "ask", "[\"write\"]");
  const nlohmann::json both = {{{"text", "to Ann"}}, {{"text", "to Bob"}}};
  desk.model.secretary("tell", {use("fake__write", both), say("I have prepared both.")});
  desk.model.secretary("rather",
                       {use("fake__write", {{"text", "to Eve"}}), use("fake__write", {{"text", "to Zoe"}}),
                        say("I have prepared the last.")});
  desk.start();
  desk.answer_to(desk.say({"tell both"}));
  const auto asked = [&](const std::string& text) {
    return desk.callbacks.wait_for(
        [&](const auto& shown) { return contains(shown.text, text) && !shown.action("Do it").empty(); });
  };
  asked("text: to Ann");
  CHECK(contains(desk.answer_to(desk.click(asked("text: to Bob").action("Do it"))).text, "write got to Bob"));
  desk.answer_to(desk.say({"rather another"}));
  asked("text: to Zoe");
  CHECK(desk.query("SELECT group_concat(json_extract(arguments, '$.text') || ' ' || state, ', ') FROM "
                   "(SELECT * FROM tool_calls ORDER BY id)") == "to Ann open, to Bob done, to Zoe open");
}

TEST_CASE("another version takes the place of the question whose Change was pressed, and of no other") {
  FakeDesk desk("plain");
  desk.config.set("mcp_servers.fake", "allow", "[\"read\"]").set("mcp_servers.fake", "ask", "[\"write\"]");
  const nlohmann::json both = {{{"text", "to Ann"}}, {{"text", "to Bob"}}};
  desk.model.secretary("tell", {use("fake__write", both), say("I have prepared both.")});
  desk.model.secretary("later",
                       {use("fake__write", {{"text", "to Ann, later"}}), say("I have prepared it.")});
  desk.start();
  desk.answer_to(desk.say({"tell both"}));
  const auto asked = [&](const std::string& text) {
    return desk.callbacks.wait_for(
        [&](const auto& shown) { return contains(shown.text, text) && !shown.action("Do it").empty(); });
  };
  asked("text: to Bob");
  desk.answer_to(desk.click(asked("text: to Ann").action("Change")));
  desk.say({"an hour later"});
  asked("text: to Ann, later");
  CHECK(desk.model.saw("They pressed Change for this one"));
  CHECK(desk.query("SELECT group_concat(json_extract(arguments, '$.text') || ' ' || state, '; ') FROM "
                   "(SELECT * FROM tool_calls ORDER BY id)") ==
        "to Ann replaced; to Bob open; to Ann, later open");
}

TEST_CASE("who may not use a server any more does nothing with it by an old button") {
  FakeDesk desk("plain");
  desk.config.set("mcp_servers.fake", "allow", "[\"read\"]")
      .set("mcp_servers.fake", "ask", "[\"write\"]")
      .set("mcp_servers.fake", "people", "[\"role:admin\"]")
      .set("chat.ops", "admins", "[\"u-1\"]");
  desk.model.secretary("tell", {use("fake__write", {{"text", "to Ann"}}), say("I have prepared it.")});
  desk.start();
  desk.answer_to(desk.say({"tell her"}));
  const auto asked =
      desk.callbacks.wait_for([&](const auto& shown) { return !shown.action("Do it").empty(); });
  desk.config.set("chat.ops", "admins", "[\"u-2\"]");
  const auto before = desk.program->log().size();
  desk.write_config();
  desk.program->signal(SIGHUP);
  REQUIRE(support::wait_until([&] { return contains(desk.program->log().substr(before), "were reloaded"); }));
  CHECK(contains(desk.answer_to(desk.click(asked.action("Do it"))).text, "You may not use this any more"));
  CHECK(desk.query("SELECT state FROM tool_calls") == "refused");
}

TEST_CASE("whom the section of a server lets in, and where, changes at SIGHUP") {
  FakeDesk desk("plain");
  desk.config.set("mcp_servers.fake", "allow", "[\"read\"]")
      .set("mcp_servers.fake", "ask", "[\"write\"]")
      .set("mcp_servers.fake", "people", "[\"ops:u-1\"]");
  desk.model.secretary("tell", {use("fake__write", {{"text", "to Ann"}}), say("I have prepared it.")});
  desk.start();
  const auto offers = [&] {
    return desk.model.requests(ModelRequest::From::secretary).back().offers("fake__write");
  };
  const auto reload = [&](const std::string& key, const std::string& value) {
    desk.config.set("mcp_servers.fake", key, value);
    const auto before = desk.program->log().size();
    desk.write_config();
    desk.program->signal(SIGHUP);
    REQUIRE(
        support::wait_until([&] { return contains(desk.program->log().substr(before), "were reloaded"); }));
    CHECK(!contains(desk.program->log().substr(before), "only after a restart"));
  };
  desk.answer_to(desk.say({"tell her"}));
  CHECK(offers());
  const auto asked =
      desk.callbacks.wait_for([&](const auto& shown) { return !shown.action("Do it").empty(); });
  reload("people", "[\"ops:u-2\"]");
  CHECK(contains(desk.answer_to(desk.click(asked.action("Do it"))).text, "You may not use this any more"));
  CHECK(desk.query("SELECT state FROM tool_calls") == "refused");
  CHECK(calls_in(desk.log()) == 0);
  desk.answer_to(desk.say({"hello"}));
  CHECK(!offers());
  desk.answer_to(desk.say({"hello", "c-2", "u-2"}));
  CHECK(offers());
  reload("people", "[\"*\"]");
  desk.answer_to(desk.say({"hello"}));
  CHECK(offers());
}

TEST_CASE("a typed yes does what was asked about, a typed no refuses it") {
  FakeDesk desk("plain");
  desk.config.set("mcp_servers.fake", "allow", "[\"read\"]").set("mcp_servers.fake", "ask", "[\"write\"]");
  for (const std::string text : {"to Ann", "to Bob", "to Eve"}) {
    desk.model.secretary(text, {use("fake__write", {{"text", text}}), say("I have prepared it.")});
  }
  desk.start();
  const auto asked = [&](const std::string& text) {
    desk.say({"write " + text});
    return desk.callbacks.wait_for(
        [&](const auto& shown) { return contains(shown.text, text) && !shown.action("Do it").empty(); });
  };
  asked("to Ann");
  CHECK(contains(desk.answer_to(desk.say({"yes"})).text, "write got to Ann"));
  asked("to Bob");
  desk.say({"no"});
  desk.callbacks.wait_for(
      [](const auto& shown) { return contains(shown.text, "You said no. Nothing was done."); });
  CHECK(desk.query("SELECT group_concat(state) FROM tool_calls") == "done,refused");
  CHECK(calls_in(desk.log()) == 1);
  asked("to Eve");
  CHECK(contains(desk.answer_to(desk.say({"/status"})).text, "waits for your answer"));
}

TEST_CASE("what nobody answers in time changes by itself") {
  FakeDesk desk("plain");
  desk.config.set("mcp_servers.fake", "allow", "[\"read\"]").set("mcp_servers.fake", "ask", "[\"write\"]");
  desk.config.set("dispatch", "approval_timeout_s", "1");
  desk.model.secretary("write", {use("fake__write", {{"text", "once"}}), say("I have prepared it.")});
  desk.start();
  desk.say({"write it"});
  const auto over = desk.callbacks.wait_for(
      [](const auto& shown) { return contains(shown.text, "Nobody answered in time. Nothing was done."); });
  CHECK(over.actions.empty());
  CHECK(contains(over.text, "text: once"));
  CHECK(desk.query("SELECT state FROM tool_calls") == "expired");
  CHECK(desk.query("SELECT count(*) FROM jobs WHERE kind = 'call-question'") == "0");
  CHECK(calls_in(desk.log()) == 0);
}

TEST_CASE("a server that fails is a sentence for the model and for doctor, and no turn waits for it") {
  FakeDesk desk("exits");
  desk.start();
  CHECK(contains(desk.answer_to(desk.say({"are you there?"})).text, "Answer to: are you there?"));
  CHECK(desk.model.saw("The server fake cannot be used: it ended with status 1"));
  desk.stop(SIGTERM);
  const auto found =
      run_frontdesk({"doctor", "--config", desk.config_file().string()}, desk.folder(), desk.environment);
  CHECK(found.status == 1);
  CHECK(contains(found.output, "FAIL  mcp_servers.fake: it cannot be used: it ended with status 1"));
}

TEST_CASE("a secret that a server gives back goes nowhere") {
  FakeDesk desk("env");
  desk.config.set("mcp_servers.fake.env", "CANARY_TOKEN", "\"env:CANARY\"");
  desk.environment["CANARY"] = FilesDesk::kCanary;
  desk.model.secretary("look", {use("fake__read", {{"text", "x"}}), say("I looked.")});
  desk.start();
  CHECK(desk.answer_to(desk.say({"look"})).text == "I looked.");
  CHECK(desk.model.saw("CANARY_TOKEN"));
  CHECK(!desk.model.saw(FilesDesk::kCanary));
  CHECK(!contains(whole_database(desk), FilesDesk::kCanary));
  CHECK(!contains(desk.program->log(), FilesDesk::kCanary));
}

TEST_CASE("a tool that changes is off until an operator has accepted it") {
  FakeDesk desk("changes");
  desk.model.secretary("write", {use("fake__write", {{"text", "x"}}), say("Written.")});
  desk.start();
  desk.answer_to(desk.say({"write it"}));
  CHECK(desk.query("SELECT state FROM tool_calls") == "done");
  desk.stop(SIGTERM);
  support::write_text(desk.log().string() + ".changed", "");
  const auto run = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--config", desk.config_file().string()});
    return run_frontdesk(std::move(arguments), desk.folder(), desk.environment);
  };
  CHECK(contains(run({"doctor"}).output, "off until you look: write"));
  desk.start();
  desk.answer_to(desk.say({"write it"}));
  CHECK(!desk.model.requests(ModelRequest::From::secretary).back().offers("fake__write"));
  CHECK(desk.model.saw("The tool fake/write is switched off"));
  desk.stop(SIGTERM);
  CHECK(run({"tools", "fake", "--accept"}).status == 0);
  CHECK(!contains(run({"doctor"}).output, "off until you look"));
}

TEST_CASE("frontdesk tools prints what a server offers and a proposal to paste") {
  FakeDesk desk("plain");
  desk.write_config();
  const auto shown =
      run_frontdesk({"tools", "--config", desk.config_file().string()}, desk.folder(), desk.environment);
  CHECK(shown.status == 0);
  CHECK(contains(shown.output, "allow = [\"read\"]\nask = [\"write\"]\n# left out: [\"delete_all\"]"));
  const auto none = run_frontdesk({"tools", "fak", "--config", desk.config_file().string()}, desk.folder(),
                                  desk.environment);
  CHECK(none.status == 2);
  CHECK(contains(none.errors, "did you mean \"fake\"?"));
}
