#include <array>
#include <limits>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/file.h"
#include "base/utf8.h"
#include "dispatch/project/files.h"
#include "tests/support/temporary_folder.h"

namespace fs = std::filesystem;
using dispatch::ArrivingFile;
using dispatch::is_shown_path;
using dispatch::project_file_size;
using dispatch::read_project_file;
using dispatch::safe_file_name;

namespace {

constexpr ArrivingFile::Limits kLimits{1'000, 0};

struct Fixture {
  support::TemporaryFolder outside;
  support::TemporaryFolder root;
  const fs::path project = root.path() / "site";
  Fixture() { fs::create_directories(project); }

  std::string place(const std::string& name, const std::string& content,
                    const ArrivingFile::Limits& limits = kLimits) const {
    ArrivingFile file(project, "attachments", limits);
    file.write(content);
    return file.keep(name);
  }
  std::string problem(const std::string& content, const ArrivingFile::Limits& limits) const {
    try {
      place("a.txt", content, limits);
    } catch (const base::PermanentError& e) {
      return e.what();
    }
    return {};
  }
  std::string text(const std::string& path) const { return base::read_file(project / path); }
  std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(project / "attachments"), fs::directory_iterator()));
  }
  bool is_refused(const std::string& path) const {
    try {
      read_project_file(project, path, 1'000);
    } catch (const base::PermanentError&) {
      return true;
    }
    return false;
  }
};

TEST_CASE("a file name from outside becomes one that is safe") {
  struct Row {
    std::string name;
    const char* safe;
  };
  const std::array rows = {Row{"plan.pdf", "plan.pdf"},
                           Row{"Übersicht 2026.pdf", "Übersicht 2026.pdf"},
                           Row{"../../etc/passwd", "passwd"},
                           Row{"/etc/shadow", "shadow"},
                           Row{"C:\\Users\\eve\\evil.exe", "evil.exe"},
                           Row{"", "file"},
                           Row{".", "file"},
                           Row{"..", "file"},
                           Row{"folder/", "file"},
                           Row{".bashrc", "bashrc"},
                           Row{"...hidden", "hidden"},
                           Row{"-rf", "rf"},
                           Row{"-.-x", "x"},
                           Row{" - .x", "x"},
                           Row{"a\nb\tc.txt", "a_b_c.txt"},
                           Row{std::string("a\0b.txt", 7), "ab.txt"},
                           Row{"\x1b[31mred.txt", "red.txt"},
                           Row{"a`b`.md", "a_b_.md"},
                           Row{"fdp\xE2\x80\xAEgnp.exe", "fdpgnp.exe"},
                           Row{"\xE2\x80\x8B.htaccess", "htaccess"},
                           Row{"trailing. . .", "trailing"},
                           Row{"   ", "file"}};
  for (const auto& row : rows) {
    CAPTURE(row.name);
    CHECK(safe_file_name(row.name) == row.safe);
  }
}

TEST_CASE("a name that is no UTF-8 or too long is cut to one that is, and keeps its extension") {
  CHECK(base::is_utf8(safe_file_name("caf\xE9.txt")));
  std::string wide;
  for (int i = 0; i < 100; ++i) {
    wide += "ü";
  }
  for (const char* extension : {".pdf", ".tar.gz"}) {
    const auto safe = safe_file_name(wide + extension);
    CHECK(safe.size() <= 120);
    CHECK(base::is_utf8(safe));
    CHECK(safe.ends_with(extension));
  }
  CHECK(safe_file_name("a." + std::string(300, 'x')).size() == 120);
}

TEST_CASE("paths that leave the project or are hidden are none that is shown") {
  for (const char* path : {"a.txt", "docs/a b.md", "a..b/c"}) {
    CHECK(is_shown_path(path));
  }
  for (const char* path : {"", "/etc/passwd", "../x", "a/../b", "a//b", "a/", ".env", ".git/config",
                           ".dispatch-logs/project.json", "docs/.hidden/x", "./a", "caf\xE9"}) {
    CAPTURE(path);
    CHECK_FALSE(is_shown_path(path));
  }
  CHECK_FALSE(is_shown_path(std::string_view("a\0b", 3)));
}

TEST_CASE_FIXTURE(Fixture, "a file arrives under its safe name, and nothing else is left") {
  CHECK(place("../plan.pdf", "hello") == "attachments/plan.pdf");
  CHECK(text("attachments/plan.pdf") == "hello");
  CHECK(files() == 1);
}

