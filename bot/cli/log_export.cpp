#include <algorithm>
#include <array>
#include <iostream>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "bot/cli/log_commands.h"
#include "bot/cli/log_reading.h"
#include "bot/reporting/log_items.h"

namespace bot::cli {
namespace {

using nlohmann::json;

/// RFC 4180; a cell that a spreadsheet would take for a formula gets an apostrophe.
std::string csv_cell(const json& value) {
  auto text = value.is_string() ? value.get<std::string>() : value.is_null() ? "" : base::dump_json(value);
  if (value.is_string() && !text.empty() &&
      std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos) {
    text.insert(0, 1, '\'');
  }
  if (text.find_first_of(",\"\r\n") == std::string::npos) {
    return text;
  }
  std::string quoted = "\"";
  for (const char c : text) {
    quoted += c == '"' ? "\"\"" : std::string(1, c);
  }
  return quoted + "\"";
}

}  // namespace

int export_log(const LogOptions& options) {
  OpenLog log(options);
  auto rows = log.view.rows(filter_of(options, 0));
  std::reverse(rows.begin(), rows.end());
  constexpr std::array kColumns = {"id",       "at",       "chat",        "person",          "text",
                                   "action",   "p",        "ask_at",      "dispatch_at",     "outcome",
                                   "project",  "usd",      "dispatch",    "decision",        "user",
                                   "name",     "message",  "layer",       "cause",           "reason",
                                   "proposal", "question", "ask_at_from", "dispatch_at_from"};
  if (options.format == "csv") {
    for (std::size_t i = 0; i < kColumns.size(); ++i) {
      std::cout << (i == 0 ? "" : ",") << kColumns.at(i);
    }
    std::cout << "\r\n";
  }
  for (const auto& row : rows) {
    const auto object = reporting::to_json(row);
    if (options.format == "jsonl") {
      std::cout << base::dump_json(object) << "\n";
      continue;
    }
    for (std::size_t i = 0; i < kColumns.size(); ++i) {
      std::cout << (i == 0 ? "" : ",") << csv_cell(object.at(kColumns.at(i)));
    }
    std::cout << "\r\n";
  }
  return 0;
}

}  // namespace bot::cli
