#pragma once

#include <algorithm>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "bot/doctor/checks.h"
#include "store/database.h"

namespace bot::doctor {

/// What the checks look at, and where their lines go.
class Doctor {
 public:
  Doctor(chat::Repair wanted, std::stop_token end, const Report& report)
      : repair(wanted), stop(std::move(end)), report_(report) {}

  std::optional<runtime::Settings> loaded;
  const chat::Repair repair;
  const std::stop_token stop;
  std::optional<store::Database> db;  ///< once check_database could open it

  const runtime::Settings& settings() const { return *loaded; }
  /// Also where a key stands before the detail.
  bool has_said(const std::string& detail) const {
    const auto key = detail.find(": ");
    return said_.contains(detail) || (key != std::string::npos && said_.contains(detail.substr(key + 2)));
  }

  void ok(const std::string& what, const std::string& detail) { found(what, {Mark::ok, detail}); }
  void warn(const std::string& what, const std::string& detail) { found(what, {Mark::warning, detail}); }
  void fail(const std::string& what, const std::string& detail) { found(what, {Mark::failure, detail}); }
  void add(const std::vector<Finding>& findings) {
    for (const auto& [what, result] : findings) {
      found(what, result);
    }
  }
  /// A text in several lines, to be copied somewhere.
  void append(const std::string& text) { appended_.push_back(base::redacted(text)); }
  std::vector<std::string> take_appended() { return std::move(appended_); }

 private:
  using Mark = chat::CheckResult::Mark;

  void found(const std::string& what, const chat::CheckResult& result) {
    auto text = base::redacted(result.detail);
    std::replace(text.begin(), text.end(), '\n', ' ');
    said_.insert(result.detail);
    report_.found({what, {result.mark, std::move(text)}});
  }

  const Report& report_;
  std::vector<std::string> appended_;
  std::set<std::string> said_;
};

}  // namespace bot::doctor
