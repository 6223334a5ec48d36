// What a turn takes of the disk: one message of 80 characters, one answer of 400, delivered at once, each
// person in a chat of their own. On one thread, so that nothing is committed together; the syncs are counted
// and not done.
//
// disk [--quick | TURNS]   prints bytes of the database for a turn, what of them is whose, and writes and
// syncs for a turn; last the size after the same words were emptied, as [retention] does.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>

#include <SQLiteCpp/SQLiteCpp.h>

#include "store/retention.h"
#include "tests/support/disk/faulty_disk.h"
#include "tests/support/disk/message_way.h"

namespace {

namespace fs = std::filesystem;

constexpr int kPerPerson = 20;

std::string words(std::size_t size) {
  std::string text;
  while (text.size() < size) {
    text += "Please look at the parser and say why it stops there. ";
  }
  return text.substr(0, size);
}

double each(std::uint64_t sum, int turns) {
  return static_cast<double>(sum) / turns;
}

}  // namespace

int main(int argc, char** argv) {
  const bool quick = argc > 1 && std::strcmp(argv[1], "--quick") == 0;
  const int turns = quick ? 200 : argc > 1 ? std::max(1, std::atoi(argv[1])) : 20'000;
  support::FaultyDisk disk;
  const support::TemporaryFolder folder;
  const auto file = folder.path() / "frontdesk.db";
  support::FrontOffice office;
  office.answer = words(400);
  support::MessageWay way(office, file);
  const auto empty = fs::file_size(file);
  const auto before = disk.counts();
  for (int i = 0; i < turns; ++i) {
    way.take("m-" + std::to_string(i), std::to_string(i / kPerPerson), words(80));
    way.turn();
    way.deliver();
  }
  const auto after = disk.counts();
  auto& db = way.db().handle();
  db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  std::printf("%d turns\n", turns);
  std::printf("%8.0f bytes of the database for a turn\n", each(fs::file_size(file) - empty, turns));
  SQLite::Statement parts(
      db, "SELECT name, sum(pgsize) AS size FROM dbstat GROUP BY name ORDER BY size DESC LIMIT 12");
  while (parts.executeStep()) {
    std::printf("%8.0f   %s\n", parts.getColumn(1).getDouble() / turns, parts.getColumn(0).getText());
  }
  std::printf("%8.0f bytes written for a turn\n", each(after.bytes - before.bytes, turns));
  std::printf("%8.1f syncs for a turn\n", each(after.syncs - before.syncs, turns));
  office.clock.advance(std::chrono::hours(48));
  store::Retention retention(way.db());
  const auto full = retention.bytes_in_use();
  while (retention.empty_old(office.clock.now(), 100, office.clock.now()).more) {
  }
  std::printf("%8.0f bytes in use for a turn, %.0f once its words are emptied\n", each(full, turns),
              each(retention.bytes_in_use(), turns));
  return 0;
}
