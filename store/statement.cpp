#include "store/statement.h"

#include <utility>

#include <SQLiteCpp/SQLiteCpp.h>

#include "base/log.h"
#include "store/connection.h"

namespace store {

namespace {

bool only_reads(const std::string& sql) {
  return sql.starts_with("SELECT") || sql.starts_with("WITH") || sql.starts_with("PRAGMA");
}

}  // namespace

Statement::Statement(Database& db, std::string sql)
    : alone_(db.group_ != nullptr && db.shared_ == nullptr && !only_reads(sql)
                 ? std::make_unique<Transaction>(db)
                 : nullptr),
      db_(db),
      connection_(db.connection()),
      sql_(std::move(sql)),
      statement_(connection_.take(sql_)) {}

Statement::~Statement() {
  if (statement_) {
    connection_.give_back(sql_, std::move(statement_));
  }
}

int Statement::execute() {
  const int changed = statement_->exec();
  db_.last_row_id_ = connection_.handle().getLastInsertRowid();
  finish();
  return changed;
}

bool Statement::next() {
  column_ = 0;
  if (statement_ && statement_->executeStep()) {
    return true;
  }
  finish();
  return false;
}

void Statement::finish() {
  if (statement_) {
    connection_.give_back(sql_, std::move(statement_));
  }
  if (alone_) {
    alone_->commit();
    alone_.reset();
  }
}

void Statement::put(std::int64_t value) {
  statement_->bind(parameter_, value);
}

void Statement::put(int value) {
  statement_->bind(parameter_, value);
}

void Statement::put(double value) {
  statement_->bind(parameter_, value);
}

void Statement::put(const std::string& value) {
  // The border at which no key passes, whoever wrote it where: what a chat, a page or a log shows was a row
  // before.
  statement_->bind(parameter_, base::redacted(value));
}

void Statement::put(base::Timestamp value) {
  statement_->bind(parameter_, base::to_unix_ms(value));
}

void Statement::take(std::int64_t& value) {
  value = statement_->getColumn(column_++).getInt64();
}

void Statement::take(int& value) {
  value = statement_->getColumn(column_++).getInt();
}

void Statement::take(double& value) {
  value = statement_->getColumn(column_++).getDouble();
}

void Statement::take(bool& value) {
  value = statement_->getColumn(column_++).getInt() != 0;
}

void Statement::take(std::string& value) {
  value = statement_->getColumn(column_++).getString();
}

void Statement::take(base::Timestamp& value) {
  value = base::from_unix_ms(statement_->getColumn(column_++).getInt64());
}

bool Statement::is_null() const {
  return statement_->getColumn(column_).isNull();
}

}  // namespace store
