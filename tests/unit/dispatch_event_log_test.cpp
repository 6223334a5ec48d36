#include <doctest/doctest.h>

#include "base/file.h"
#include "dispatch/task/event_log.h"
#include "tests/support/temporary_folder.h"

using dispatch::EventLog;

namespace {

constexpr auto kAt = std::chrono::milliseconds(1'763'000'000'123);

struct Fixture {
  support::TemporaryFolder folder;
  std::filesystem::path file(const std::string& record) const {
    return folder.path() / (record + "-events.jsonl");
  }
  void write(const std::string& record, const std::vector<std::string>& lines) const {
    EventLog log(file(record));
    for (const auto& line : lines) {
      log.add(line, base::Timestamp(kAt));
    }
  }
};

TEST_SUITE("event log") {
  TEST_CASE_FIXTURE(Fixture, "keeps events with their time, but no text deltas and nothing that is no JSON") {
    write("r-1",
          {R"({"type":"system","n":1})", R"({"type":"stream_event","event":{"type":"content_block_delta"}})",
           "rubbish", R"({"type":"result"})"});
    const auto entries = EventLog::read(file("r-1"));
    REQUIRE(entries.size() == 3);
    CHECK(entries[0].event == R"({"n":1,"type":"system"})");
    CHECK(base::to_unix_ms(entries[0].at) == kAt.count());
    CHECK(entries[2].event == R"({"left_out":1,"type":"frontdesk"})");
  }

  TEST_CASE_FIXTURE(Fixture, "keeps an event with half a character in it") {
    write("r-1", {R"({"text":"cut \ud83d"})"});
    REQUIRE(EventLog::read(file("r-1")).size() == 1);
    CHECK(EventLog::read(file("r-1"))[0].event == "{\"text\":\"cut \uFFFD\"}");
  }

  TEST_CASE_FIXTURE(Fixture, "goes on in the file of a run that is resumed") {
    write("r-1", {R"({"n":1})"});
    write("r-1", {R"({"n":2})"});
    CHECK(EventLog::read(file("r-1")).size() == 2);
  }

  TEST_CASE_FIXTURE(Fixture, "is bounded, and says how much was left out") {
    const auto event = "{\"text\":\"" + std::string(1'000'000, 'x') + "\"}";
    write("r-1", std::vector<std::string>(20, event));
    CHECK(std::filesystem::file_size(file("r-1")) < 8'500'000);
    CHECK(EventLog::read(file("r-1")).back().event == R"({"left_out":12,"type":"frontdesk"})");
  }

  TEST_CASE_FIXTURE(Fixture, "old ones are compressed and still read") {
    for (const char* record :
         {"20260101-000000-1", "20260102-000000-1", "20260103-000000-1", "20260104-000000-1"}) {
      write(record, {R"({"n":1})"});
    }
    dispatch::compress_old_event_logs(folder.path());
    CHECK_FALSE(std::filesystem::exists(file("20260101-000000-1")));
    CHECK(std::filesystem::exists(file("20260101-000000-1").string() + ".gz"));
    CHECK(std::filesystem::exists(file("20260102-000000-1")));
    CHECK(EventLog::read(file("20260101-000000-1")).size() == 1);
  }

  TEST_CASE_FIXTURE(Fixture, "where nothing can be written or read there is nothing") {
    {
      EventLog log(folder.path() / "no/such/folder/x-events.jsonl");
      log.add("{}", {});
    }
    CHECK(EventLog::read(folder.path() / "nothing").empty());
    dispatch::compress_old_event_logs(folder.path() / "no");
    EventLog none({});
    none.add("{}", {});
  }
}

}  // namespace
