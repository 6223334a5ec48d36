// The real program on a disk that fails, and one that loses its power.
#include <algorithm>
#include <atomic>
#include <filesystem>
#include <map>
#include <random>
#include <set>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <signal.h>

#include "base/guarded.h"
#include "tests/support/checkout.h"
#include "tests/support/environment.h"
#include "tests/support/program/desk.h"
#include "tests/support/text.h"

using support::contains;
using support::Desk;

namespace {

namespace fs = std::filesystem;

struct DiskDesk : Desk {
  support::Environment own;
  DiskDesk() : Desk(Claude::fake) {
    own.set("FRONTDESK_BIN", support::build_dir() + "/frontdesk_on_faulty_disk");
    environment["FRONTDESK_TEST_DISK"] = order_file().string();
    disk("");
  }
  fs::path order_file() const { return folder() / "disk-order"; }
  void disk(const std::string& order) const {
    // Read while it is written.
    support::write_text(folder() / "disk-order.new", order);
    fs::rename(folder() / "disk-order.new", order_file());
  }
  Message question(int n) const {
    const auto number = std::to_string(n);
    return {"question " + number, "c-" + number, "u-" + number, "m-" + number};
  }
  int send(const Message& message) const {
    try {
      return post(message_body(message)).status;
    } catch (const base::HttpError&) {
      return 0;
    }
  }
  /// The answers' keys, by the message that they answer.
  std::map<std::string, std::set<std::string>> answers() const {
    std::map<std::string, std::set<std::string>> found;
    for (const auto& call : callbacks.calls()) {
      if (call.text("type") == "message") {
        found[call.text("reply_to")].insert(call.id);
      }
    }
    return found;
  }
};

TEST_CASE_FIXTURE(DiskDesk, "on a disk that takes nothing the sender is told to try again, until it does") {
  start();
  REQUIRE(send(question(0)) == 200);
  answer_to("m-0");
  int n = 0;
  for (const char* trouble : {"full", "io_error", "read_only"}) {
    CAPTURE(std::string(trouble));
    const auto refused = question(++n);
    disk(trouble);
    const auto answer = post(message_body(refused));
    CHECK(answer.status == 503);
    CHECK(answer.headers.get("Retry-After"));
    CHECK(call("GET", "/readyz").status == 503);
    CHECK(call("GET", "/healthz").status == 200);
    CHECK(send(refused) == 503);
    const auto doctor =
        support::run_frontdesk({"doctor", "--config", config_file().string()}, folder(), environment);
    CHECK(doctor.status == 1);
    CHECK(contains(doctor.output, "FAIL  database"));

    disk("");
    CHECK(support::wait_until([&] { return call("GET", "/readyz").status == 200; }));
    CHECK(send(refused) == 200);
    answer_to(refused.id);
  }
  const auto all = answers();
  CHECK(all.size() == static_cast<std::size_t>(n) + 1);
  CHECK(std::all_of(all.begin(), all.end(), [](const auto& answer) { return answer.second.size() == 1; }));
  CHECK(stop(SIGTERM) == 0);
}

TEST_CASE_FIXTURE(DiskDesk, "what the program acknowledged is answered once, whenever the power goes") {
  std::mt19937 random{std::random_device{}()};
  base::Guarded<std::set<std::string>> known;
  std::atomic<int> n = 0;
  for (int cut = 0; cut < 5; ++cut) {
    start();
    // A message is some 40 writes and syncs from the door to its answer; several come at a time.
    disk("cut " + std::to_string(20 + random() % 400));
    std::vector<std::jthread> senders;
    for (int i = 0; i < 3; ++i) {
      senders.emplace_back([&] {
        for (auto message = question(n++); send(message) == 200; message = question(n++)) {
          known.with([&](auto& ids) { ids.insert(message.id); });
        }
      });
    }
    senders.clear();
    REQUIRE(program->wait(support::kPatience) == 128 + SIGKILL);
    REQUIRE(fs::exists(folder() / "after-cut" / "frontdesk.db"));
    for (const char* file :
         {"frontdesk.db", "frontdesk.db-wal", "frontdesk.db-shm", "frontdesk.db-journal"}) {
      fs::remove(folder() / file);
    }
    for (const auto& left : fs::directory_iterator(folder() / "after-cut")) {
      fs::rename(left.path(), folder() / left.path().filename());
    }
    fs::remove_all(folder() / "after-cut");
    disk("");
  }
  start();
  CHECK(query("PRAGMA integrity_check") == "ok");
  REQUIRE(send(question(n)) == 200);
  auto acknowledged = known.with([](const auto& ids) { return ids; });
  acknowledged.insert(question(n).id);
  CHECK(acknowledged.size() > 5);
  for (const auto& id : acknowledged) {
    CAPTURE(id);
    answer_to(id);
  }
  for (const auto& answered : answers()) {
    CAPTURE(answered.first);
    CHECK(answered.second.size() == 1);
  }
  CHECK(stop(SIGTERM) == 0);
}

TEST_CASE_FIXTURE(DiskDesk,
                  "what several send at a time while the disk fails now and then is answered once each") {
  constexpr int kSenders = 4;
  constexpr int kEach = 15;
  start();
  std::atomic<int> refused = 0;
  std::atomic<int> open = kSenders;
  std::vector<std::jthread> senders;
  for (int sender = 0; sender < kSenders; ++sender) {
    senders.emplace_back([&, sender] {
      for (int i = 0; i < kEach; ++i) {
        const auto message = question(sender * kEach + i);
        CHECK(support::wait_until([&] {
          const bool taken = send(message) == 200;
          refused += taken ? 0 : 1;
          return taken;
        }));
      }
      --open;
    });
  }
  // The faults come in the middle of commits that several wait for.
  for (int i = 0; open > 0; ++i) {
    disk(i % 2 == 1 ? "" : i % 4 == 0 ? "full" : "io_error");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  disk("");
  senders.clear();
  CHECK(refused > 0);
  for (int i = 0; i < kSenders * kEach; ++i) {
    answer_to("m-" + std::to_string(i));
  }
  for (const auto& answered : answers()) {
    CAPTURE(answered.first);
    CHECK(answered.second.size() == 1);
  }
  CHECK(support::wait_until([&] { return query("SELECT count(*) FROM jobs") == "0"; }));
  CHECK(query("PRAGMA integrity_check") == "ok");
  CHECK(query("SELECT count(*) FROM messages WHERE author = 'user'") == std::to_string(kSenders * kEach));
  CHECK(stop(SIGTERM) == 0);
}

}  // namespace
