// What reaches the door of the real program, in small: slow and doubtful requests, few descriptors, a locked
// database, guesses, and who reads the metrics. tests/bench/door.cpp has the whole attack.
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/resource.h>

#include "tests/support/files.h"
#include "tests/support/program/desk.h"
#include "tests/support/raw_client.h"
#include "tests/support/text.h"

using support::contains;
using support::Desk;
using support::RawClient;

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

std::vector<std::unique_ptr<RawClient>> attack(const Desk& desk, int count, const std::string& bytes) {
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < count; ++i) {
    clients.push_back(std::make_unique<RawClient>(desk.port()));
    clients.back()->send(bytes);
  }
  return clients;
}

void check_answers(const Desk& desk) {
  const auto begun = Clock::now();
  CHECK(desk.call("GET", "/healthz").status == 200);
  CHECK(Clock::now() - begun < 2s);
  CHECK(desk.post(Desk::message_body(
                      {"hello", "c-1", "u-1", "m-" + std::to_string(begun.time_since_epoch().count())}))
            .status == 200);
  CHECK(Clock::now() - begun < 4s);
}

/// Lets this process and its children open no more than so many files, for as long as it lives.
class FewDescriptors {
 public:
  explicit FewDescriptors(rlim_t count) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit few{count, before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &few);
  }
  ~FewDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  FewDescriptors(const FewDescriptors&) = delete;
  FewDescriptors& operator=(const FewDescriptors&) = delete;

 private:
  rlimit before_{};
};

}  // namespace

