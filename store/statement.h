#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "store/connection.h"
#include "store/database.h"
#include "store/states.h"

namespace store {

/// An SQL statement with its parameters bound, and the rows it returns: the one place where C++ values become
/// columns and the other way round. It is prepared once for a connection and kept there. Only store/ uses it.
/// Takes and gives numbers, bool, std::string, base::Timestamp, the ids, the types of states.h, and
/// std::optional of these for what may be NULL. Thread rule: that of the Database.
class Statement {
 public:
  Statement(Database& db, std::string_view sql);
  /// Binds the values to ?1, ?2 and so on; each value of a std::vector to one.
  template <typename... Values>
  requires(sizeof...(Values) > 0) Statement(Database& db, std::string_view sql, const Values&... values)
      : Statement(db, sql) {
    (bind(values), ...);
  }
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  /// For a statement that returns no row: carries it out. Returns the number of rows it changed.
  int execute();

  /// Goes to the next row; false behind the last one.
  bool next();
  /// Reads the next column of the row, and so on. Throws base::PermanentError for a state that is unknown.
  template <typename... Values>
  void read(Values&... values) {
    (take(values), ...);
  }
  template <typename Value>
  Value value() {
    Value value{};
    take(value);
    return value;
  }

  /// Every row, as `read_row` makes it of the statement.
  template <typename Read>
  auto all(const Read& read_row) {
    std::vector<std::invoke_result_t<Read, Statement&>> rows;
    while (next()) {
      rows.push_back(read_row(*this));
    }
    return rows;
  }
  /// The first column of every row.
  template <typename Value>
  std::vector<Value> all() {
    return all([](Statement& row) { return row.value<Value>(); });
  }
  /// The first row, if there is one. The statement runs to its end, which is when RETURNING has written.
  template <typename Read>
  auto first(const Read& read_row) {
    std::optional<std::invoke_result_t<Read, Statement&>> row;
    if (next()) {
      row.emplace(read_row(*this));
      while (next()) {
      }
    }
    return row;
  }
  template <typename Value>
  std::optional<Value> first() {
    return first([](Statement& row) { return row.value<Value>(); });
  }
  /// Whether there is a row.
  bool any() { return next(); }

 private:
  void put(std::int64_t value);
  void put(int value);
  void put(double value);
  void put(const std::string& value);
  void put(base::Timestamp value);
  template <typename State>
  requires std::is_enum_v<State>
  void put(State state) { put(to_string(state)); }
  template <typename Id>
  requires std::same_as<decltype(Id::value), std::int64_t>
  void put(const Id& id) { put(id.value); }

  template <typename Value>
  void bind(const Value& value) {
    ++parameter_;
    put(value);
  }
  template <typename Value>
  void bind(const std::vector<Value>& values) {
    for (const auto& value : values) {
      bind(value);
    }
  }
  template <typename Value>
  void bind(const std::optional<Value>& value) {
    ++parameter_;
    if (value) {
      put(*value);
    }
  }

  void take(std::int64_t& value);
  void take(int& value);
  void take(double& value);
  void take(bool& value);
  void take(std::string& value);
  void take(base::Timestamp& value);
  template <typename State>
  requires std::is_enum_v<State>
  void take(State& state) { state = stored<State>(value<std::string>()); }
  template <typename Id>
  requires std::same_as<decltype(Id::value), std::int64_t>
  void take(Id& id) { take(id.value); }
  template <typename Value>
  void take(std::optional<Value>& value) {
    value.reset();
    if (is_null()) {
      ++column_;
    } else {
      value = this->value<Value>();
    }
  }
  bool is_null() const;
  int next_column();
  bool step();
  void give_back();
  /// Nothing more comes of it: gives the prepared statement back, and ends the transaction of its own.
  void finish();

  std::unique_ptr<Transaction> alone_;  ///< where it writes in a CommitGroup outside of any transaction
  Database& db_;
  Connection& connection_;
  Connection::Prepared statement_;
  int parameter_ = 0;
  int column_ = 0;
};

}  // namespace store
