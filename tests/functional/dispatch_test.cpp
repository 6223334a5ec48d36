// The whole way of one message with the real Claude Code: decision, note, edits, files, result.
#include <algorithm>
#include <filesystem>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <signal.h>

#include "tests/support/program/desk.h"
#include "tests/support/text.h"

using support::contains;
using support::Desk;
using support::ModelRequest;
using support::propose;
using support::read_text;
using support::say;
using support::write_file;

namespace {

bool any_ends_with(const std::vector<std::string>& names, const std::string& end) {
  return std::any_of(names.begin(), names.end(), [&](const auto& name) { return name.ends_with(end); });
}

}  // namespace

TEST_CASE("a confident proposal is dispatched, Claude Code writes the file, and the result tells the facts") {
  Desk desk;
  const auto file = desk.projects() / "site" / "hello.txt";
  desk.model.secretary("build me", {propose("high", "site")});
  desk.model.specialist("build me", {write_file(file.string(), "hello\n"), say("I wrote the greeting.")});
  desk.start();
  const auto id = desk.say({"build me a greeting"});
  const auto result = desk.dispatch("d-1", "**Done: site.**");

  CHECK(read_text(file) == "hello\n");
  CHECK(result.reply_to == id);
  CHECK(result.edits > 0);
  CHECK(contains(result.text, "I wrote the greeting."));
  CHECK(contains(result.text, "Created `hello.txt`"));
  CHECK(contains(result.text, "projects/site"));
  CHECK(contains(result.text, "2 steps"));
  CHECK(contains(result.text, "To continue"));
  CHECK(result.actions.empty());

  const auto calls = desk.callbacks.calls();
  CHECK(calls.front().text("type") == "message");
  CHECK(contains(calls.front().text("text"), "On it: *site*"));
  for (const auto& call : calls) {
    CHECK(call.is_signed);
    if (call.text("type") == "edit") {
      CHECK(call.text("target") == result.id);
    }
  }

  const auto logs = desk.projects() / "site" / ".dispatch-logs";
  CHECK(contains(read_text(desk.projects() / "site" / "CLAUDE.md"), "site"));
  CHECK(contains(read_text(logs / "project.json"), "\"slug\": \"site\""));
  CHECK(read_text(logs / "last-session-id").size() == 37);
  CHECK(contains(read_text(logs / "last-result.txt"), "I wrote the greeting."));
  const auto names = desk.log_files_at_rest("site");
  CHECK(any_ends_with(names, "-result.json"));
  CHECK(any_ends_with(names, "-stderr.log"));
  CHECK_FALSE(any_ends_with(names, "-baseline.json"));
  CHECK(desk.query("SELECT action || ' ' || substr(reason, 1, 15) FROM decisions") ==
        "dispatch confidence=0.90");
  CHECK(desk.specialist_processes().empty());
  CHECK(desk.stop(SIGTERM) == 0);
}

TEST_CASE("a follow-up resumes the session: Claude Code sends the earlier turns again") {
  Desk desk;
  const auto folder = desk.projects() / "site";
  desk.model.secretary("build me", {propose("high", "site")});
  desk.model.secretary("make it blue", {propose("high", "site", {}, "resume")});
  desk.model.specialist("build me", {write_file((folder / "a.txt").string(), "a"), say("It is red.")});
  desk.model.specialist("make it blue",
                        {write_file((folder / "b.txt").string(), "b"), say("It is blue now.")});
  desk.start();
  desk.say({"build me a page"});
  desk.dispatch("d-1");
  const auto session = read_text(folder / ".dispatch-logs" / "last-session-id");
  desk.say({"make it blue"});
  const auto second = desk.dispatch("d-2", "**Done: site.**");
  CHECK(contains(second.text, "Created `b.txt`"));
  CHECK_FALSE(contains(second.text, "a.txt"));
  CHECK(read_text(folder / ".dispatch-logs" / "last-session-id") == session);
  const auto requests = desk.model.requests(ModelRequest::From::specialist);
  REQUIRE(requests.size() == 4);
  CHECK(contains(requests[2].raw, "build me a page"));
  CHECK(contains(requests[2].raw, "It is red."));
  CHECK(contains(requests[2].raw, "make it blue"));
  // The secretary is told what came of the first.
  CHECK(contains(desk.model.requests(ModelRequest::From::secretary).back().raw, "It is red."));
}

TEST_CASE("run on a project of this chat begins a fresh session there") {
  Desk desk(Desk::Claude::fake);
  desk.model.secretary("build", {propose("high", "site")});
  desk.start();
  desk.say({"build one"});
  desk.dispatch("d-1", "**Done: site.**");
  desk.say({"build another"});
  desk.dispatch("d-2", "**Done: site.**");
  const auto journal = read_text(desk.folder() / "claude.journal");
  CHECK(std::count(journal.begin(), journal.end(), '\n') == 6);
  CHECK_FALSE(contains(journal, "resume"));
  CHECK(read_text(desk.projects() / "site" / "made.txt").size() == 2 * std::string("made by \n").size() + 72);
}

