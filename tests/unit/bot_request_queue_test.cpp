#include <doctest/doctest.h>

#include "bot/runs/request_queue.h"

namespace {

using bot::runs::RequestQueue;
using std::chrono::milliseconds;
using std::chrono::seconds;

struct Fixture {
  void add(int id) {
    dispatch::Request request;
    request.id = std::to_string(id);
    kept = queue.add(std::make_shared<const dispatch::Request>(request), now);
  }
  /// Shows what is to be shown; empty where nothing is.
  std::string show() {
    const auto request = queue.next(now);
    if (request) {
      queue.note_shown(now);
    }
    return request ? request->id : "";
  }

  RequestQueue queue;
  RequestQueue::Time now{seconds(1000)};
  bool kept = false;
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a request is shown once it has been open for a moment, the oldest first") {
  add(1);
  add(2);
  CHECK(show().empty());
  now += milliseconds(500);
  CHECK(show() == "1");
  CHECK(show() == "2");
  CHECK(show().empty());
  CHECK(queue.empty());
}

TEST_CASE_FIXTURE(Fixture, "requests that are taken back at once are never shown") {
  for (int i = 0; i < 120; ++i) {
    add(i);
    CHECK(kept);
    now += milliseconds(30);
    CHECK(show().empty());
    queue.withdraw(std::to_string(i));
  }
  CHECK(queue.empty());
}

TEST_CASE_FIXTURE(Fixture, "a chat sees only so many requests of a run in a minute, and the others later") {
  int shown = 0;
  for (int i = 0; i < 60; ++i) {
    add(i);
    now += milliseconds(450);  // each is taken back a little later than it is shown
    shown += show().empty() ? 0 : 1;
    queue.withdraw(std::to_string(i));
  }
  CHECK(shown == 20);
  add(99);
  now += seconds(61);
  CHECK(show() == "99");
}

TEST_CASE_FIXTURE(Fixture, "too many that wait are not kept") {
  for (int i = 0; i < 20; ++i) {
    add(i);
    CHECK(kept);
  }
  add(20);
  CHECK_FALSE(kept);
}
