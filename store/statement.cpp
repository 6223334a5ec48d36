#include "store/statement.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include "base/log.h"

namespace store {

Statement::Statement(Database& db, const std::string& sql)
    : statement_(std::make_unique<SQLite::Statement>(db.handle(), sql)) {}

Statement::~Statement() = default;

int Statement::execute() {
  return statement_->exec();
}

bool Statement::next() {
  column_ = 0;
  return statement_->executeStep();
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
