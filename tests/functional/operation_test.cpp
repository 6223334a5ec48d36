// Running the program: health, metrics, one server per database, reloading, doctor, init, pairing.
#include <algorithm>

#include <doctest/doctest.h>
#include <signal.h>

#include "tests/support/checkout.h"
#include "tests/support/models/model_fakes.h"
#include "tests/support/program/desk.h"
#include "tests/support/text.h"

using support::contains;
using support::Desk;
using support::propose;
using support::run_frontdesk;
using support::say;

namespace {

/// The line of the doctor about that thing.
std::string line_of(const std::string& output, const std::string& what) {
  const auto at = output.find("  " + what + ": ");
  const auto begin = output.rfind('\n', at) + 1;
  return at == std::string::npos ? std::string() : output.substr(begin, output.find('\n', at) - begin);
}

}  // namespace

TEST_CASE("healthz, readyz and metrics") {
  Desk desk(Desk::Claude::fake);
  desk.model.secretary("build", {propose("high", "site")});
  desk.start();
  CHECK(desk.call("GET", "/healthz").status == 200);
  CHECK(desk.call("GET", "/readyz").status == 200);
  desk.answer_to(desk.say({"hello"}));
  desk.say({"build it"});
  desk.dispatch("d-1", "**Done");
  CHECK(desk.call("POST", "/webhooks/ops", "{}").status == 401);
  const auto metrics = desk.call("GET", "/metrics");
  CHECK(metrics.content_type.starts_with("text/plain; version=0.0.4"));
  for (const char* line :
       {"frontdesk_messages_received_total{section=\"ops\"} 2",
        "frontdesk_webhooks_refused_total{section=\"ops\",status=\"401\"} 1",
        "frontdesk_decisions_total{action=\"answer\",outcome=\"answered\"} 1",
        "frontdesk_decisions_total{action=\"dispatch\",outcome=\"success\"} 1",
        "frontdesk_dispatches_total{outcome=\"success\",specialist=\"claude-code\"} 1",
        "frontdesk_dispatch_seconds_count{outcome=\"success\",specialist=\"claude-code\"} 1",
        "frontdesk_specialist_seconds_count{specialist=\"claude-code\"} 1",
        "frontdesk_deliveries_total{outcome=\"dead\",section=\"ops\"} 0",
        "frontdesk_queue_depth{kind=\"turn\"} 0",
        "frontdesk_queue_oldest_seconds{kind=\"approval\"} 0",
        "frontdesk_queue_wait_seconds_count{kind=\"turn\"} 2",
        "frontdesk_answer_seconds_count 2",
        "frontdesk_model_call_seconds_count{provider=\"anthropic\",purpose=\"secretary\"} 2",
        "frontdesk_model_calls_failed_total{provider=\"anthropic\",purpose=\"secretary\"} 0",
        "frontdesk_uncertain_deliveries 0",
        "frontdesk_build_info{version=\"",
        "process_cpu_seconds_total ",
        "process_resident_memory_bytes ",
        "process_open_fds ",
        "process_max_fds ",
        "process_start_time_seconds "}) {
    INFO(line);
    CHECK(desk.counts(line));
  }
  for (std::size_t at = 0; at < metrics.body.size(); at = metrics.body.find('\n', at) + 1) {
    const auto sample = metrics.body.substr(at, metrics.body.find('\n', at) - at);
    CHECK((sample.starts_with("# ") || sample.starts_with("frontdesk_") || sample.starts_with("process_")));
  }
}

TEST_CASE("a second serve on the same database exits with 2 and names the holder") {
  Desk desk(Desk::Claude::fake);
  desk.start();
  const auto second = run_frontdesk({"serve", "--config", desk.config_file().string()}, desk.folder());
  CHECK(second.status == 2);
  CHECK(contains(second.errors, "already served by process " + std::to_string(desk.program->pid())));
  CHECK(std::count(second.errors.begin(), second.errors.end(), '\n') == 1);
  desk.answer_to(desk.say({"hello"}));
}

