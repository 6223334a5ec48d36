#include "bot/reporting/log_csv.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/json.h"

namespace bot::reporting {
namespace {

using nlohmann::json;

constexpr std::array kColumns = {"id",       "at",          "chat",
                                 "person",   "text",        "action",
                                 "p",        "ask_at",      "dispatch_at",
                                 "outcome",  "project",     "usd",
                                 "dispatch", "decision",    "user",
                                 "name",     "chat_name",   "message",
                                 "layer",    "cause",       "reason",
                                 "proposal", "question",    "outcome_cause",
                                 "verdict",  "ask_at_from", "dispatch_at_from",
                                 "at_ms",    "summary",     "rule",
                                 "follows",  "tools"};

/// What a spreadsheet begins a formula with, also as wide as a character of Chinese or Japanese.
constexpr std::array<std::string_view, 11> kFormulas = {"=",  "+",      "-",      "@",      "\t",    "\r",
                                                        "\n", "\uFF1D", "\uFF0B", "\uFF0D", "\uFF20"};

std::string cell(const json& value) {
  auto text = value.is_string() ? value.get<std::string>() : value.is_null() ? "" : base::dump_json(value);
  if (value.is_string() && std::any_of(kFormulas.begin(), kFormulas.end(),
                                       [&](auto formula) { return text.starts_with(formula); })) {
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

std::string csv_header() {
  std::string line;
  for (const auto* const column : kColumns) {
    line += (line.empty() ? "" : ",") + std::string(column);
  }
  return line + "\r\n";
}

std::string csv_line(const json& item) {
  std::string line;
  for (const auto* const column : kColumns) {
    line += (column == kColumns.front() ? "" : ",") + cell(item.at(column));
  }
  return line + "\r\n";
}

}  // namespace bot::reporting
