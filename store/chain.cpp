#include "store/chain.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/core.h>
#include <fmt/ranges.h>
#include <sqlite3.h>

#include "base/crypto.h"
#include "base/id.h"
#include "base/log.h"
#include "store/statement.h"

namespace store {
namespace {

constexpr std::size_t kSaltBytes = 16, kHashBytes = 32;
constexpr const char* kDigest = "frontdesk_digest";
constexpr const char* kAppend = "frontdesk_chain";
constexpr const char* kEvent = "frontdesk_chain_event";

using Values = sqlite3_value**;

void add_number(std::string& bytes, std::uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) {
    bytes += static_cast<char>(number >> static_cast<unsigned>(shift));
  }
}

std::string blob_of(sqlite3_value* value) {
  const auto* bytes = static_cast<const char*>(sqlite3_value_blob(value));
  return {bytes != nullptr ? bytes : "", static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

/// The bytes of a value, with a letter for its type in front; empty of NULL.
std::string packed(sqlite3_value* value) {
  std::string bytes;
  switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
      bytes = "i";
      add_number(bytes, static_cast<std::uint64_t>(sqlite3_value_int64(value)));
      break;
    case SQLITE_FLOAT: {
      const double number = sqlite3_value_double(value);
      std::uint64_t bits = 0;
      static_assert(sizeof bits == sizeof number);
      std::copy_n(reinterpret_cast<const char*>(&number), sizeof bits, reinterpret_cast<char*>(&bits));
      bytes = "r";
      add_number(bytes, bits);
      break;
    }
    case SQLITE_NULL:
      break;
    default:
      bytes = sqlite3_value_type(value) == SQLITE_TEXT ? "t" : "b";
      bytes += blob_of(value);
  }
  return bytes;
}

std::string blob(const SQLite::Column& column) {
  return {static_cast<const char*>(column.getBlob()), static_cast<std::size_t>(column.getBytes())};
}

void bind_blob(SQLite::Statement& statement, int parameter, const std::string& bytes) {
  statement.bind(parameter, bytes.data(), static_cast<int>(bytes.size()));
}

/// Ends a statement that is used again, whatever becomes of it.
class Use {
 public:
  explicit Use(SQLite::Statement& statement) : statement_(statement) {}
  ~Use() { statement_.tryReset(); }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;

 private:
  SQLite::Statement& statement_;
};

/// Those that the chain of this database covers: an older one has fewer, until it is migrated. A table may
/// have been there before the chain covered it.
std::vector<std::string_view> chained_tables(SQLite::Database& db) {
  SQLite::Statement schema(db, "SELECT sql FROM main.sqlite_schema WHERE type = 'table' AND name = 'chain'");
  const auto checks = schema.executeStep() ? schema.getColumn(0).getString() : std::string();
  std::vector<std::string_view> there;
  std::copy_if(
      kChainedTables.begin(), kChainedTables.end(), std::back_inserter(there),
      [&](std::string_view table) { return checks.find(fmt::format("'{}'", table)) != std::string::npos; });
  return there;
}

/// What the SQL functions of one connection share.
class ChainWriter {
 public:
  explicit ChainWriter(SQLite::Database& db)
      : last_(db, "SELECT seq, hash FROM chain ORDER BY seq DESC LIMIT 1"),
        last_of_row_(
            db, "SELECT salt, digest FROM chain WHERE about = ? AND row_id = ? ORDER BY seq DESC LIMIT 1"),
        insert_(
            db,
            "INSERT INTO chain(seq, about, row_id, event, salt, digest, hash) VALUES (?, ?, ?, ?, ?, ?, ?)"),
        unsalt_(db, "UPDATE chain SET salt = NULL WHERE about = ? AND row_id = ? AND salt IS NOT NULL") {
    for (const auto table : chained_tables(db)) {
      columns_.emplace(table, chained_columns(db, table));
    }
  }

  const std::vector<std::string>& columns(const std::string& table) const { return columns_.at(table); }
  void set_event(std::string event) { event_ = std::move(event); }

  std::string digest(const std::string& table, const std::string& salt, Values values) const {
    std::string bytes = salt + table + '\0';
    for (const auto& column : columns(table)) {
      const auto value = packed(*values++);
      if (!value.empty()) {
        bytes += column + '\0' + value.front();
        add_number(bytes, value.size() - 1);
        bytes.append(value, 1);
      }
    }
    return base::sha256(bytes);
  }

  /// `before` is null of a row that was inserted.
  void changed(const std::string& table, std::int64_t row, Values before, Values after) {
    const auto count = columns(table).size();
    if (before != nullptr) {
      if (std::equal(before, before + count, after,
                     [](sqlite3_value* a, sqlite3_value* b) { return packed(a) == packed(b); })) {
        return;
      }
      check(table, row, before);
    }
    const bool forgets = event_ == chain_event::kPruned || event_ == chain_event::kErased;
    if (forgets) {
      const Use use(unsalt_);
      unsalt_.bind(1, table);
      unsalt_.bind(2, row);
      unsalt_.exec();
    }
    append(table, row, event_, after);
  }

  void append(const std::string& table, std::int64_t row, const std::string& event, Values values) {
    std::int64_t seq = 1;
    std::string before(kHashBytes, '\0');
    {
      const Use use(last_);
      if (last_.executeStep()) {
        seq = last_.getColumn(0).getInt64() + 1;
        before = blob(last_.getColumn(1));
      }
    }
    const auto salt = base::random_bytes(kSaltBytes);
    const auto content = digest(table, salt, values);
    const auto hash = chain_hash(before, seq, table, row, event, content);
    const Use use(insert_);
    insert_.bind(1, seq);
    insert_.bind(2, table);
    insert_.bind(3, row);
    insert_.bind(4, event);
    bind_blob(insert_, 5, salt);
    bind_blob(insert_, 6, content);
    bind_blob(insert_, 7, hash);
    insert_.exec();
  }

 private:
  /// An entry that tells of it where the row is not as the last entry has it: the next would hide that.
  void check(const std::string& table, std::int64_t row, Values found) {
    bool fits = false;
    {
      const Use use(last_of_row_);
      last_of_row_.bind(1, table);
      last_of_row_.bind(2, row);
      fits = last_of_row_.executeStep() &&
             digest(table, blob(last_of_row_.getColumn(0)), found) == blob(last_of_row_.getColumn(1));
    }
    if (!fits) {
      append(table, row, chain_event::kUnfit, found);
    }
  }

  SQLite::Statement last_, last_of_row_, insert_, unsalt_;
  std::map<std::string, std::vector<std::string>, std::less<>> columns_;
  std::string event_ = chain_event::kWritten;
};

/// Runs it; what it throws fails the statement that called the function, with SQLite's own code.
template <typename Run>
void guarded(sqlite3_context* context, const Run& run) noexcept {
  try {
    run(*static_cast<ChainWriter*>(sqlite3_user_data(context)));
  } catch (const SQLite::Exception& e) {
    sqlite3_result_error(context, e.what(), -1);
    sqlite3_result_error_code(context, e.getErrorCode());
  } catch (const std::exception& e) {
    sqlite3_result_error(context, e.what(), -1);
  }
}

/// frontdesk_digest(table, salt, value of each column)
void digest_function(sqlite3_context* context, int, Values values) {
  guarded(context, [&](const ChainWriter& writer) {
    const auto digest = writer.digest(blob_of(values[0]), blob_of(values[1]), values + 2);
    sqlite3_result_blob(context, digest.data(), static_cast<int>(digest.size()), SQLITE_TRANSIENT);
  });
}

/// frontdesk_chain(table, id, event or NULL, value of each column[, and of each as it is now])
void append_function(sqlite3_context* context, int count, Values values) {
  guarded(context, [&](ChainWriter& writer) {
    const auto table = blob_of(values[0]);
    const auto id = sqlite3_value_int64(values[1]);
    const auto columns = static_cast<int>(writer.columns(table).size());
    if (sqlite3_value_type(values[2]) != SQLITE_NULL) {
      writer.append(table, id, blob_of(values[2]), values + 3);
    } else {
      const bool inserted = count == 3 + columns;
      writer.changed(table, id, inserted ? nullptr : values + 3, values + 3 + (inserted ? 0 : columns));
    }
  });
}

/// frontdesk_chain_event(event): what the next changes are
void event_function(sqlite3_context* context, int, Values values) {
  guarded(context, [&](ChainWriter& writer) { writer.set_event(blob_of(values[0])); });
}

/// "NEW.a, NEW.b"
std::string list(const std::vector<std::string>& columns, const char* of) {
  std::vector<std::string> names;
  for (const auto& column : columns) {
    names.push_back(fmt::format("{}.\"{}\"", of, column));
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

void add_functions(SQLite::Database& db) {
  auto writer = std::make_unique<ChainWriter>(db);
  auto* handle = db.getHandle();
  // The last one owns the writer.
  sqlite3_create_function_v2(handle, kDigest, -1, SQLITE_UTF8, writer.get(), digest_function, nullptr,
                             nullptr, nullptr);
  sqlite3_create_function_v2(handle, kEvent, 1, SQLITE_UTF8, writer.get(), event_function, nullptr, nullptr,
                             nullptr);
  sqlite3_create_function_v2(handle, kAppend, -1, SQLITE_UTF8, writer.release(), append_function, nullptr,
                             nullptr, [](void* owned) { delete static_cast<ChainWriter*>(owned); });
}

void add_triggers(SQLite::Database& db) {
  for (const auto table : chained_tables(db)) {
    const auto columns = chained_columns(db, table);
    const auto now = list(columns, "NEW");
    db.exec(
        fmt::format("CREATE TEMP TRIGGER chain_{0}_insert AFTER INSERT ON main.{0} BEGIN "
                    "SELECT {1}('{0}', NEW.id, NULL, {2}); END;"
                    "CREATE TEMP TRIGGER chain_{0}_update AFTER UPDATE ON main.{0} BEGIN "
                    "SELECT {1}('{0}', NEW.id, NULL, {3}, {2}); END",
                    table, kAppend, now, list(columns, "OLD")));
  }
}

/// The functions without the triggers, for a while.
class Functions {
 public:
  explicit Functions(SQLite::Database& db) : db_(db) { add_functions(db); }
  ~Functions() { detach_chain(db_); }
  Functions(const Functions&) = delete;
  Functions& operator=(const Functions&) = delete;

 private:
  SQLite::Database& db_;
};

/// Adds an entry for each row that holds.
void take_over_rows(SQLite::Database& db, std::string_view table, const std::string& where) {
  db.exec(fmt::format("SELECT {}('{}', t.id, '{}', {}) FROM {} t WHERE {} ORDER BY t.id", kAppend, table,
                      chain_event::kTakenOver, list(chained_columns(db, table), "t"), table, where));
}

/// Each row that is not as its last entry says, or that has none: "decisions 7".
std::set<std::string> unfit_rows(SQLite::Database& db) {
  std::set<std::string> unfit;
  for (const auto table : chained_tables(db)) {
    SQLite::Statement rows(
        db, fmt::format(
                "SELECT t.id FROM {0} t LEFT JOIN chain c ON c.seq = (SELECT max(seq) FROM chain WHERE "
                "about = '{0}' AND row_id = t.id) WHERE c.seq IS NULL OR c.digest IS NOT {1} ORDER BY t.id",
                table, digest_call(db, table)));
    while (rows.executeStep()) {
      unfit.insert(fmt::format("{} {}", table, rows.getColumn(0).getInt64()));
    }
  }
  return unfit;
}

}  // namespace

std::string chain_hash(const std::string& before, std::int64_t seq, const std::string& table,
                       std::int64_t row, const std::string& event, const std::string& digest) {
  auto link = before;
  add_number(link, static_cast<std::uint64_t>(seq));
  link += table + '\0';
  add_number(link, static_cast<std::uint64_t>(row));
  link += event + '\0' + digest;
  return base::sha256(link);
}

std::string digest_call(SQLite::Database& db, std::string_view table) {
  return fmt::format("{}('{}', c.salt, {})", kDigest, table, list(chained_columns(db, table), "t"));
}

std::vector<std::string> chained_columns(SQLite::Database& db, std::string_view table) {
  std::vector<std::string> names;
  SQLite::Statement columns(db, "SELECT name FROM pragma_table_info(?) ORDER BY name");
  columns.bind(1, std::string(table));
  while (columns.executeStep()) {
    names.push_back(columns.getColumn(0).getString());
  }
  return names;
}

void attach_chain(SQLite::Database& db) {
  if (!db.tableExists("chain")) {
    return;
  }
  add_functions(db);
  try {
    add_triggers(db);
  } catch (...) {
    detach_chain(db);
    throw;
  }
}

void detach_chain(SQLite::Database& db) noexcept {
  for (const char* name : {kDigest, kEvent, kAppend}) {
    sqlite3_create_function_v2(db.getHandle(), name, std::string_view(name) == kEvent ? 1 : -1, SQLITE_UTF8,
                               nullptr, nullptr, nullptr, nullptr, nullptr);
  }
}

ChainedErasure::ChainedErasure(Database& db, const char* event) : db_(db) {
  Statement(db_, fmt::format("SELECT {}(?)", kEvent), std::string(event)).next();
}

ChainedErasure::~ChainedErasure() {
  try {
    Statement(db_, fmt::format("SELECT {}(?)", kEvent), std::string(chain_event::kWritten)).next();
  } catch (const std::exception& e) {
    base::log_error("chain: {}", e.what());
  }
}

ChainOverMigrations::ChainOverMigrations(SQLite::Database& db)
    : db_(db), was_there_(db.tableExists("chain")) {
  if (was_there_) {
    const Functions functions(db_);
    unfit_ = unfit_rows(db_);
  }
}

void ChainOverMigrations::take_over() {
  if (!db_.tableExists("chain")) {
    return;
  }
  const Functions functions(db_);
  if (!was_there_) {
    for (const auto table : chained_tables(db_)) {
      take_over_rows(db_, table, "TRUE");
    }
    return;
  }
  for (const auto& row : unfit_rows(db_)) {
    if (unfit_.count(row) == 0) {
      const auto space = row.find(' ');
      take_over_rows(db_, row.substr(0, space), "t.id = " + row.substr(space + 1));
    }
  }
}

}  // namespace store