TEST_CASE("SIGHUP brings new thresholds into force, and a bad file leaves the old ones") {
  Desk desk(Desk::Claude::fake);
  desk.model.secretary("surely", {propose("high", "site"), say("My own answer.")});
  desk.start();
  const auto reload = [&](const std::string& said) {
    const auto before = desk.program->log().size();
    desk.write_config();
    desk.program->signal(SIGHUP);
    return support::wait_until([&] { return contains(desk.program->log().substr(before), said); });
  };
  desk.config.set("routing", "dispatch_at", "0.97");
  REQUIRE(reload("were reloaded"));
  CHECK(desk.answer_to(desk.say({"surely build it"})).actions.size() == 2);
  desk.config.set("routing", "ask_att", "0.96");
  REQUIRE(reload("the old ones stay in force"));
  CHECK(contains(desk.program->log(), "ask_at"));
  CHECK(desk.answer_to(desk.say({"surely build it"})).actions.size() == 2);
  desk.config.drop("routing", "ask_att").set("routing", "ask_at", "0.96");
  REQUIRE(reload("were reloaded"));
  CHECK(desk.answer_to(desk.say({"surely build it"})).text == "My own answer.");
}

TEST_CASE("SIGHUP does not take a chat section away: that needs a restart") {
  Desk desk(Desk::Claude::fake);
  desk.config.set("chat.web", "platform", "\"web\"");
  desk.start();
  const auto before = desk.program->log().size();
  desk.config.drop("chat.ops");
  desk.write_config();
  desk.program->signal(SIGHUP);
  CHECK(support::wait_until([&] {
    return contains(desk.program->log().substr(before),
                    "chat.ops: adding or removing a chat section needs a restart");
  }));
  CHECK(contains(desk.answer_to(desk.say({"a question"})).text, "Answer to:"));
}

TEST_CASE("a message whose chat section was taken away is answered once the section is back") {
  Desk desk(Desk::Claude::fake);
  desk.model.secretary("a question", {support::hold(say("Held."))});
  desk.start();
  const auto id = desk.say({"a question"});
  REQUIRE(desk.model.wait_for(support::ModelRequest::From::secretary, 1));
  desk.program->signal(SIGKILL);
  REQUIRE(desk.program->wait(support::kPatience));
  desk.model.release();
  auto whole = desk.config;
  desk.config.drop("chat.ops").set("chat.web", "platform", "\"web\"");
  desk.start();
  REQUIRE(support::wait_until([&] { return desk.query("SELECT count(*) FROM outbox") == "1"; }));
  CHECK(desk.stop(SIGTERM) == 0);
  desk.config = std::move(whole);
  desk.start();
  CHECK(contains(desk.answer_to(id).text, "Held."));
}

TEST_CASE("a wrong configuration exits with 2 and one line that names the key and the nearest valid one") {
  Desk desk(Desk::Claude::fake);
  desk.config.set("dispatch", "timeout", "5");
  desk.write_config();
  const auto ended = run_frontdesk({"serve", "--config", desk.config_file().string()}, desk.folder());
  CHECK(ended.status == 2);
  CHECK(contains(ended.errors, "dispatch.timeout"));
  CHECK(contains(ended.errors, "timeout_s"));
  CHECK(std::count(ended.errors.begin(), ended.errors.end(), '\n') == 1);
}

TEST_CASE("a literal secret is refused and not repeated") {
  Desk desk(Desk::Claude::fake);
  desk.config.set("chat.ops", "secret", "\"whsec_bGl0ZXJhbCBzZWNyZXQgb2YgbWluZSEhIQ==\"");
  desk.write_config();
  const auto ended = run_frontdesk({"serve", "--config", desk.config_file().string()}, desk.folder());
  CHECK(ended.status == 2);
  CHECK(contains(ended.errors, "chat.ops.secret"));
  CHECK_FALSE(contains(ended.errors, "bGl0ZXJhbCBz"));
}

TEST_CASE("doctor finds all well and ends with 0") {
  Desk desk;
  desk.write_config();
  const auto doctor = run_frontdesk({"doctor", "--config", desk.config_file().string()}, desk.folder());
  INFO(doctor.output, doctor.errors);
  CHECK(doctor.status == 0);
  for (const char* what :
       {"configuration", "database", "projects folder", "secretary", "specialist", "chat.ops"}) {
    CHECK(line_of(doctor.output, what).starts_with("ok"));
  }
  CHECK_FALSE(contains(doctor.output, "FAIL"));
}