TEST_CASE_FIXTURE(Fixture, "a name that is taken gets a number, and what was there stays") {
  place("a.tar.gz", "one");
  CHECK(place("a.tar.gz", "two") == "attachments/a-2.tar.gz");
  CHECK(place("a.tar.gz", "three") == "attachments/a-3.tar.gz");
  CHECK(text("attachments/a.tar.gz") == "one");
  CHECK(text("attachments/a-2.tar.gz") == "two");
}

TEST_CASE_FIXTURE(Fixture, "the same bytes under the same name are not kept twice") {
  place("a.txt", "one");
  place("a.txt", "two");
  CHECK(place("a.txt", "two") == "attachments/a-2.txt");
  CHECK(place("a.txt", "one") == "attachments/a.txt");
  CHECK(files() == 2);
}

TEST_CASE_FIXTURE(Fixture, "a link of the name in the folder is neither followed nor replaced") {
  const auto target = outside.write("target.txt", "secret");
  fs::create_directories(project / "attachments");
  fs::create_symlink(target, project / "attachments" / "a.txt");
  fs::create_symlink(outside.path() / "new.txt", project / "attachments" / "b.txt");
  CHECK(place("a.txt", "secret") == "attachments/a-2.txt");
  CHECK(place("b.txt", "x") == "attachments/b-2.txt");
  CHECK(base::read_file(target) == "secret");
  CHECK_FALSE(fs::exists(outside.path() / "new.txt"));
}

TEST_CASE_FIXTURE(Fixture, "an attachments folder that is a link or a file is refused") {
  fs::create_symlink(outside.path(), project / "attachments");
  CHECK(problem("x", kLimits) == "`attachments` in the project is not a folder");
  CHECK(fs::is_empty(outside.path()));
  fs::remove(project / "attachments");
  std::ofstream(project / "attachments") << "a file";
  CHECK(problem("x", kLimits) == "`attachments` in the project is not a folder");
}

TEST_CASE_FIXTURE(Fixture, "a project folder that is a link is refused") {
  fs::create_symlink(outside.path(), root.path() / "linked");
  CHECK_THROWS_AS(ArrivingFile(root.path() / "linked", "attachments", kLimits), base::PermanentError);
  CHECK(fs::is_empty(outside.path()));
}

TEST_CASE_FIXTURE(Fixture, "what is too large, or more than the disk has room for, leaves nothing") {
  CHECK(problem(std::string(1'000, 'x'), kLimits).empty());
  fs::remove_all(project / "attachments");
  CHECK(problem(std::string(1'001, 'x'), kLimits) == "it is larger than 0 MB");
  CHECK(files() == 0);
  CHECK(problem("x", {1'000, std::numeric_limits<std::uint64_t>::max() / 2}) ==
        "the server's disk is nearly full");
  CHECK(files() == 0);
}

TEST_CASE_FIXTURE(Fixture, "what a killed download left behind goes with the next one") {
  place("a.txt", "one");
  std::ofstream(project / "attachments" / ".arriving-0123") << "half";
  place("b.txt", "two");
  CHECK(files() == 2);
}

TEST_CASE_FIXTURE(Fixture, "a file that is not kept leaves nothing") {
  {
    ArrivingFile file(project, "attachments", kLimits);
    file.write("half");
    CHECK(files() == 1);
  }
  CHECK(files() == 0);
}

TEST_CASE_FIXTURE(Fixture, "regular files of the project can be read up to the limit") {
  fs::create_directories(project / "docs");
  std::ofstream(project / "docs" / "a.md") << std::string(1'000, 'x');
  std::ofstream(project / "large") << std::string(1'001, 'x');
  CHECK(read_project_file(project, "docs/a.md", 1'000).size() == 1'000);
  CHECK(project_file_size(project, "large") == 1'001);
  CHECK(is_refused("large"));
  CHECK(is_refused("gone"));
  CHECK(is_refused("docs"));
  CHECK(is_refused("docs/a.md/x"));
}

TEST_CASE_FIXTURE(Fixture, "links, pipes, hidden files and what lies outside are not read") {
  outside.write("secret.txt", "secret");
  fs::create_symlink(outside.path() / "secret.txt", project / "link.txt");
  fs::create_symlink(outside.path(), project / "folder");
  fs::create_directories(project / ".dispatch-logs");
  std::ofstream(project / ".dispatch-logs" / "project.json") << "{}";
  std::ofstream(project / ".env") << "KEY=1";
  REQUIRE(::mkfifo((project / "pipe").c_str(), 0600) == 0);
  for (const char* path :
       {"link.txt", "folder/secret.txt", "../x", ".dispatch-logs/project.json", ".env", "pipe"}) {
    CAPTURE(path);
    CHECK(is_refused(path));
  }
  CHECK(is_refused((outside.path() / "secret.txt").string()));
}

}  // namespace