TEST_CASE("a review runs in a fresh session without leave to write, and leaves the last session as it was") {
  Desk desk;
  const auto folder = desk.projects() / "site";
  desk.model.secretary("build me", {propose("high", "site")});
  desk.model.secretary("look it over", {propose("high", "site", "the tests", "review")});
  desk.model.specialist("the tests", {write_file((folder / "sneaky.txt").string(), "x"),
                                      support::use("StructuredOutput", {{"summary", "Looked at all of it."},
                                                                        {"findings",
                                                                         {{{"severity", "high"},
                                                                           {"file", "a.txt"},
                                                                           {"line", 1},
                                                                           {"problem", "says nothing"},
                                                                           {"fix", "write more"}}}}})});
  desk.model.specialist("build me", {write_file((folder / "a.txt").string(), "a"), say("Built.")});
  desk.start();
  desk.say({"build me a page"});
  desk.dispatch("d-1");
  const auto session = read_text(folder / ".dispatch-logs" / "last-session-id");
  desk.say({"look it over"});
  const auto review = desk.dispatch("d-2");
  CHECK(
      contains(review.text, "Looked at all of it.\n\n- **high** `a.txt:1` says nothing\n  Fix: write more"));
  CHECK_FALSE(std::filesystem::exists(folder / "sneaky.txt"));
  CHECK(read_text(folder / ".dispatch-logs" / "last-session-id") == session);
  CHECK_FALSE(contains(desk.model.requests(ModelRequest::From::specialist).back().raw, "Built."));
}

TEST_CASE("a long report is summarized by the secretary, a short one is passed on as it is") {
  Desk desk;
  const std::string report = "The beginning of a long report. " + std::string(2000, 'z');
  desk.model.secretary("build me", {propose("high", "site")});
  desk.model.specialist("build me", {say(report)});
  desk.model.summary("In short: it is done, but nothing was checked.");
  desk.start();
  desk.say({"build me a page"});
  const auto result = desk.dispatch("d-1");
  CHECK(contains(result.text, "**Done: site.**\n\nIn short: it is done"));
  CHECK(contains(result.text, "No files changed"));
  CHECK_FALSE(contains(result.text, "zzzz"));
  const auto summaries = desk.model.requests(ModelRequest::From::summary);
  REQUIRE(summaries.size() == 1);
  CHECK(contains(summaries[0].raw, "The beginning of a long report."));
}

TEST_CASE("a slug that another chat holds gets a suffix, and no other chat can resume a project") {
  Desk desk(Desk::Claude::fake);
  desk.model.secretary("go on", {propose("high", "site", {}, "resume")});
  desk.model.secretary("build", {propose("high", "site")});
  desk.start();
  desk.say({"build mine", "c-1"});
  desk.dispatch("d-1", "**Done: site.**");
  desk.say({"build mine", "c-2", "u-2"});
  desk.dispatch("d-2", "**Done: site-2.**");
  desk.say({"go on with it", "c-3", "u-3"});
  desk.dispatch("d-3", "**Done: site-3.**");
  CHECK(std::filesystem::exists(desk.projects() / "site-2" / "made.txt"));
  CHECK_FALSE(contains(read_text(desk.folder() / "claude.journal"), "resume"));
}

TEST_CASE("a slug that climbs out of the projects folder is made harmless") {
  Desk desk(Desk::Claude::fake);
  desk.model.secretary("build", {propose("high", "../../evil dir")});
  desk.start();
  desk.say({"build it"});
  desk.dispatch("d-1", "**Done: evil-dir.**");
  CHECK(std::filesystem::exists(desk.projects() / "evil-dir" / "made.txt"));
}

TEST_CASE("a second dispatch for one project waits with its place shown, and runs after the first") {
  Desk desk;
  const auto folder = desk.projects() / "site";
  desk.model.secretary("build", {propose("high", "site")});
  desk.model.secretary("second", {propose("high", "site")});
  desk.model.secretary("third", {propose("high", "site")});
  desk.model.specialist("second", {say("second done")});
  desk.model.specialist("third", {say("third done")});
  desk.model.specialist("build", {support::hold(say("first done"))});
  desk.start();
  desk.say({"build it"});
  REQUIRE(desk.model.wait_for(ModelRequest::From::specialist, 1));
  desk.say({"second part"});
  CHECK(contains(desk.dispatch("d-2", "Queued").text, "number 1 in its queue"));
  desk.say({"third part"});
  CHECK(contains(desk.dispatch("d-3", "Queued").text, "number 2 in its queue"));
  const auto status = desk.answer_to(desk.say({"/status"}));
  CHECK(contains(status.text, "running for"));
  CHECK(contains(status.text, "number 2 in its queue"));
  CHECK(desk.model.requests(ModelRequest::From::specialist).size() == 1);
  desk.model.release();
  CHECK(contains(desk.dispatch("d-1", "**Done").text, "first done"));
  CHECK(contains(desk.dispatch("d-2", "**Done").text, "second done"));
  CHECK(contains(desk.dispatch("d-3", "**Done").text, "third done"));
  const auto requests = desk.model.requests(ModelRequest::From::specialist);
  REQUIRE(requests.size() == 3);
  CHECK(contains(requests[1].user_text, "second"));
  CHECK(contains(requests[2].user_text, "third"));
}