TEST_CASE("doctor finds a wrong key, a missing claude and an unusable projects folder, and ends with 1") {
  Desk desk;
  base::HttpResponse refusal;
  refusal.status = 401;
  refusal.body = R"({"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}})";
  desk.model.fail(support::ModelRequest::From::secretary, refusal);
  desk.config.set("specialist.claude-code", "command", "\"no-such-claude\"");
  support::write_text(desk.projects(), "a file in its place");
  desk.write_config();
  const auto doctor = run_frontdesk({"doctor", "--config", desk.config_file().string()}, desk.folder());
  CHECK(doctor.status == 1);
  CHECK(line_of(doctor.output, "secretary").starts_with("FAIL"));
  CHECK(contains(line_of(doctor.output, "secretary"), "401"));
  CHECK(line_of(doctor.output, "specialist").starts_with("FAIL"));
  CHECK(contains(line_of(doctor.output, "specialist"), "no-such-claude"));
  CHECK(line_of(doctor.output, "projects folder").starts_with("FAIL"));
  CHECK(line_of(doctor.output, "database").starts_with("ok"));
  CHECK_FALSE(contains(doctor.output + doctor.errors, Desk::kModelKey));
}

TEST_CASE("serve says at its start what doctor would fail on: a missing specialist, a bad projects folder") {
  Desk desk(Desk::Claude::fake);
  desk.config.set("specialist.claude-code", "command", "\"no-such-claude\"")
      .set("specialist.other", "type", "\"command\"")
      .set("specialist.other", "run", R"(["no-such-cli", "-"])")
      .set("specialist.other", "result", "\"text\"");
  support::write_text(desk.projects(), "a file in its place");
  desk.start();
  CHECK(contains(desk.program->log(), "specialist claude-code: \"no-such-claude\" was not found"));
  CHECK(contains(desk.program->log(), "specialist other: \"no-such-cli\" was not found"));
  CHECK(contains(desk.program->log(), "projects folder: cannot write to "));
}

TEST_CASE("serve says nothing of what is there") {
  Desk desk(Desk::Claude::fake);
  desk.start();
  CHECK_FALSE(contains(desk.program->log(), "was not found"));
  CHECK_FALSE(contains(desk.program->log(), "projects folder"));
}

TEST_CASE("doctor does not fail a command that tells no version, but one whose own way to tell it fails") {
  Desk desk(Desk::Claude::fake);
  const auto script = desk.folder() / "mute-cli";
  support::write_text(script, "#!/bin/sh\necho \"unknown option $1\" >&2\nexit 64\n");
  std::filesystem::permissions(script, std::filesystem::perms::owner_all);
  const auto cli = support::toml_text(script.string());
  desk.config.set("specialist.mute", "type", "\"command\"")
      .set("specialist.mute", "run", "[" + cli + ", \"-\"]")
      .set("specialist.mute", "result", "\"text\"");
  desk.write_config();
  const auto doctor = [&] {
    return run_frontdesk({"doctor", "--config", desk.config_file().string()}, desk.folder());
  };
  const auto well = doctor();
  CHECK_MESSAGE(well.status == 0, well.output);
  CHECK(line_of(well.output, "specialist mute").starts_with("ok"));
  CHECK(contains(line_of(well.output, "specialist mute"), "tells no version"));
  desk.config.set("specialist.mute", "version", "[" + cli + ", \"version\"]");
  desk.write_config();
  const auto failed = doctor();
  CHECK(failed.status == 1);
  CHECK(contains(line_of(failed.output, "specialist mute"), "unknown option version"));
}

TEST_CASE("doctor works beside a running server, and names the key of a bad configuration") {
  Desk desk(Desk::Claude::fake);
  desk.start();
  CHECK(run_frontdesk({"doctor", "--config", desk.config_file().string()}, desk.folder()).status == 0);
  desk.config.set("budget", "usd_per_dya", "1.0");
  desk.write_config();
  const auto doctor = run_frontdesk({"doctor", "--config", desk.config_file().string()}, desk.folder());
  CHECK(doctor.status == 1);
  CHECK(contains(line_of(doctor.output, "configuration"), "budget.usd_per_dya"));
  CHECK(contains(line_of(doctor.output, "configuration"), "usd_per_day"));
}

TEST_CASE("init writes a configuration that the program takes, and never overwrites one") {
  support::TemporaryFolder folder;
  const auto init = run_frontdesk({"init", "--yes"}, folder.path());
  CHECK(init.status == 0);
  const auto text = support::read_text(folder.path() / "frontdesk.toml");
  CHECK(contains(text, "[secretary]"));
  // With a key there is something to check; the address in it is not reachable from a test.
  const auto doctor = run_frontdesk({"doctor", "--demo"}, folder.path(),
                                    {{"ANTHROPIC_API_KEY", "key-for-nothing"},
                                     {"DISPATCH_CC_BIN", support::source_dir() + "/tests/fakes/claude.sh"}});
  INFO(doctor.output, doctor.errors);
  CHECK(doctor.status == 0);
  CHECK(contains(line_of(doctor.output, "configuration"), "frontdesk.toml"));
  CHECK(run_frontdesk({"init", "--yes"}, folder.path()).status == 2);
  CHECK(support::read_text(folder.path() / "frontdesk.toml") == text);
  CHECK(run_frontdesk({"init", "--yes", "--config", "other.toml"}, folder.path()).status == 0);
  CHECK(support::read_text(folder.path() / "other.toml") == text);
}