TEST_CASE("slow headers, dribbled bodies and idle connections hold up nobody") {
  Desk desk(Desk::Claude::fake);
  desk.start();
  const auto heads = attack(desk, 200, "GET / HTTP/1.1\r\nX-");
  const auto bodies =
      attack(desk, 100, "POST /webhooks/ops HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nx");
  const auto idle = attack(desk, 100, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
  check_answers(desk);
}

TEST_CASE("more silent connections than the program may open files leave it answering") {
  Desk desk(Desk::Claude::fake);
  const std::string program = std::getenv("FRONTDESK_BIN");
  const auto script = desk.folder() / "few-descriptors";
  support::write_text(script, "#!/bin/sh\nulimit -n 400\nexec '" + program + "' \"$@\"\n");
  std::filesystem::permissions(script, std::filesystem::perms::owner_all);
  ::setenv("FRONTDESK_BIN", script.c_str(), 1);
  desk.start();
  ::setenv("FRONTDESK_BIN", program.c_str(), 1);
  const auto silent = attack(desk, 500, "");
  check_answers(desk);
  CHECK_FALSE(desk.answer_to(desk.say({"hello"})).text.empty());  // its own calls find a descriptor, too
}

TEST_CASE("the program raises its limit of open files") {
  const FewDescriptors few(256);
  Desk desk(Desk::Claude::fake);
  desk.start();
  rlimit limit{};
  REQUIRE(::prlimit(desk.program->pid(), RLIMIT_NOFILE, nullptr, &limit) == 0);
  CHECK(limit.rlim_cur > 1024);
}

TEST_CASE("a locked database is told by readyz, and healthz waits for nothing") {
  Desk desk(Desk::Claude::fake);
  desk.start();
  SQLite::Database other((desk.folder() / "frontdesk.db").string(), SQLite::OPEN_READWRITE);
  other.exec("BEGIN IMMEDIATE");
  std::jthread asking([&] {
    const auto begun = Clock::now();
    CHECK(desk.call("GET", "/readyz").status == 503);
    CHECK(Clock::now() - begun < 15s);
  });
  std::vector<std::jthread> senders;
  for (int i = 0; i < 40; ++i) {  // more than there are workers
    senders.emplace_back([&, i] {
      const auto id = "m-" + std::to_string(i);
      const auto begun = Clock::now();
      CHECK(desk.post(Desk::message_body({"hello", "c-1", "u-1", id})).status == 503);
      CHECK(Clock::now() - begun < 15s);
    });
  }
  for (int i = 0; i < 20; ++i) {
    const auto begun = Clock::now();
    CHECK(desk.call("GET", "/healthz").status == 200);
    CHECK(Clock::now() - begun < 10s);
    std::this_thread::sleep_for(50ms);
  }
  senders.clear();
  asking.join();
  other.exec("ROLLBACK");
  CHECK(desk.call("GET", "/readyz").status == 200);
  CHECK(desk.post(Desk::message_body({"hello", "c-1", "u-1", "m-1"})).status == 200);
}

TEST_CASE("a request in doubt is answered 400 by the real program, and its connection ends") {
  Desk desk(Desk::Claude::fake);
  desk.start();
  for (const std::string& head :
       {"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
        "POST /webhooks/ops HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n",
        "POST /webhooks/ops HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: zip\r\n\r\n"}) {
    CAPTURE(head);
    RawClient client(desk.port());
    client.send(head);
    CHECK(client.read_response() == 400);
    CHECK(client.read_to_end());
  }
}

TEST_CASE("the metrics are for this machine, and failed sign-ins are in the log") {
  Desk desk(Desk::Claude::fake);
  desk.start();
  CHECK(desk.call("GET", "/metrics").status == 200);
  CHECK(desk.call("GET", "/metrics", {}, {{"X-Forwarded-For", "192.0.2.1"}}).status == 403);
  RawClient client(desk.port());
  client.send("GET /metrics HTTP/1.1\r\nHost: bot.example.org\r\n\r\n");
  CHECK(client.read_response() == 403);
  desk.call("POST", "/login", "password=wrong-guess",
            {{"Content-Type", "application/x-www-form-urlencoded"}});
  CHECK(
      support::wait_until([&] { return contains(desk.program->log(), "a wrong password from 127.0.0.1"); }));
  CHECK_FALSE(contains(desk.program->log(), "wrong-guess"));
}

TEST_CASE("a person who sends more than may wait is told so, and what was taken is answered") {
  Desk desk(Desk::Claude::fake);
  desk.config.set("chat.ops", "max_waiting", "3");
  desk.model.secretary("slow", {support::hold(support::say("That took a while."))});
  desk.start();
  desk.say({"a slow question"});
  REQUIRE(desk.model.wait_for(support::ModelRequest::From::secretary, 1));
  for (int i = 0; i < 3; ++i) {
    desk.say({"and this"});
  }
  const auto over = desk.say({"one too many"});
  CHECK(contains(desk.answer_to(over).text, "waiting already"));
  CHECK(desk.query("SELECT count(*) FROM messages WHERE text = 'one too many'") == "0");
  // Whoever calls learns of the next one by the answer, and is taken under the same id when there is room.
  const auto next = Desk::Message{.text = "and another", .id = "over-2"};
  const auto refused = desk.post(Desk::message_body(next));
  CHECK(refused.status == 429);
  CHECK(refused.headers.get("Retry-After"));
  CHECK(support::wait_until([&] { return contains(desk.program->log(), "refused id=ops:" + over); }));
  CHECK_FALSE(contains(desk.program->log(), "message=0"));
  desk.model.release();
  CHECK(support::wait_until([&] { return desk.post(Desk::message_body(next)).status == 200; }));
  CHECK_FALSE(desk.answer_to("over-2").text.empty());
}

TEST_CASE("where too much waits altogether a webhook is told when to come again, and is taken then") {
  Desk desk(Desk::Claude::fake);
  desk.config.set("store", "max_backlog", "3");
  desk.model.secretary("slow", {support::hold(support::say("That took a while."))});
  desk.start();
  const auto message = [](const std::string& n) {
    return Desk::Message{"a slow question", "c-" + n, "u-" + n, "m-" + n};
  };
  for (const char* n : {"1", "2", "3"}) {
    REQUIRE(desk.post(Desk::message_body(message(n))).status == 200);
  }
  const auto refused = desk.post(Desk::message_body(message("4")));
  CHECK(refused.status == 429);
  CHECK(refused.headers.get("Retry-After"));
  CHECK(desk.query("SELECT count(*) FROM messages WHERE external_id = 'm-4'") == "0");
  CHECK(desk.call("GET", "/readyz").status == 200);
  desk.model.release();
  CHECK(support::wait_until([&] { return desk.post(Desk::message_body(message("4"))).status == 200; }));
  CHECK(contains(desk.answer_to("m-4").text, "That took a while."));
}
