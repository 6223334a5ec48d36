#include "store/chain_check.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/core.h>
#include <sqlite3.h>

#include "base/crypto.h"
#include "store/chain.h"
#include "store/statement.h"

namespace store {
namespace {

const std::string kNoHash(32, '\0');

/// Problems as they are found; the one with the lowest entry is the first. A row without entry comes last.
class Findings {
 public:
  explicit Findings(ChainReport& report) : report_(report) {}
  void add(std::optional<std::int64_t> entry, ChainProblem problem) {
    ++report_.problems;
    const auto place = entry.value_or(INT64_MAX);
    if (!report_.first || place < lowest_) {
      lowest_ = place;
      report_.first = std::move(problem);
    }
  }

 private:
  ChainReport& report_;
  std::int64_t lowest_ = 0;
};

void check_links(Database& db, ChainReport& report, Findings& findings) {
  std::int64_t expected = 1;
  std::string before = kNoHash;
  Statement entries(db, "SELECT seq, about, row_id, event, digest, hash FROM chain ORDER BY seq");
  while (entries.next()) {
    std::int64_t seq = 0, row = 0;
    std::string about, event, digest, hash;
    entries.read(seq, about, row, event, digest, hash);
    if (seq != expected) {
      findings.add(expected, {"chain", expected, fmt::format("was removed (the next entry is {})", seq)});
    } else if (chain_hash(before, seq, about, row, event, digest) != hash) {
      findings.add(seq,
                   {"chain", seq, fmt::format("does not follow from the entry before ({} {})", about, row)});
    } else if (event == chain_event::kUnfit) {
      findings.add(seq, {about, row, "was changed by another program before its next change"});
    }
    report.pruned += event == chain_event::kPruned ? 1 : 0;
    report.erased += event == chain_event::kErased ? 1 : 0;
    expected = seq + 1;
    before = hash;
    report.head = {seq, base::to_hex(hash)};
  }
}

void count_rows_before(Database& db, ChainReport& report) {
  Statement rows(
      db,
      "SELECT about, count(*), min(seq) FROM chain c WHERE event = 'taken-over' AND NOT EXISTS (SELECT 1 "
      "FROM chain e WHERE e.about = c.about AND e.row_id = c.row_id AND e.seq < c.seq) GROUP BY about");
  while (rows.next()) {
    std::string about;
    ChainReport::Before before;
    rows.read(about, before.rows, before.entry);
    report.before[about] = before;
  }
}

/// Each row that was ever chained, beside its last entry; then what stands in the table and in no entry.
void check_rows(Database& db, const std::string& table, ChainReport& report, Findings& findings) {
  Statement rows(
      db, fmt::format("SELECT e.row_id, c.seq, t.id IS NULL, c.digest, {} FROM (SELECT row_id, max(seq) AS "
                      "last FROM chain WHERE about = '{}' GROUP BY row_id) e JOIN chain c ON c.seq = e.last "
                      "LEFT JOIN {} t ON t.id = e.row_id ORDER BY e.row_id",
                      digest_call(db.handle(), table), table, table));
  while (rows.next()) {
    std::int64_t id = 0, seq = 0;
    bool gone = false;
    std::string digest, found;
    rows.read(id, seq, gone, digest, found);
    ++report.rows[table];
    if (gone) {
      findings.add(seq, {table, id, "was removed"});
    } else if (digest != found) {
      findings.add(seq, {table, id, "is not what the chain says of it"});
    }
  }
  Statement strange(
      db, fmt::format("SELECT id FROM {0} t WHERE NOT EXISTS (SELECT 1 FROM chain WHERE about = '{0}' "
                      "AND row_id = t.id) ORDER BY id",
                      table));
  while (strange.next()) {
    findings.add(std::nullopt, {table, strange.value<std::int64_t>(), "is not in the chain"});
  }
}

/// What is read while it lives was true at one moment.
class Snapshot {
 public:
  explicit Snapshot(Database& db) : db_(db) { db_.handle().exec("BEGIN"); }
  ~Snapshot() { db_.handle().tryExec("ROLLBACK"); }
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

 private:
  Database& db_;
};

bool is_there(Database& db) {
  return Statement(db, "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'chain'").any();
}

}  // namespace

ChainHead ChainCheck::head() {
  return Statement(db_, "SELECT seq, hash FROM chain ORDER BY seq DESC LIMIT 1")
      .first([](Statement& row) {
        ChainHead head;
        row.read(head.entries, head.hash);
        head.hash = base::to_hex(head.hash);
        return head;
      })
      .value_or(ChainHead{0, base::to_hex(kNoHash)});
}

std::optional<ChainProblem> ChainCheck::missing(const ChainHead& head) {
  const auto hash =
      head.entries == 0
          ? std::optional(kNoHash)
          : Statement(db_, "SELECT hash FROM chain WHERE seq = ?", head.entries).first<std::string>();
  if (!hash) {
    const auto last = this->head().entries;
    return ChainProblem{"chain", last + 1,
                        fmt::format("was removed: the head has {} rows, here are {}", head.entries, last)};
  }
  if (base::to_hex(*hash) != head.hash) {
    return ChainProblem{"chain", head.entries, "is another than the head says"};
  }
  return std::nullopt;
}

void ChainCheck::interrupt() {
  sqlite3_interrupt(db_.handle().getHandle());
}

ChainReport ChainCheck::verify() {
  ChainReport report;
  report.head = {0, base::to_hex(kNoHash)};
  Findings findings(report);
  if (!is_there(db_)) {
    findings.add(1, {"chain", 1, "was removed, and the whole table with it"});
    return report;
  }
  const Snapshot snapshot(db_);
  check_links(db_, report, findings);
  count_rows_before(db_, report);
  for (const auto table : kChainedTables) {
    check_rows(db_, std::string(table), report, findings);
  }
  return report;
}

}  // namespace store