TEST_CASE("a stranger gets a pairing code, and is answered once the operator has used it") {
  Desk desk(Desk::Claude::fake);
  desk.config.set("chat.ops", "access", "\"pairing\"");
  desk.start();
  const auto shown = desk.answer_to(desk.say({"hello, stranger here"}));
  const std::string mark = "frontdesk pair ";
  const auto at = shown.text.find(mark);
  REQUIRE(at != std::string::npos);
  const auto code = shown.text.substr(at + mark.size(), 9);
  CHECK(desk.model.requests().empty());

  const auto pair = [&](const std::string& given) {
    return run_frontdesk({"pair", given, "--config", desk.config_file().string()}, desk.folder());
  };
  CHECK(pair("AAAA-AAAA").status == 1);
  const auto admitted = pair(code);
  CHECK(admitted.status == 0);
  CHECK(contains(admitted.errors, "ops:u-1"));
  CHECK(desk.answer_to(desk.say({"hello again"})).text == "Answer to: hello again");
  CHECK(pair(code).status == 1);
}

TEST_CASE("the database of a newer version is refused and not touched, and the copy from before goes on") {
  Desk desk(Desk::Claude::fake);
  const auto frontdesk = [&](std::vector<std::string> words) {
    words.insert(words.end(), {"--config", desk.config_file().string()});
    return run_frontdesk(words, desk.folder());
  };
  desk.start();
  desk.answer_to(desk.say({"before the update"}));
  const auto copy = (desk.folder() / "before-update.db").string();
  CHECK(frontdesk({"backup", copy}).status == 0);
  desk.stop(SIGTERM);
  const auto file = desk.folder() / "frontdesk.db";
  auto bytes = support::read_text(file);
  bytes[63] = 99;  // the lowest byte of PRAGMA user_version (SQLite file format, section 1.3)
  support::write_text(file, bytes);
  const auto ended = frontdesk({"serve"});
  CHECK(ended.status == 2);
  CHECK(contains(ended.errors, "newer Frontdesk"));
  CHECK(contains(ended.errors, "frontdesk restore"));
  const auto checked = frontdesk({"doctor"});
  CHECK(checked.status == 1);
  CHECK(contains(checked.output + checked.errors, "newer Frontdesk"));
  CHECK(support::read_text(file) == bytes);
  // What the rollback of docs/operating.md does.
  CHECK(frontdesk({"restore", copy}).status == 0);
  desk.start();
  CHECK(desk.query("SELECT count(*) FROM messages WHERE text = 'before the update'") == "1");
  CHECK(desk.answer_to(desk.say({"after it"})).text == "Answer to: after it");
}

TEST_CASE("versions and helps are there, and a wrong word exits with 2") {
  support::TemporaryFolder folder;
  CHECK(run_frontdesk({"--version"}, folder.path()).output.starts_with("frontdesk "));
  const std::vector<std::vector<std::string>> commands = {{},
                                                          {"serve"},
                                                          {"doctor"},
                                                          {"pair"},
                                                          {"backup"},
                                                          {"restore"},
                                                          {"run"},
                                                          {"resume"},
                                                          {"review"},
                                                          {"list"},
                                                          {"status"},
                                                          {"search"},
                                                          {"log", "list"},
                                                          {"log", "show"},
                                                          {"log", "export"},
                                                          {"log", "savings"}};
  for (auto command : commands) {
    command.push_back("--help");
    const auto help = run_frontdesk(command, folder.path());
    CAPTURE(help.output);
    CHECK(help.status == 0);
    CHECK(contains(help.output, "Exit status: "));
    CHECK(contains(help.output, "Configuration file: --config, else $FRONTDESK_CONFIG"));
  }
  CHECK(contains(run_frontdesk({"init", "--help"}, folder.path()).output, "Exit status: 0 success"));
  CHECK(run_frontdesk({"dance"}, folder.path()).status == 2);
  CHECK(run_frontdesk({"serve", "--lisen", "x"}, folder.path()).status == 2);
  CHECK(run_frontdesk({}, folder.path()).status == 2);
}
