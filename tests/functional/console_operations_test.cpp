// What an operator does in the console, over HTTP with the real program: deliveries, people, approvals,
// checks.
#include <atomic>
#include <string>
#include <thread>

#include <SQLiteCpp/SQLiteCpp.h>
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <signal.h>

#include "base/json.h"
#include "tests/support/files.h"
#include "tests/support/json_of.h"
#include "tests/support/program/git_desk.h"
#include "tests/support/program/page_client.h"
#include "tests/support/text.h"

using nlohmann::json;
using support::contains;
using support::Desk;
using support::GitDesk;
using support::PageClient;

namespace {

/// Signed in as the admin.
class Console {
 public:
  explicit Console(const Desk& desk) : client_(desk) { client_.sign_in(Desk::kAdminPassword); }
  json get(const std::string& path) const {
    const auto response = client_.get("/api/v1" + path);
    REQUIRE_MESSAGE(response.status == 200, response.body);
    return support::json_of(response.body);
  }
  json items(const std::string& path) const { return get(path).at("items"); }
  base::HttpResponse send(const std::string& method, const std::string& path, const json& body) const {
    return client_.send(method, "/api/v1" + path, body.dump());
  }
  const PageClient& client() const { return client_; }

 private:
  PageClient client_;
};

support::Finished frontdesk(const Desk& desk, std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), {"--config", desk.config_file().string()});
  return support::run_frontdesk(arguments, desk.folder(), desk.environment);
}

/// As a service leaves it that cannot be asked what became of a message.
void make_uncertain(const Desk& desk, const std::string& text) {
  SQLite::Database db((desk.folder() / "frontdesk.db").string(), SQLite::OPEN_READWRITE, 5000);
  SQLite::Statement part(
      db,
      "INSERT INTO pieces(message_id, position, state, attempted_at) SELECT id, 0, 'uncertain', "
      "created_at FROM messages WHERE author = 'assistant' AND text = ?");
  part.bind(1, text);
  REQUIRE(part.exec() == 1);
}

}  // namespace

TEST_CASE("somebody is admitted, blocked and erased in the console, and the log still verifies") {
  Desk desk(Desk::Claude::fake);
  desk.config.set("chat.ops", "access", "\"pairing\"");
  desk.start();
  const Console console(desk);
  CHECK(contains(desk.answer_to(desk.say({"let me in", "c-7", "u-7"})).text, "frontdesk pair"));
  const auto waiting = console.items("/inbox");
  REQUIRE(waiting.size() == 1);
  CHECK(waiting[0].at("kind") == "pairing");
  CHECK(waiting[0].at("person") == "ops:u-7");
  CHECK(console.send("POST", "/pairing/ops:u-7", {{"admit", true}}).status == 204);
  CHECK(console.send("POST", "/pairing/ops:u-7", {{"admit", true}}).status == 409);

  const std::string words = "my-very-own-words";
  CHECK_FALSE(contains(desk.answer_to(desk.say({words, "c-7", "u-7"})).text, "frontdesk pair"));
  const auto known = console.items("/people?q=u-7");
  REQUIRE(known.size() == 1);
  CHECK(known[0].at("admitted_from") == "pairing");
  CHECK(known[0].at("messages") == 1);
  CHECK(console.get("/overview").at("today").at("turns") == 1);

  const auto blocked = console.send("PUT", "/people/ops:u-7", {{"blocked", true}});
  CHECK(blocked.status == 200);
  CHECK(console.send("PUT", "/people/ops:u-7", {{"role", "approver"}}).status == 409);
  CHECK(console.items("/people?q=u-7")[0].at("role") == "user");
  desk.say({"again", "c-7", "u-7"});
  CHECK(desk.query("SELECT count(*) FROM messages WHERE author = 'user'") == "1");

  CHECK(console.send("POST", "/people/ops:u-7/erase", {{"confirm", "ops:u-8"}}).status == 400);
  CHECK(console.send("POST", "/people/ops:u-7/erase", {{"confirm", "ops:u-7"}}).status == 200);
  CHECK(desk.query("SELECT count(*) FROM messages WHERE text <> ''") == "0");
  CHECK(desk.query("SELECT count(*) FROM outbox WHERE instr(body, '" + words + "')") == "0");
  const auto verified = frontdesk(desk, {"log", "verify"});
  CHECK_MESSAGE(verified.status == 0, verified.errors, verified.output);
  const auto listed = support::json_of(frontdesk(desk, {"people", "list", "--json"}).output);
  REQUIRE(listed.size() == 1);
  CHECK(listed[0].at("blocked") == true);
  CHECK(listed[0].at("erased_at").is_string());
  CHECK(desk.query("SELECT group_concat(changed_by || ' ' || what, ', ') FROM changes") ==
        "admin pairing.admit, admin person.blocked, admin person.erase");
}

