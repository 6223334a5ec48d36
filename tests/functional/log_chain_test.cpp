// The hash chain of the log, as an admin checks it in a shell.
#include <csignal>

#include <SQLiteCpp/SQLiteCpp.h>
#include <doctest/doctest.h>

#include "base/file.h"
#include "tests/support/files.h"
#include "tests/support/program/desk.h"
#include "tests/support/text.h"

using support::contains;
using support::Desk;
using support::propose;
using support::run_frontdesk;
using support::write_text;

namespace {

/// A desk after an answer and a dispatch.
struct ChainDesk : Desk {
  ChainDesk() : Desk(Claude::fake) {
    model.secretary("surely", {propose("high", "site", "build a zeppelin")});
    start();
    answer_to(say({"what time is it?"}));
    say({"=surely build it"});
    dispatch("d-1", "**Done");
  }
  support::Finished log(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "log");
    arguments.insert(arguments.end(), {"--config", config_file().string()});
    return run_frontdesk(arguments, folder());
  }
  /// Written past the program, which goes on.
  void forge(const std::string& sql) {
    SQLite::Database((folder() / "frontdesk.db").string(), SQLite::OPEN_READWRITE, 5000).exec(sql);
  }
};

}  // namespace

TEST_CASE("log verify finds nothing while the bot works, and names what somebody changed") {
  ChainDesk desk;
  const auto whole = desk.log({"verify"});
  CHECK(whole.status == 0);
  CHECK(contains(whole.output, "The log is whole: "));
  CHECK(contains(whole.output, " entries for decisions 2, dispatches 1, approvals 0, verdicts 0, "));
  CHECK(desk.log({"verdict", "d-1", "right", "--note", "as wanted"}).status == 0);
  CHECK(contains(desk.log({"verify"}).output, "verdicts 1, "));

  desk.forge("UPDATE decisions SET p = 0.5 WHERE id = 2");
  const auto changed = desk.log({"verify"});
  CHECK(changed.status == 1);
  CHECK(changed.output == "decisions 2: is not what the chain says of it.\n");
  // What the bot writes afterwards is chained as ever.
  desk.answer_to(desk.say({"and now?"}));
  CHECK(desk.log({"verify"}).output == changed.output);
}

TEST_CASE("a head that was kept elsewhere shows that the end of the log is gone") {
  ChainDesk desk;
  const auto first = desk.log({"head"}).output;
  CHECK(desk.log({"verdict", "d-1", "right"}).status == 0);
  const auto heads = desk.folder() / "heads.txt";
  write_text(heads, first + desk.log({"head"}).output);
  const auto verify = [&] { return desk.log({"verify", "--head", heads.string()}); };
  CHECK(verify().status == 0);
  CHECK(contains(verify().output, "It holds all 2 heads."));
  desk.forge("DELETE FROM verdicts; DELETE FROM chain WHERE about = 'verdicts'");
  CHECK(desk.log({"verify"}).status == 0);
  const auto cut = verify();
  CHECK(cut.status == 1);
  CHECK(cut.output.starts_with("chain "));
  CHECK(contains(cut.output, "was removed: the head has"));

  write_text(heads, "12 abc\n");
  CHECK(verify().status == 2);
  CHECK(contains(verify().errors, "line 1 is not what `frontdesk log head` prints"));
  write_text(heads, "\n");
  CHECK(verify().status == 2);
  CHECK(desk.log({"verify", "--head", (desk.folder() / "nowhere").string()}).status == 2);
}

TEST_CASE("log prune takes the texts of old rows, leaves the numbers, and the chain holds") {
  ChainDesk desk;
  CHECK(desk.log({"verdict", "d-1", "right", "--note", "as wanted"}).status == 0);
  CHECK(contains(desk.log({"search", "zeppelin"}).output, "d-1"));  // it is in the index
  CHECK(contains(desk.log({"prune", "--older-than", "1d"}).output, "0 rows "));
  const auto counted = desk.log({"prune", "--older-than", "0m", "--dry-run"});
  CHECK(counted.output.starts_with("4 rows from before "));
  CHECK(contains(counted.output, "nothing was changed"));
  CHECK(contains(desk.log({"show", "d-1"}).output, "as wanted"));
  CHECK_FALSE(contains(desk.log({"verify"}).output, "pruned"));

  CHECK(desk.log({"prune", "--older-than", "0m"}).output.starts_with("4 rows from before "));
  const auto shown = desk.log({"show", "d-1"});
  CHECK(shown.status == 0);
  CHECK_FALSE(contains(shown.output, "as wanted"));
  CHECK_FALSE(contains(shown.output, "Specialist's result"));
  REQUIRE(desk.stop(SIGTERM) == 0);
  CHECK_FALSE(contains(base::read_file(desk.folder() / "frontdesk.db"), "zeppelin"));
  CHECK(contains(shown.output, "success"));
  const auto whole = desk.log({"verify"});
  CHECK(whole.status == 0);
  CHECK(contains(whole.output, "The texts of 4 of these rows were pruned."));
  CHECK(desk.log({"prune", "--older-than", "0m"}).output.starts_with("0 rows "));
  CHECK(desk.log({"prune"}).status == 2);
  CHECK(desk.log({"prune", "--older-than", "soon"}).status == 2);
  desk.forge("UPDATE dispatches SET result = 'another'");
  CHECK(desk.log({"verify"}).output.starts_with("dispatches 1: "));
}

TEST_CASE("a copy that is restored verifies, and holds a head of its time") {
  ChainDesk desk;
  const auto heads = desk.folder() / "heads.txt";
  write_text(heads, desk.log({"head"}).output);
  const auto copy = (desk.folder() / "copy.db").string();
  const auto config = desk.config_file().string();
  REQUIRE(run_frontdesk({"backup", copy, "--config", config}, desk.folder()).status == 0);
  desk.answer_to(desk.say({"later"}));
  CHECK(desk.stop(SIGTERM) == 0);
  REQUIRE(run_frontdesk({"restore", copy, "--config", config}, desk.folder()).status == 0);
  CHECK(desk.log({"verify", "--head", heads.string()}).status == 0);
  desk.start();
  desk.answer_to(desk.say({"and again"}));
  CHECK(desk.log({"verify", "--head", heads.string()}).status == 0);
}
