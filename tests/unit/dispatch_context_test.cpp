// What of a project's instructions a specialist is told, and what is not read.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include "base/utf8.h"
#include "dispatch/project/context.h"
#include "dispatch/project/project_folder.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/text.h"

namespace {

namespace fs = std::filesystem;
using dispatch::project_context;
using dispatch::ReadByCli;
using support::contains;

struct Fixture {
  support::TemporaryFolder temporary;
  fs::path folder = temporary.path() / "site";

  Fixture() {
    fs::create_directories(folder);
    temporary.write("outside.md", "KW_OUTSIDE");
  }
  void write(const fs::path& path, std::string_view text) const { temporary.write("site" / path, text); }
  void link(const fs::path& path, const fs::path& target) const {
    fs::create_directories((folder / path).parent_path());
    fs::create_symlink(target, folder / path);
  }
  std::string told(ReadByCli by_cli = ReadByCli::nothing) const { return project_context(folder, by_cli); }
  bool tells(const std::string& word) const { return contains(told(), word); }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "every file that people write for a specialist is told, each once") {
  CHECK(told().empty());
  write("AGENTS.md", "KW_AGENTS");
  write(".claude/AGENTS.md", "KW_HIDDEN_AGENTS");
  CHECK(tells("KW_AGENTS"));
  write("CLAUDE.md", "KW_CLAUDE @AGENTS.md");
  write("CLAUDE.local.md", "KW_LOCAL");
  write(".claude/CLAUDE.md", "KW_HIDDEN_CLAUDE");
  write(".claude/rules/style.md", "KW_RULE");
  write(".claude/rules/style.txt", "KW_NO_RULE");
  CHECK_FALSE(tells("KW_NO_RULE"));
  const auto text = told();
  for (const char* word :
       {"KW_CLAUDE", "KW_LOCAL", "KW_HIDDEN_CLAUDE", "KW_RULE", "KW_AGENTS", "KW_HIDDEN_AGENTS"}) {
    CAPTURE(word);
    CHECK(contains(text, word));
  }
  CHECK(text.find("KW_AGENTS") == text.rfind("KW_AGENTS"));
}

TEST_CASE_FIXTURE(Fixture, "where the CLI reads CLAUDE.md by itself only a hidden AGENTS.md is told") {
  write("AGENTS.md", "KW_AGENTS");
  CHECK(told(ReadByCli::claude_md).empty());
  write("CLAUDE.md", "KW_CLAUDE");
  const auto text = told(ReadByCli::claude_md);
  CHECK(contains(text, "KW_AGENTS"));
  CHECK_FALSE(contains(text, "KW_CLAUDE"));
  write("CLAUDE.md", "KW_CLAUDE @AGENTS.md");
  CHECK(told(ReadByCli::claude_md).empty());
}

TEST_CASE_FIXTURE(Fixture, "a link to a file of the project is followed, one that leads outside is not") {
  write("docs/ai.md", "KW_INSIDE @near.md");
  write("docs/near.md", "KW_NEAR");
  write("near.md", "KW_FAR");
  SUBCASE("a relative one") {
    link("CLAUDE.md", "docs/ai.md");
  }
  SUBCASE("an absolute one") {
    link("CLAUDE.md", folder / "docs/ai.md");
  }
  SUBCASE("one over another") {
    link("CLAUDE.md", "docs/../latest");
    link("latest", "./docs/ai.md");
  }
  SUBCASE("one over a folder that is a link") {
    link("CLAUDE.md", "manual/ai.md");
    link("manual", "docs");
  }
  CHECK(tells("KW_INSIDE"));
  CHECK(tells("KW_NEAR"));
  CHECK_FALSE(tells("KW_FAR"));
}

TEST_CASE_FIXTURE(Fixture, "nothing outside the project is read, on whatever way") {
  SUBCASE("by a link") {
    link("CLAUDE.md", "../outside.md");
  }
  SUBCASE("by an absolute link") {
    link("CLAUDE.md", temporary.path() / "outside.md");
  }
  SUBCASE("by a folder that is a link") {
    link("up", "..");
    link("CLAUDE.md", "up/outside.md");
  }
  SUBCASE("out and in again") {
    write("in.md", "KW_OUTSIDE");
    link("CLAUDE.md", "../site/in.md");
  }
  SUBCASE("by a circle") {
    link("CLAUDE.md", "AGENTS.md");
    link("AGENTS.md", "CLAUDE.md");
  }
  SUBCASE("by imports") {
    link("up", "..");
    write("CLAUDE.md", "@../outside.md @" + (temporary.path() / "outside.md").string() +
                           " @up/outside.md @docs/../../outside.md @~/outside.md @/proc/self/environ");
  }
  CHECK_FALSE(tells("KW_OUTSIDE"));
  CHECK_FALSE(tells("PATH="));
}

TEST_CASE_FIXTURE(Fixture, "imports in plain text are told, those in code and missing ones are not") {
  for (const char* name : {"a", "b", "c", "d", "e f", "g", "h", "i"}) {
    write(std::string("docs/") + name + ".md", std::string("KW_") + name + "!");
  }
  write(
      "CLAUDE.md",
      "@docs/a.md\n\n- see @./docs/b.md and\u00A0@docs/c.md#part\n\n`@docs/d.md` @docs/e\\ f.md\n\n"
      "```\n@docs/g.md\n```\n\n    @docs/h.md\n\n<!-- @docs/i.md -->\n\nada@docs/d.md @docs/none.md @ada @");
  const auto text = told();
  for (const char* word : {"KW_a!", "KW_b!", "KW_c!", "KW_e f!", "@docs/none.md"}) {
    CAPTURE(word);
    CHECK(contains(text, word));
  }
  for (const char* word : {"KW_d!", "KW_g!", "KW_h!", "KW_i!"}) {
    CAPTURE(word);
    CHECK_FALSE(contains(text, word));
  }
}

TEST_CASE_FIXTURE(Fixture, "imports of imports are told, five deep, from the folder that each file is in") {
  write("AGENTS.md", "@docs/1.md");
  write("docs/1.md", "KW_1 @more/2.md @1.md @../AGENTS.md");
  write("docs/more/2.md", "KW_2 @../3.md");
  write("docs/3.md", "KW_3 @4.md");
  write("docs/4.md", "KW_4 @5.md");
  write("docs/5.md", "KW_5 @6.md");
  write("docs/6.md", "KW_6");
  CHECK(tells("KW_5"));
  CHECK_FALSE(tells("KW_6"));
}

TEST_CASE_FIXTURE(Fixture, "what is told is bounded, whatever the size and number of files") {
  SUBCASE("a file of two gigabytes of holes is not told") {
    write("CLAUDE.md", "");
    fs::resize_file(folder / "CLAUDE.md", std::uintmax_t{2} << 30);
    CHECK(told().empty());
  }
  SUBCASE("of a long file both ends are told") {
    write("CLAUDE.md", "KW_HEAD" + std::string(3'000'000, 'x') + "KW_TAIL");
    CHECK(tells("KW_HEAD"));
    CHECK(tells("KW_TAIL"));
    CHECK(tells("bytes left out"));
    CHECK(told().size() < 34'000);
  }
  SUBCASE("and many imports") {
    std::string imports;
    for (int i = 0; i < 500; ++i) {
      write("docs/" + std::to_string(i) + ".md", std::string(5'000, 'x'));
      imports += "@docs/" + std::to_string(i) + ".md ";
    }
    write("CLAUDE.md", imports);
    CHECK(told().size() < 80'000);
  }
}

TEST_CASE_FIXTURE(Fixture, "where room is short, rules and imports give way, and what is left out is named") {
  const std::string long_text(20'000, 'x');
  const auto check = [&](const std::string& text) {
    CHECK(contains(text, "KW_CLAUDE"));
    CHECK(contains(text, "KW_AGENTS"));
    CHECK(text.size() < 70'000);
    const auto named = text.find("leaves out more");
    REQUIRE(named != std::string::npos);
    return text.substr(named);
  };
  SUBCASE("to long rules") {
    for (const char* rule : {"a", "b", "c", "d", "e"}) {
      write(fs::path(".claude/rules") / (std::string(rule) + ".md"), long_text);
    }
    write("CLAUDE.md", "KW_CLAUDE");
    write("AGENTS.md", "KW_AGENTS @docs/more.md");
    write("docs/more.md", "KW_MORE");
    const auto names = check(told());
    CHECK(tells("KW_MORE"));
    CHECK(contains(names, ".claude/rules/e.md"));
    CHECK_FALSE(contains(names, ".claude/rules/a.md"));
  }
  SUBCASE("to long imports of another file") {
    std::string imports;
    for (int i = 0; i < 60; ++i) {
      write("docs/" + std::to_string(i) + ".md", long_text);
      imports += "@docs/" + std::to_string(i) + ".md ";
    }
    write("CLAUDE.md", "KW_CLAUDE " + imports);
    write("AGENTS.md", "KW_AGENTS");
    const auto names = check(told());
    CHECK(contains(names, "docs/4.md"));
    CHECK(contains(names, " more"));
    CHECK_FALSE(contains(names, "docs/59.md"));
  }
  SUBCASE("to many rules") {
    for (int i = 0; i < 80; ++i) {
      write(".claude/rules/" + std::to_string(i) + ".md", "Be brief, whatever the rule says.");
    }
    write("CLAUDE.md", "KW_CLAUDE");
    write("AGENTS.md", "KW_AGENTS");
    check(told());
    CHECK(contains(told(ReadByCli::claude_md), "KW_AGENTS"));
  }
}

TEST_CASE_FIXTURE(Fixture, "only regular files are read, and no pipe is waited for") {
  REQUIRE(::mkfifo((folder / "CLAUDE.md").c_str(), 0600) == 0);
  REQUIRE(::mkfifo((folder / "pipe.md").c_str(), 0600) == 0);
  fs::create_directories(folder / "CLAUDE.local.md");
  write("AGENTS.md", "KW_AGENTS @pipe.md @docs @.");
  CHECK(tells("KW_AGENTS"));
}

TEST_CASE_FIXTURE(Fixture, "what is told is text that can stand in an argument") {
  write("CLAUDE.md", "caf\xE9 \x1B[31mred\x1B[0m KW_END");
  write("AGENTS.md", std::string("a\0b", 3));
  const auto text = told();
  CHECK(base::is_utf8(text));
  CHECK(contains(text, "red KW_END"));
  CHECK(text.find('\0') == std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "rules outside the project are not listed") {
  temporary.write("rules/a.md", "KW_OUTSIDE");
  SUBCASE("by a link") {
    link(".claude/rules", "../../rules");
  }
  SUBCASE("in a folder that is a link") {
    link(".claude", temporary.path());
  }
  SUBCASE("where the folder is a file") {
    write(".claude/rules", "KW_OUTSIDE");
  }
  CHECK(told().empty());
}

TEST_CASE_FIXTURE(Fixture, "a folder that is not there has no context") {
  CHECK(project_context(folder / "none", ReadByCli::nothing).empty());
  CHECK_FALSE(dispatch::ProjectFolder(folder / "none").read("CLAUDE.md", 100));
}
