// Ten thousand reminders that are due within one minute, in a thousand chats, beside a hundred thousand that
// wait for another day. Prints how late each is posted and delivered, and how long a claim takes while the
// table of those that wait grows.
//
// reminders [--quick]   --quick: a tenth of it in six seconds
#include "store/reminders.h"

#include <algorithm>
#include <cstdio>
#include <string>

#include <SQLiteCpp/SQLiteCpp.h>
#include <signal.h>

#include "base/clock.h"
#include "store/job_queue.h"
#include "tests/bench/sample.h"
#include "tests/support/files.h"
#include "tests/support/http_loop.h"
#include "tests/support/program/program.h"

namespace {

using std::chrono::milliseconds;
constexpr int kChats = 1'000;
constexpr std::chrono::seconds kPreparation{10};

class Bench {
 public:
  explicit Bench(bool quick) : due_(quick ? 1'000 : 10'000), waiting_(10 * due_), span_(due_ * 6) {
    support::write_text(folder_.path() / "secret", "whsec_YmVuY2gtYmVuY2gtYmVuY2gtYmVuY2gtYmVuY2g=");
    const int receiver = loop_.listen([this](std::string_view, std::string_view) {
      ++received_;
      return std::string("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    });
    support::write_text(folder_.path() / "frontdesk.toml",
                        "[store]\nurl = \"sqlite:frontdesk.db\"\n[dispatch]\nprojects_dir = \"projects\"\n"
                        "sandbox = \"off\"\n[chat.ops]\nplatform = \"webhook\"\nsecret = \"file:secret\"\n"
                        "callback_url = \"http://127.0.0.1:" +
                            std::to_string(receiver) + "/\"\n");
  }

  int run() {
    claims();
    fill();
    support::Program program({support::program_path("FRONTDESK_BIN"), "serve", "--config",
                              (folder_.path() / "frontdesk.toml").string(), "--listen", "127.0.0.1:0"},
                             folder_.path());
    const auto until = std::chrono::steady_clock::now() + kPreparation + 3 * span_;
    while (received_ < due_ && std::chrono::steady_clock::now() < until) {
      loop_.step(milliseconds(20));
    }
    program.signal(SIGTERM);
    program.wait(std::chrono::seconds(30));
    return report() ? 0 : 1;
  }

 private:
  std::filesystem::path file() const { return folder_.path() / "frontdesk.db"; }

  /// Rows as Reminders::add() writes them: `count`, the first due at `first`, one each `step` ms.
  static void add(SQLite::Database& db, int count, std::int64_t first, std::int64_t step) {
    const auto n = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < " +
                   std::to_string(count - 1) + ") ";
    const auto due = std::to_string(first) + " + i * " + std::to_string(step);
    const auto owner = "1 + i % " + std::to_string(kChats);
    db.exec(
        "INSERT INTO reminders(person_id, conversation_id, text, does, schedule, zone, has_foreign_words, due_at, "
        "made_at) " +
        n + "SELECT " + owner + ", " + owner + ", 'due ' || (" + due + "), 'say', '', 'UTC', 0, " + due +
        ", 0 FROM n");
    db.exec(
        "INSERT INTO jobs(kind, lane, ref, created_at, not_before, owner, waits_since, head) SELECT 'reminder', id, id, "
        "0, due_at, 0, 0, 1 FROM reminders WHERE id NOT IN (SELECT ref FROM jobs WHERE kind = 'reminder')");
  }

  static void people(SQLite::Database& db) {
    const auto n = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
                   std::to_string(kChats) + ") ";
    db.exec("INSERT OR IGNORE INTO people(section, user_id, name, first_seen) " + n +
            "SELECT 'ops', 'u-' || i, 'Person ' || i, 0 FROM n");
    db.exec("INSERT OR IGNORE INTO conversations(section, chat_id, created_at, room) " + n +
            "SELECT 'ops', 'chat-' || i, 0, 'chat-' || i FROM n");
  }

  /// Claims of what is due while ever more wait for their time, and while ever more are due.
  void claims() {
    const auto at = file().string() + ".claims";
    store::Database db(at);
    db.handle().exec("PRAGMA synchronous=OFF");
    people(db.handle());
    store::JobQueue queue(db);
    const auto now = base::SystemClock().now();
    double reference = 0;
    int rows = 0;
    for (const int goal : {due_ / 100, due_, waiting_}) {
      const int half = (goal - rows) / 2;
      add(db.handle(), half, base::to_unix_ms(now) - 3'600'000, 1);
      add(db.handle(), half, base::to_unix_ms(now) + 86'400'000, 1);
      rows = goal;
      const auto claim = bench::measure(
          due_ / 250, [&] { queue.claim(store::Reminders::kJob, now, store::JobQueue::Order::longest_due); });
      const auto look = bench::measure(due_ / 250, [&] { queue.next_due(store::Reminders::kJob); });
      reference = reference > 0 ? reference : claim.median();
      std::printf(
          "%7d reminders, half of them due: claim %.3f ms (%.2f times that of the first line), next due %.3f ms\n",
          rows, claim.median(), claim.median() / reference, look.median());
    }
  }

  void fill() {
    store::Database schema(file());
    SQLite::Database db(file().string(), SQLite::OPEN_READWRITE);
    db.exec("PRAGMA synchronous=OFF; BEGIN");
    people(db);
    const auto now = base::to_unix_ms(base::SystemClock().now());
    add(db, waiting_, now + 86'400'000, 1'000);
    add(db, due_, now + milliseconds(kPreparation).count(), span_.count() / due_);
    db.exec("COMMIT");
  }

  bool report() {
    SQLite::Database db(file().string(), SQLite::OPEN_READONLY);
    SQLite::Statement rows(
        db,
        "SELECT m.created_at - d.due, coalesce(o.settled_at, 9e15) - d.due FROM messages m JOIN outbox o ON "
        "o.message_id = m.id JOIN (SELECT id, CAST(substr(text, instr(text, 'due ') + 4) AS INTEGER) AS due FROM "
        "messages) d ON d.id = m.id WHERE m.text LIKE '⏰%'");
    bench::Sample posted, delivered;
    while (rows.executeStep()) {
      posted.add(milliseconds(rows.getColumn(0).getInt64()));
      delivered.add(milliseconds(rows.getColumn(1).getInt64()));
    }
    for (const auto& [name, sample] : {std::pair("posted", &posted), std::pair("delivered", &delivered)}) {
      std::sort(sample->ms.begin(), sample->ms.end());
      std::printf(
          "%zu of %d %s; behind their time: median %.0f ms, p99 %.0f ms, worst %.0f ms (goal: < 2000 ms)\n",
          sample->ms.size(), due_, name, sample->median(),
          sample->ms.empty() ? -1 : sample->ms[sample->ms.size() * 99 / 100], sample->worst());
    }
    return static_cast<int>(posted.ms.size()) == due_;
  }

  const int due_;
  const int waiting_;
  const milliseconds span_;
  support::TemporaryFolder folder_;
  support::HttpLoop loop_;
  int received_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  return Bench(argc > 1 && std::string(argv[1]) == "--quick").run();
}