TEST_CASE("the shell lists people and erases one, and the log verifies") {
  Desk desk(Desk::Claude::fake);
  desk.start();
  desk.answer_to(desk.say({"my-very-own-words"}));
  desk.say({"/dispatch tidy the cellar"});
  desk.dispatch("d-1", "**Done");
  // As the CLI keeps what was said in the session.
  const auto sessions = desk.folder() / ".claude" / "projects" / "-some-folder";
  std::filesystem::create_directories(sessions);
  const auto transcript = sessions / (desk.query("SELECT session_id FROM dispatches") + ".jsonl");
  support::write_text(transcript, "my-very-own-words");
  CHECK(contains(frontdesk(desk, {"people", "list"}).output, "ops:u-1  Name of u-1, user  admitted (open)"));
  CHECK(frontdesk(desk, {"people", "erase", "ops:nobody"}).status == 1);
  CHECK(frontdesk(desk, {"people", "erase", "nobody"}).status == 2);
  const auto erased = frontdesk(desk, {"people", "erase", "ops:u-1"});
  CHECK_MESSAGE(erased.status == 0, erased.errors);
  const auto slug = desk.query("SELECT slug FROM projects");
  CHECK(contains(erased.output, "What specialists made for them is still in"));
  CHECK(contains(erased.output, slug));
  CHECK_FALSE(std::filesystem::exists(transcript));
  CHECK(support::json_of(support::read_text(desk.projects() / slug / ".dispatch-logs" / "project.json"))
            .value("description", "?")
            .empty());
  CHECK(desk.query("SELECT count(*) FROM messages WHERE text <> ''") == "0");
  CHECK(desk.query("SELECT name FROM people WHERE user_id = 'u-1'").empty());
  CHECK(frontdesk(desk, {"log", "verify"}).status == 0);
  CHECK(frontdesk(desk, {"log", "replay"}).status == 0);
  CHECK_FALSE(contains(frontdesk(desk, {"log", "list"}).output, "my-very-own-words"));
}

TEST_CASE("an uncertain delivery is settled as arrived, or sent again under its key") {
  Desk desk(Desk::Claude::fake);
  desk.start();
  const auto first = desk.answer_to(desk.say({"one"}));
  REQUIRE(desk.stop(SIGTERM) == 0);
  make_uncertain(desk, first.text);
  desk.start();
  const Console console(desk);
  const auto waiting = console.items("/deliveries?state=uncertain");
  REQUIRE(waiting.size() == 1);
  CHECK(waiting[0].at("id") == first.id);
  SUBCASE("it arrived") {
    CHECK(console.send("POST", "/inbox/uncertain/" + first.id, {{"action", "arrived"}}).status == 204);
    CHECK(console.send("POST", "/inbox/uncertain/" + first.id, {{"action", "arrived"}}).status == 409);
    CHECK(desk.callbacks.calls().size() == 1);
  }
  SUBCASE("it is sent again") {
    CHECK(console.send("POST", "/deliveries/" + first.id + "/send_again", json::object()).status == 204);
    CHECK(support::wait_until([&] { return desk.callbacks.calls().size() == 2; }));
    const auto calls = desk.callbacks.calls();
    CHECK(calls.at(1).id == calls.at(0).id);
    CHECK(calls.at(1).raw == calls.at(0).raw);
  }
  CHECK(console.items("/deliveries?state=uncertain").empty());
  CHECK(contains(desk.call("GET", "/metrics").body, "frontdesk_uncertain_deliveries 0"));
}

