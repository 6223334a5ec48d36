#include "store/statement.h"

#include <stdexcept>
#include <utility>

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include "base/log.h"
#include "store/commit_group.h"
#include "store/connection.h"

namespace store {

namespace {

bool only_reads(std::string_view sql) {
  return sql.starts_with("SELECT") || sql.starts_with("WITH") || sql.starts_with("PRAGMA");
}

void check(int result) {
  if (result != SQLITE_OK) {
    throw SQLite::Exception("a value cannot be bound", result);
  }
}

}  // namespace

Statement::Statement(Database& db, std::string_view sql)
    : alone_(db.group_ != nullptr && db.shared_ == nullptr && !only_reads(sql)
                 ? std::make_unique<Transaction>(db)
                 : nullptr),
      db_(db),
      connection_(db.connection()),
      statement_(connection_.take(sql)) {}

Statement::~Statement() {
  give_back();
}

/// It may outlive the turn in which it was begun; then others use the connection.
void Statement::give_back() {
  if (statement_) {
    if (&connection_ == db_.own_.get()) {
      connection_.give_back(std::move(statement_));
      CommitGroup::end_reading(db_);
    } else if (&connection_ == db_.shared_) {
      connection_.give_back(std::move(statement_));
    } else {
      connection_.leave(std::move(statement_));
    }
    statement_ = {};
  }
}

bool Statement::step() {
  if (&connection_ != db_.shared_ && &connection_ != db_.own_.get()) {
    throw std::logic_error("a statement outside of its transaction");
  }
  return connection_.step(statement_);
}

int Statement::execute() {
  if (step()) {
    throw std::logic_error("a statement that returns rows is not executed");
  }
  auto* const handle = connection_.handle().getHandle();
  const int changed = sqlite3_changes(handle);
  db_.last_row_id_ = sqlite3_last_insert_rowid(handle);
  finish();
  return changed;
}

bool Statement::next() {
  column_ = 0;
  if (statement_ && step()) {
    return true;
  }
  finish();
  return false;
}

void Statement::finish() {
  give_back();
  if (alone_) {
    alone_->commit();
    alone_.reset();
  }
}

void Statement::put(std::int64_t value) {
  check(sqlite3_bind_int64(statement_.get(), parameter_, value));
}

void Statement::put(int value) {
  check(sqlite3_bind_int(statement_.get(), parameter_, value));
}

void Statement::put(double value) {
  check(sqlite3_bind_double(statement_.get(), parameter_, value));
}

void Statement::put(const std::string& value) {
  // The border at which no key passes, whoever wrote it where: what a chat, a page or a log shows was a row
  // before.
  const auto shown = base::redacted(value);
  check(sqlite3_bind_text(statement_.get(), parameter_, shown.data(), static_cast<int>(shown.size()),
                          SQLITE_TRANSIENT));
}

void Statement::put(base::Timestamp value) {
  put(base::to_unix_ms(value));
}

int Statement::next_column() {
  if (column_ >= sqlite3_data_count(statement_.get())) {
    throw std::logic_error("a column is read that is not there");
  }
  return column_++;
}

void Statement::take(std::int64_t& value) {
  value = sqlite3_column_int64(statement_.get(), next_column());
}

void Statement::take(int& value) {
  value = sqlite3_column_int(statement_.get(), next_column());
}

void Statement::take(double& value) {
  value = sqlite3_column_double(statement_.get(), next_column());
}

void Statement::take(bool& value) {
  value = sqlite3_column_int(statement_.get(), next_column()) != 0;
}

void Statement::take(std::string& value) {
  const int column = next_column();
  const auto* const bytes = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
  value.assign(bytes != nullptr ? bytes : "",
               static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column)));
}

void Statement::take(base::Timestamp& value) {
  value = base::from_unix_ms(sqlite3_column_int64(statement_.get(), next_column()));
}

bool Statement::is_null() const {
  return sqlite3_column_type(statement_.get(), column_) == SQLITE_NULL;
}

}  // namespace store
