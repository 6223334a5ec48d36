// What became of a file that was sent to Slack when nobody heard the answer.
#include <algorithm>

#include <doctest/doctest.h>

#include "bot/platforms/slack/delivery_status.h"
#include "tests/support/chat_services/slack_fixture.h"

using bot::chat::NotSent;
using bot::slack::Upload;
using std::chrono::seconds;
using support::SlackService;

namespace {

constexpr const char* kContent = "0123456789";

struct Fixture : support::SlackFixture {
  /// A message whose second piece is a file.
  store::OutgoingCall call_with_file(const std::string& name, const std::string& chat_id = "D1") {
    auto made = call("see there", chat_id);
    made.post.file = {{}, name, name, kContent};
    return made;
  }
  void lose_answer(const std::string& method, bool accepted) {
    slack.behave({.status = 500, .accepts = accepted, .applies = [method](const support::ServiceCall& made) {
                    return made.request.path.ends_with(method);
                  }});
  }
  /// Sends it all, but the answer to what shows the file is lost, and then the program starts anew.
  store::OutgoingCall lost(bool accepted, const std::string& chat_id = "D1") {
    auto made = call_with_file("report.txt", chat_id);
    lose_answer("files.completeUploadExternal", accepted);
    CHECK_THROWS_AS(deliver(made), base::TransientError);
    restart();
    return made;
  }
  void restart() { platform = make(slack.url() + "/api"); }
  /// As an older program left it, which noted no step.
  void forget_step(const store::OutgoingCall& made) { pieces.mark_step(made.message, 1, ""); }
  store::MessagePart file_of(const store::OutgoingCall& made) { return pieces.of(made.message).at(1); }
  std::size_t files() const {
    const auto shown = slack.shown();
    return static_cast<std::size_t>(std::count_if(
        shown.begin(), shown.end(), [](const auto& message) { return message.text.starts_with("[file]"); }));
  }
  std::size_t uploads() const { return calls("files.getUploadURLExternal").size(); }
};

TEST_CASE("the step of an upload tells what it was made of, and nothing else is one") {
  const auto at = base::from_unix_ms(1'795'363'500'123);
  const auto shared = Upload::of(Upload{"F0 1", at}.step());
  REQUIRE(shared);
  CHECK(shared->file_id == "F0 1");
  CHECK(shared->shared == at);
  const auto begun = Upload::of(Upload().step());
  REQUIRE(begun);
  CHECK(begun->file_id.empty());
  for (const char* other : {"", " ", "F1", "12", "12 ", "12F1", " F1", "99999999999999999999 F1"}) {
    CAPTURE(std::string(other));
    CHECK_FALSE(Upload::of(other));
  }
}

TEST_CASE_FIXTURE(Fixture, "a file that was shared without an answer is known by its id after a restart") {
  slack.leave_out_file_sizes();
  for (const char* chat : {"D1", "C1/1795363500.000100"}) {
    CAPTURE(std::string(chat));
    const auto before = files();
    const auto made = lost(true, chat);
    CHECK(file_of(made).external_id.empty());
    deliver_in_pace(made);
    CHECK(files() == before + 1);
    CHECK(file_of(made).external_id.starts_with("file:F"));
    CHECK(file_of(made).step.empty());
  }
}

TEST_CASE_FIXTURE(Fixture, "a file that the history does not show yet is known by what is told of itself") {
  slack.leave_files_out_of_history();
  auto made = lost(true);
  deliver_in_pace(made);
  CHECK(files() == 1);
  CHECK(file_of(made).external_id.starts_with("file:F"));
  // Also where the history cannot be read.
  slack.fail("conversations.history", "missing_scope");
  made = lost(true);
  deliver_in_pace(made);
  CHECK(files() == 2);
  CHECK(pieces.doubtful_count() == 0);
}

TEST_CASE_FIXTURE(Fixture, "a file that was not shared is, once that is certain, and not uploaded again") {
  const auto made = lost(false);
  clock.advance(seconds(14));
  // It waits for what is left of the fifteen seconds, not for another round.
  std::optional<std::chrono::milliseconds> wait;
  try {
    deliver(made);
  } catch (const base::TransientError& e) {
    wait = e.retry_after;
  }
  CHECK(wait == seconds(1));
  CHECK(files() == 0);
  clock.advance(seconds(2));
  // It may be lost again, and takes its time again.
  lose_answer("files.completeUploadExternal", false);
  CHECK_THROWS_AS(deliver(made), base::TransientError);
  clock.advance(seconds(10));
  CHECK_THROWS_AS(deliver(made), base::TransientError);
  CHECK(calls("files.completeUploadExternal").size() == 2);
  clock.advance(seconds(6));
  deliver(made);
  deliver(made);
  CHECK(files() == 1);
  CHECK(uploads() == 1);
}

TEST_CASE_FIXTURE(Fixture, "a file that Slack no longer has is uploaded again") {
  const auto made = lost(false);
  clock.advance(seconds(20));
  slack.fail("files.info", "file_not_found");
  slack.fail("files.completeUploadExternal", "file_not_found");
  CHECK_THROWS_AS(deliver(made), base::PermanentError);
  CHECK(uploads() == 2);
  slack.fail("files.completeUploadExternal", "");
  clock.advance(seconds(20));
  deliver(made);
  CHECK(files() == 1);
}

TEST_CASE_FIXTURE(Fixture, "a file of which nothing tells, or that was taken away, is not sent again") {
  auto made = lost(false);
  clock.advance(seconds(20));
  SUBCASE("neither the history nor the file can be read") {
    slack.fail("conversations.history", "missing_scope");
    slack.fail("files.info", "missing_scope");
  }
  SUBCASE("it was deleted") {
    slack.fail("files.info", "file_deleted");
  }
  deliver(made);
  deliver(made);
  CHECK(files() == 0);
  CHECK(calls("files.completeUploadExternal").size() == 1);
  CHECK(pieces.doubtful_count() == 1);
}

TEST_CASE_FIXTURE(Fixture, "a file that Slack was not asked to share is sent without a look at the history") {
  const auto made = call_with_file("report.txt");
  slack.fail("conversations.history", "missing_scope");
  deliver(made);
  REQUIRE(files() == 1);
  // As a program leaves it that is killed while it uploads what was shown before.
  auto killed = call_with_file("report.txt");
  deliver_in_pace(killed);
  REQUIRE(files() == 2);
  const auto shown = file_of(killed).shown;
  pieces.forget(killed.message, 1);
  pieces.mark_attempted(killed.message, 1, clock.now());
  pieces.mark_shown(killed.message, 1, shown);
  pieces.mark_step(killed.message, 1, Upload().step());
  deliver_in_pace(killed);
  CHECK(files() == 3);
  CHECK(calls("conversations.history").empty());
}

TEST_CASE_FIXTURE(Fixture, "a file that changed since it was begun is uploaded as it is now") {
  auto made = lost(false);
  clock.advance(seconds(20));
  made.post.file->content = "another";
  deliver(made);
  CHECK(files() == 1);
  CHECK(uploads() == 2);
  // Of one that was shared before it changed, only the new one stays.
  made = lost(true);
  clock.advance(seconds(20));
  made.post.file->content = "another";
  CHECK_THROWS_AS(deliver(made), base::PermanentError);  // the fake takes no file away
  CHECK(calls("files.delete").size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "without a step the bot's own file of that name is it, and of that size if told") {
  const auto made = lost(true);
  forget_step(made);
  clock.advance(seconds(20));
  deliver(made);
  CHECK(file_of(made).external_id.starts_with("file:F"));
  CHECK(files() == 1);
}

TEST_CASE_FIXTURE(Fixture, "by its name alone a file counts where it is newer than what is answered") {
  slack.leave_out_file_sizes();
  auto made = call_with_file("report.txt");
  made.answers = slack.next_ts();
  lose_answer("files.completeUploadExternal", true);
  CHECK_THROWS_AS(deliver(made), base::TransientError);
  restart();
  forget_step(made);
  clock.advance(seconds(20));
  SUBCASE("newer") {
    deliver(made);
    CHECK(file_of(made).external_id.starts_with("file:F"));
    CHECK(pieces.doubtful_count() == 0);
  }
  SUBCASE("nobody knows which is older") {
    made.answers.clear();
    deliver(made);
    CHECK(pieces.doubtful_count() == 1);
  }
  CHECK(files() == 1);
}

TEST_CASE_FIXTURE(Fixture, "without a step the file of somebody else, or of another size, is another") {
  const auto made = lost(false);
  forget_step(made);
  slack.write("D1", "U1", "mine", {{"files", {{{"id", "F98"}, {"name", "report.txt"}, {"size", 10}}}}});
  slack.write("D1", SlackService::kBot, "",
              {{"files", {{{"id", "F99"}, {"name", "report.txt"}, {"size", 9}}}}});
  slack.write("D1", SlackService::kBot, "",
              {{"files", {{{"id", "F97"}, {"name", "other.txt"}}, 7, nullptr}}});
  clock.advance(seconds(20));
  deliver(made);
  CHECK(files() == 1);
  CHECK(uploads() == 2);
}

TEST_CASE_FIXTURE(Fixture, "an upload that fails before Slack is asked to share it is tried again at once") {
  const auto made = call_with_file("report.txt");
  slack.fail("files.getUploadURLExternal", "fatal_error");
  CHECK_THROWS_AS(deliver(made), NotSent);
  CHECK(pieces.of(made.message).size() == 1);
  slack.fail("files.getUploadURLExternal", "");
  deliver_in_pace(made);
  CHECK(files() == 1);
}

}  // namespace