TEST_CASE("an approval is given in the console while Claude Code waits for it") {
  GitDesk desk;
  desk.wants_git();
  desk.start();
  desk.say({"build it"});
  desk.request();
  const Console console(desk);
  const auto inbox = console.items("/inbox");
  REQUIRE(inbox.size() == 1);
  CHECK(inbox[0].at("detail").get<std::string>().find("git init made-by-git") != std::string::npos);
  const auto running = console.get("/overview").at("running");
  REQUIRE(running.size() == 1);
  CHECK(running[0].at("dispatch") == "d-1");
  CHECK(running[0].at("waiting_for") == "permission");
  CHECK(running[0].at("step").is_string());
  const auto path = "/inbox/approval/" + inbox[0].at("id").get<std::string>();
  CHECK(console.send("POST", path, {{"action", "allow_once"}}).status == 204);
  CHECK(console.send("POST", path, {{"action", "deny"}}).status == 409);
  desk.request("Ready.");
  desk.request("**Allowed once by admin.**");
  CHECK(desk.made());
  CHECK(contains(frontdesk(desk, {"log", "show", "d-1"}).output, "console:admin"));
  CHECK(frontdesk(desk, {"log", "verify"}).status == 0);
}

TEST_CASE("the console's checks are those of doctor, and nothing waits for them") {
  Desk desk(Desk::Claude::fake);
  support::write_text(desk.folder() / "viewer.secret", "viewer-password-1");
  desk.config.set("admin", "viewer_password", R"("file:viewer.secret")");
  desk.start();
  const Console console(desk);
  CHECK(console.get("/health").at("checks").empty());
  CHECK(console.send("POST", "/health/check", json::object()).status == 202);
  json health;
  REQUIRE(support::wait_until([&] {
    health = console.get("/health");
    return health.at("running") == false;
  }));
  std::string lines;
  for (const auto& check : health.at("checks")) {
    const auto status = check.at("status").get<std::string>();
    lines += (status == "ok" ? "ok  " : status == "warn" ? "warn" : "FAIL");
    lines +=
        "  " + check.at("name").get<std::string>() + ": " + check.at("sentence").get<std::string>() + "\n";
  }
  // How much room and memory is free is another figure each time.
  const auto without_figures = [](std::string text) {
    std::erase_if(text, [](char c) { return c >= '0' && c <= '9'; });
    return text;
  };
  const auto printed = without_figures(frontdesk(desk, {"doctor"}).output);
  CHECK(printed == without_figures(lines));
  CHECK(health.at("database").at("bytes").get<std::int64_t>() > 0);
  // A viewer sees how it stands, and nothing of the machine.
  PageClient viewer(desk);
  viewer.sign_in("viewer-password-1");
  const auto seen = viewer.get("/api/v1/health");
  CHECK(support::json_of(seen.body).at("checks").size() == health.at("checks").size());
  CHECK_FALSE(contains(seen.body, desk.folder().string()));
  CHECK(contains(console.client().get("/api/v1/health").body, desk.folder().string()));
}

TEST_CASE("a reminder that waits for its time is no backlog") {
  Desk desk(Desk::Claude::fake);
  desk.model.secretary("remind me",
                       {support::use("set_reminder", {{"text", "call"}, {"at", "2090-01-01T09:00:00Z"}}),
                        support::say("It is set.")});
  desk.start();
  const Console console(desk);
  CHECK(contains(desk.answer_to(desk.say({"remind me to call"})).text, "It is set."));
  CHECK(desk.query("SELECT count(*) FROM jobs WHERE kind = 'reminder'") == "1");
  CHECK(support::wait_until(
      [&] { return console.get("/health").at("database").at("backlog") == 0; }));  // the answer goes out
}

TEST_CASE("open pages are told that something changed, not what") {
  Desk desk(Desk::Claude::fake);
  desk.start();
  const Console console(desk);
  std::string told;
  std::jthread listener([&](const std::stop_token& stop) {
    base::HttpCall call;
    call.method = "GET";
    call.url = desk.url() + "/api/v1/events";
    call.headers.add("Cookie", console.client().cookie());
    call.on_body = [&](std::string_view piece) {
      told += piece;
      return !contains(told, "\"delivery\"") || !contains(told, "\"decision\"");
    };
    base::http_call(call, stop);
  });
  REQUIRE(support::wait_until(
      [&] { return contains(desk.call("GET", "/metrics").body, "frontdesk_event_streams 1"); }));
  desk.answer_to(desk.say({"a-secret-word"}));
  listener.join();
  CHECK(contains(told, "\"decision\""));
  CHECK_FALSE(contains(told, "a-secret-word"));
}
