#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "bot/runs/pruning.h"
#include "tests/support/services_fixture.h"

using namespace std::chrono_literals;

namespace {

struct Fixture : support::ServicesFixture {
  Fixture() { settings.dispatch.projects_dir = folder.path() / "projects"; }
  void prune() { bot::runs::prune(services, db, {}); }
  std::string text(store::MessageId id) { return store::Conversations(db).message(id).text; }
};

TEST_CASE_FIXTURE(Fixture,
                  "what is too much for the database goes, oldest first, and never what was said today") {
  const std::string long_text(100'000, 'x');
  std::vector<store::MessageId> messages;
  for (int day = 0; day < 10; ++day) {
    messages.push_back(say(std::to_string(day) + long_text));
    clock.advance(24h);
  }
  clock.advance(-1h);
  prune();
  CHECK_FALSE(text(messages.front()).empty());  // nothing is configured
  settings.retention.database_bytes = 1;
  prune();
  for (std::size_t i = 0; i + 1 < messages.size(); ++i) {
    CHECK(text(messages.at(i)).empty());
  }
  CHECK_FALSE(text(messages.back()).empty());
}

TEST_CASE_FIXTURE(Fixture, "nothing goes while the database is small enough") {
  const auto old = say("old");
  clock.advance(24h * 1000);
  settings.retention.database_bytes = 1ULL << 30;
  prune();
  CHECK(text(old) == "old");
  settings.retention.messages = 24h * 1001;
  prune();
  CHECK(text(old) == "old");
  settings.retention.messages = 24h * 999;
  prune();
  CHECK(text(old).empty());
}

TEST_CASE_FIXTURE(Fixture, "files of old runs go by the shorter of what is set for them") {
  const auto place = [&](int day, const char* ending) {
    const auto file = folder.write(
        "projects/site/.dispatch-logs/2026010" + std::to_string(day) + "-120000-1" + ending, "{}");
    std::filesystem::last_write_time(
        file, std::filesystem::file_time_type::clock::from_sys(clock.now() - 24h * 100));
    return file;
  };
  for (int day = 2; day <= 4; ++day) {
    place(day, "-result.json");  // the newest three stay
  }
  const auto result = place(1, "-result.json");
  const auto events = place(1, "-events.jsonl.gz");
  settings.retention.messages = 24h * 365;
  prune();
  CHECK(std::filesystem::exists(events));
  settings.retention.events = 24h * 90;
  prune();
  CHECK_FALSE(std::filesystem::exists(events));
  CHECK(std::filesystem::exists(result));
  settings.retention.messages = 24h * 90;
  prune();
  CHECK_FALSE(std::filesystem::exists(result));
}

}  // namespace
