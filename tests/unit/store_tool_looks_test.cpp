#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "store/tool_looks.h"
#include "tests/support/store_fixture.h"

namespace {

std::vector<std::string> names(const std::vector<store::ToolLook>& looks) {
  std::vector<std::string> names;
  for (const auto& look : looks) {
    names.push_back(look.tool + " " + look.hash);
  }
  return names;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE_FIXTURE(support::StoreFixture,
                  "a tool's accepted look is replaced by the next one, of any server its own") {
  store::ToolLooks looks(db);
  CHECK(!looks.knows("mail"));
  looks.accept("mail", {"send", "1"}, clock.now());
  looks.accept("other", {"send", "9"}, clock.now());
  CHECK(looks.knows("mail"));
  CHECK(looks.is_accepted("mail", "send", "1"));
  CHECK(!looks.is_accepted("mail", "send", "9"));
  looks.accept("mail", {"send", "2"}, clock.now());
  CHECK(!looks.is_accepted("mail", "send", "1"));
  CHECK(looks.is_accepted("mail", "send", "2"));
  CHECK(looks.is_accepted("other", "send", "9"));
}

TEST_CASE_FIXTURE(support::StoreFixture,
                  "what a turn has noted is accepted beside what is there, and only when it is said") {
  store::ToolLooks looks(db);
  looks.note("mail", {{"send", "0"}}, clock.now());
  CHECK(!looks.knows("mail"));
  looks.accept("mail", {"login", "1"}, clock.now());
  looks.note("mail", {{"send", "2", true}, {"login", "3"}}, clock.now());
  CHECK(names(looks.noted("mail")) == Names{"login 3", "send 2"});
  CHECK(looks.noted("mail")[1].only_reads == true);
  CHECK(!looks.is_accepted("mail", "send", "2"));
  looks.accept_noted("mail", "send");
  looks.accept_noted("mail", "login");
  CHECK(looks.is_accepted("mail", "send", "2"));
  CHECK(looks.is_accepted("mail", "login", "1"));
  CHECK(looks.is_accepted("mail", "login", "3"));
  looks.accept("mail", {"login", "1"}, clock.now());  // nothing new: both stay
  CHECK(looks.is_accepted("mail", "login", "3"));
}

TEST_CASE_FIXTURE(support::StoreFixture, "of what is noted the newest is kept, within a bound") {
  store::ToolLooks looks(db);
  looks.note("mail", {{"send", "1"}}, clock.now());
  clock.advance(std::chrono::seconds(1));
  std::vector<store::ToolLook> many;
  for (int i = 0; i < 500; ++i) {
    many.push_back({"t" + std::to_string(i), "1"});
  }
  looks.note("mail", many, clock.now());
  CHECK(looks.noted("mail").size() == 500);
  CHECK(looks.noted("mail").front().tool == "t0");
  looks.note("mail", {{"t0", "2"}}, clock.now());
  CHECK(names(looks.noted("mail")).front() == "t0 2");
}
