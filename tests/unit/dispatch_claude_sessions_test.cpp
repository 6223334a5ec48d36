#include <fstream>

#include <doctest/doctest.h>

#include "dispatch/adapters/claude_sessions.h"
#include "tests/support/files.h"
#include "tests/support/temporary_folder.h"

namespace {

namespace fs = std::filesystem;

constexpr const char* kId = "11111111-2222-4333-8444-555555555555";

struct Fixture {
  support::TemporaryFolder state;
  fs::path usual = dispatch::usual_sessions(state.path());
  fs::path own = dispatch::sandboxed_sessions(state.path(), "/projects/site");

  fs::path file(const fs::path& place, const std::string& folder = "-projects-site") const {
    return place / folder / (std::string(kId) + ".jsonl");
  }
  void write(const fs::path& path, const std::string& text) const {
    fs::create_directories(path.parent_path());
    support::write_text(path, text);
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "each project has a folder of sessions of its own, whatever its path") {
  const auto folder = [&](const fs::path& project) {
    return dispatch::sandboxed_sessions(state.path(), project);
  };
  CHECK(folder("/projects/my.app") != folder("/projects/my-app"));
  CHECK(folder("/a/site") != folder("/b/site"));
  CHECK(folder("/projects/site") == own);
  CHECK(folder("/" + std::string(300, 'x') + "/site").filename().string().size() < 100);
}

TEST_CASE_FIXTURE(Fixture,
                  "a session is found in the other place under any folded name, and stays one file") {
  write(file(usual, "-some-other-name"), "first\n");
  dispatch::share_session(usual, own, kId);
  REQUIRE(support::read_text(file(own, "-some-other-name")) == "first\n");
  std::ofstream(file(own, "-some-other-name"), std::ios::app) << "second\n";
  CHECK(support::read_text(file(usual, "-some-other-name")) == "first\nsecond\n");
  dispatch::share_session(own, usual, kId);
  CHECK(support::read_text(file(usual, "-some-other-name")) == "first\nsecond\n");
}

TEST_CASE_FIXTURE(Fixture, "of two transcripts of one session the newer one stands") {
  write(file(own), "old\n");
  write(file(usual), "new\n");
  fs::last_write_time(file(own), fs::last_write_time(file(usual)) - std::chrono::hours(1));
  dispatch::share_session(own, usual, kId);
  CHECK(support::read_text(file(usual)) == "new\n");
  dispatch::share_session(usual, own, kId);
  CHECK(support::read_text(file(own)) == "new\n");
}

TEST_CASE_FIXTURE(Fixture, "sessions of other projects and links are not taken") {
  write(usual / "-projects-site/22222222-2222-4333-8444-555555555555.jsonl", "of another\n");
  write(state.path() / "secret", "secret\n");
  fs::create_symlink(state.path() / "secret", usual / "-projects-site" / (std::string(kId) + ".jsonl"));
  dispatch::share_session(usual, own, kId);
  CHECK_FALSE(fs::exists(own / "-projects-site"));
  for (const char* id : {"", "../secret", "..", "a/b", "-projects-site/x"}) {
    dispatch::share_session(usual, own, id);
  }
  CHECK_FALSE(fs::exists(own));
}

TEST_CASE_FIXTURE(Fixture, "nothing is written through a folder that is a link") {
  write(file(usual), "words\n");
  fs::create_directories(own);
  fs::create_directories(state.path() / "elsewhere");
  fs::create_directory_symlink(state.path() / "elsewhere", own / "-projects-site");
  dispatch::share_session(usual, own, kId);
  CHECK(fs::is_empty(state.path() / "elsewhere"));
}
