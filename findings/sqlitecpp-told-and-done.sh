#!/bin/bash
# What SQLiteCpp 3.2.1 (Debian 12: libsqlitecpp-dev 3.2.1-1) tells of a statement is not always what SQLite did. Seen:
#   - `Statement::exec()` of INSERT … RETURNING throws "exec() does not expect results", yet the row is in the table, to stay;
#     `Database::exec()` of the same text does not throw, and drops what was returned;
#   - `exec("CREATE TABLE …")`, `exec("BEGIN")` and `exec("COMMIT")` return the number of rows of the last INSERT, UPDATE or
#     DELETE before them, 3 where nothing was changed;
#   - `tableExists("T")` says no where CREATE TABLE T fails since there is one (t), and where t is a temporary table;
#   - `Statement` of two statements runs the first and never tells of the second.
# One would guess that an exception means that nothing was stored, so a repeat stores it twice. Use executeStep() for
# RETURNING, take the numbers of INSERT, UPDATE and DELETE alone, CREATE TABLE IF NOT EXISTS instead of a question.
# Exits with 1 if any of this is different.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work

version=3.2.1-1
(
  cd "$work"
  apt-get -qq -o APT::Sandbox::User=root download "libsqlitecpp-dev=$version" libsqlite3-dev libsqlite3-0
  for package in *.deb; do dpkg -x "$package" root; done
)
libraries=$work/root/usr/lib/$(gcc -print-multiarch)

cat >"$work/show.cpp" <<'CPP'
#include <SQLiteCpp/SQLiteCpp.h>

#include <iostream>

int failed = 0;

void check(const std::string& what, const std::string& seen, const std::string& expected) {
  const bool same = seen == expected;
  std::cout << (same ? "as described" : "DIFFERENT") << ": " << what << ": " << seen
            << (same ? "" : " (expected: " + expected + ")") << "\n";
  failed |= same ? 0 : 1;
}

int main() {
  SQLite::Database db(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  db.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, word TEXT)");
  const auto count = [&](const std::string& table) {
    return std::to_string(db.execAndGet("SELECT count(*) FROM " + table).getInt());
  };
  const auto told = [&](const std::string& sql) {
    try {
      SQLite::Statement(db, sql).exec();
      return std::string("no exception");
    } catch (const SQLite::Exception& e) {
      return std::string(e.what());
    }
  };
  const std::string insert = "INSERT INTO t (word) VALUES ('a') RETURNING id";
  check("Statement::exec() of RETURNING", told(insert), "exec() does not expect results. Use executeStep.");
  check("rows after it", count("t"), "1");
  check("Database::exec() of RETURNING", std::to_string(db.exec(insert)), "1");
  check("rows after it", count("t"), "2");
  db.exec("INSERT INTO t (word) VALUES ('b'), ('c'), ('d')");
  check("exec(CREATE TABLE)", std::to_string(db.exec("CREATE TABLE u (x)")), "3");
  check("exec(BEGIN)", std::to_string(db.exec("BEGIN")), "3");
  check("exec(COMMIT)", std::to_string(db.exec("COMMIT")), "3");
  check("tableExists(\"T\")", db.tableExists("T") ? "yes" : "no", "no");
  check("CREATE TABLE T", told("CREATE TABLE T (x)"), "table T already exists");
  db.exec("CREATE TEMP TABLE passing (x)");
  check("tableExists of a temporary one", db.tableExists("passing") ? "yes" : "no", "no");
  check("Statement of two", told("INSERT INTO u VALUES (1); INSERT INTO u VALUES (2)"), "no exception");
  check("rows after it", count("u"), "1");
  return failed;
}
CPP
g++ -std=c++20 -isystem "$work/root/usr/include" "$work/show.cpp" -o "$work/show" -L"$libraries" -lSQLiteCpp -lsqlite3 -pthread
echo "SQLiteCpp: $version"
LD_LIBRARY_PATH=$libraries "$work/show"
