// Slugs and snapshots of project folders.
#include <doctest/doctest.h>

#include "base/utf8.h"
#include "dispatch/project/workspace.h"
#include "tests/support/temporary_folder.h"

namespace {

namespace fs = std::filesystem;
using dispatch::FileChange;
using dispatch::FolderSnapshot;
using dispatch::is_slug;
using dispatch::make_slug;

TEST_CASE("a slug is letters, digits, dots, hyphens and underscores, at most 64 bytes") {
  for (const auto& slug :
       {std::string("a"), std::string("todo-app"), std::string("A.b_C-9"), std::string("a.b.c"),
        std::string("a-"), std::string("a."), std::string("_x"), std::string("0"), std::string(64, 'a')}) {
    CAPTURE(std::string(slug));
    CHECK(is_slug(slug));
  }
  for (const auto& slug :
       {std::string(), std::string("."), std::string(".."), std::string(".hidden"), std::string("-x"),
        std::string("a..b"), std::string("a.."), std::string("a/b"), std::string("/a"), std::string("a b"),
        std::string("a\n"), std::string("größe"), std::string("a\0b", 3), std::string("a*"),
        std::string("a~"), std::string("a:b"), std::string("日本"), std::string(65, 'a')}) {
    CAPTURE(std::string(slug));
    CHECK_FALSE(is_slug(slug));
  }
}

TEST_CASE("a slug is made from words") {
  struct Row {
    const char *words, *slug;
  };
  const Row rows[] = {{"Todo App", "todo-app"},
                      {"  A  list, of: tasks!  ", "a-list-of-tasks"},
                      {"Ada's blog", "adas-blog"},
                      {"CSV -> JSON", "csv-json"},
                      {"v1.2", "v1-2"},
                      {"../../etc/passwd", "etc-passwd"},
                      {"-x", "x"},
                      {".hidden", "hidden"},
                      {"", "project"},
                      {"日本語", "project"},
                      {"👍 yes", "yes"},
                      {"Größe 5", "gr-e-5"},
                      {"!!!", "project"}};
  for (const auto& row : rows) {
    CAPTURE(std::string(row.words));
    CHECK(make_slug(row.words) == row.slug);
  }
}

TEST_CASE("a slug that is made is one, and at most 40 bytes long") {
  for (const auto& words :
       {std::string(1'000, 'a'),
        std::string("a very long description of a project that never comes to its end"),
        std::string(39, 'a') + " b", std::string(40, 'a') + " b", std::string("a ") + std::string(100, 'b'),
        std::string("a\0b", 3), std::string("\xff\xfe"), std::string(41, '-')}) {
    CAPTURE(std::string(words));
    CHECK(is_slug(make_slug(words)));
    CHECK(make_slug(words).size() <= 40);
  }
  CHECK(make_slug("a very long description of a project that never ends") ==
        "a-very-long-description-of-a-project");
}

std::vector<std::string> lines(const std::vector<FileChange>& changes) {
  std::vector<std::string> result;
  for (const auto& c : changes) {
    result.push_back((c.kind == FileChange::Kind::created   ? "+"
                      : c.kind == FileChange::Kind::changed ? "~"
                                                            : "-") +
                     c.path);
  }
  return result;
}
using Lines = std::vector<std::string>;

TEST_CASE("a snapshot tells what was created, changed and deleted, by path") {
  const support::TemporaryFolder folder;
  folder.write("same.txt", "same");
  folder.write("grows.txt", "a");
  folder.write("sub/goes.txt", "x");
  const auto before = FolderSnapshot::take(folder.path());
  CHECK(before.complete());
  CHECK(before.changes_to(FolderSnapshot::take(folder.path())).empty());
  folder.write("grows.txt", "ab");
  fs::remove(folder.path() / "sub/goes.txt");
  folder.write("sub/deep/comes.txt", "y");
  folder.write("a.txt", "z");
  CHECK(lines(before.changes_to(FolderSnapshot::take(folder.path()))) ==
        Lines{"+a.txt", "~grows.txt", "+sub/deep/comes.txt", "-sub/goes.txt"});
}

TEST_CASE("a file of the same size is seen as changed by its time") {
  const support::TemporaryFolder folder;
  const auto file = folder.write("a.txt", "old");
  const auto before = FolderSnapshot::take(folder.path());
  folder.write("a.txt", "new");
  fs::last_write_time(file, fs::last_write_time(file) + std::chrono::seconds(1));
  CHECK(lines(before.changes_to(FolderSnapshot::take(folder.path()))) == Lines{"~a.txt"});
}

TEST_CASE("folders of tools are not looked at, links are not followed") {
  const support::TemporaryFolder folder;
  const support::TemporaryFolder outside;
  outside.write("secret.txt", "x");
  const auto before = FolderSnapshot::take(folder.path());
  for (const char* name : {".git", "node_modules", ".venv", "__pycache__", ".claude", ".dispatch-logs"}) {
    folder.write(fs::path(name) / "x", "x");
    folder.write(fs::path("sub") / name / "x", "x");
  }
  fs::create_directory_symlink(outside.path(), folder.path() / "link");
  fs::create_directory_symlink(folder.path(), folder.path() / "loop");
  CHECK(lines(before.changes_to(FolderSnapshot::take(folder.path()))) == Lines{"+link", "+loop"});
}

TEST_CASE("names of any kind come back from the text of a snapshot") {
  const support::TemporaryFolder folder;
  folder.write("größe \"1\".txt", "a");
  folder.write("new\nline", "b");
  folder.write("\xff.bin", "c");
  const auto snapshot = FolderSnapshot::take(folder.path());
  const auto read = FolderSnapshot::from_text(snapshot.to_text());
  CHECK(read.complete());
  CHECK(snapshot.changes_to(read).empty());
  CHECK(read.changes_to(snapshot).empty());
  for (const auto& change : FolderSnapshot::take(folder.path() / "none").changes_to(read)) {
    CHECK(base::is_utf8(change.path));
  }
}

TEST_CASE("a folder that does not exist has nothing in it") {
  const support::TemporaryFolder folder;
  CHECK(FolderSnapshot::take(folder.path() / "none").changes_to(FolderSnapshot::take(folder.path())).empty());
}

TEST_CASE("where the later snapshot is not complete, nothing counts as deleted") {
  const support::TemporaryFolder folder;
  folder.write("a.txt", "a");
  const auto before = FolderSnapshot::take(folder.path());
  const auto later = FolderSnapshot::from_text(R"({"complete":false,"files":{"b.txt":[1,1]}})");
  CHECK(lines(before.changes_to(later)) == Lines{"+b.txt"});
}

}  // namespace
