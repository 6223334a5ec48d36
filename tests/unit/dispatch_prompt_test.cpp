#include <filesystem>

#include <doctest/doctest.h>

#include "dispatch/task/prompt.h"
#include "tests/support/temporary_folder.h"

namespace {

struct Fixture {
  support::TemporaryFolder root;
  std::filesystem::path folder = root.path() / "project";
  Fixture() {
    root.write("secret.txt", "secret");
    root.write("project/app.py", "print()");
    root.write("project/docs/plan.md", "plan");
    std::filesystem::create_symlink(root.path() / "secret.txt", folder / "leak");
    std::filesystem::create_directory_symlink(root.path(), folder / "up");
    std::filesystem::create_symlink("app.py", folder / "alias");
  }
  std::string shown(const std::string& text) const {
    const auto prompt = dispatch::harmless_prompt("From the chat:", text, folder);
    REQUIRE(prompt.starts_with("From the chat:\n\n"));
    return prompt.substr(16);
  }
  /// Whether the "@" of the text can no longer name a file.
  bool defused(const std::string& text) const {
    const auto result = shown(text);
    if (result == text) {
      return false;
    }
    auto without = result;
    for (auto at = without.find("@ "); at != std::string::npos; at = without.find("@ ", at + 1)) {
      without.erase(at + 1, 1);
    }
    CHECK(without == text);  // nothing else has changed
    return true;
  }
};

TEST_CASE_FIXTURE(Fixture, "an at-sign before a path that leads out of the folder is defused") {
  for (const char* text :
       {"@/etc/passwd", "see @/etc/passwd please", "@~/.ssh/id_rsa", "@~root/x", "@\"/etc/passwd\"",
        "@'/etc/passwd'", "@\"a b\"", "@../secret.txt", "@docs/../../secret.txt", "@docs/..", "@..",
        "@\\\\server\\share", "(@/etc/passwd)", "\"@/etc/passwd\"", "a@/etc/passwd", "@@/etc/passwd",
        "x\n@/etc/passwd", "x\t@/etc/passwd"}) {
    CAPTURE(std::string(text));
    CHECK(defused(text));
  }
}

TEST_CASE_FIXTURE(Fixture, "an at-sign before a link out of the folder is defused") {
  for (const char* text : {"@leak", "@leak.", "@leak, please", "(@leak)", "@up/secret.txt", "@up/secret.txt!",
                           "@up", "@up/", "@./leak", "@docs/../leak", "@leak#L1-3", "@up/not-there-yet"}) {
    CAPTURE(std::string(text));
    CHECK(defused(text));
  }
}

TEST_CASE_FIXTURE(Fixture, "other white space than ASCII's ends the path, too") {
  for (const char* space : {"\xC2\xA0", "\xE2\x80\x83", "\xE2\x80\xA8", "\xE3\x80\x80", "\v", "\f"}) {
    const auto text = std::string("@leak") + space + "and-then-some-more-words";
    CAPTURE(std::string(text));
    CHECK(defused(text));
  }
}

TEST_CASE_FIXTURE(Fixture, "an at-sign that names nothing outside is left alone") {
  for (const char* text :
       {"a@b.ch", "write to ada@example.org.", "@app.route(\"/\")", "@pytest.fixture", "@app.py",
        "@docs/plan.md", "@docs/plan.md, please", "@alias", "@ada what do you think?", "@", "@ x",
        "five @ six", "user@host:/path", "@type/node", "no at-sign"}) {
    CAPTURE(std::string(text));
    CHECK(shown(text) == text);
  }
}

TEST_CASE_FIXTURE(Fixture, "only the dangerous at-signs of a text are defused") {
  CHECK(shown("@app.py like @/etc/passwd and a@b.ch") == "@app.py like @ /etc/passwd and a@b.ch");
}

TEST_CASE_FIXTURE(Fixture, "letters of any script may stand before and behind an at-sign") {
  CHECK(defused("siehe größe@/etc/passwd"));
  CHECK(defused("日本語@/etc/passwd"));
  CHECK(defused("👍@~/x"));
  CHECK(shown("Größe@日本.jp") == "Größe@日本.jp");
}

TEST_CASE_FIXTURE(Fixture, "a slash at the beginning stays, behind a line of ours") {
  CHECK(shown("/compact") == "/compact");
  CHECK(dispatch::harmless_prompt("From the chat:", "/clear now", folder) == "From the chat:\n\n/clear now");
}

TEST_CASE_FIXTURE(Fixture, "a very long word behind an at-sign is read without failing") {
  CHECK(shown("@" + std::string(100'000, 'a')).size() == 100'001);
  CHECK(defused("@/" + std::string(100'000, 'a')));
}

}  // namespace
