#include <charconv>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>

#include <fmt/core.h>

#include "base/crypto.h"
#include "base/error.h"
#include "base/file.h"
#include "base/utf8.h"
#include "bot/cli/log_commands.h"
#include "bot/cli/log_reading.h"
#include "store/chain.h"
#include "store/chain_check.h"
#include "store/existing_database.h"

namespace bot::cli {
namespace {

constexpr std::size_t kHashBytes = 32;

/// "<rows> <hex>"; nothing where the line is something else.
std::optional<store::ChainHead> head_of(const std::string& line) {
  std::istringstream words(line);
  std::string rows, more;
  store::ChainHead head;
  if (!(words >> rows >> head.hash) || (words >> more)) {
    return std::nullopt;
  }
  const auto parsed = std::from_chars(rows.data(), rows.data() + rows.size(), head.entries);
  const auto hash = base::from_hex(head.hash);
  if (parsed.ec != std::errc() || parsed.ptr != rows.data() + rows.size() || head.entries < 0 || !hash ||
      hash->size() != kHashBytes) {
    return std::nullopt;
  }
  head.hash = base::to_hex(*hash);
  return head;
}

/// All heads that were kept in the file, one a line. Throws base::ConfigError.
std::vector<store::ChainHead> read_heads(const std::string& path) {
  std::ifstream file(base::expand_home(path));
  if (!file) {
    throw base::ConfigError(fmt::format("--head: {}: cannot be read", path));
  }
  std::vector<store::ChainHead> heads;
  std::size_t number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (base::trim(line).empty()) {
      continue;
    }
    const auto head = head_of(line);
    if (!head) {
      throw base::ConfigError(
          fmt::format("--head: {}: line {} is not what `frontdesk log head` prints", path, number));
    }
    heads.push_back(*head);
  }
  if (heads.empty()) {
    throw base::ConfigError(fmt::format("--head: {}: is empty", path));
  }
  return heads;
}

int tell(const store::ChainProblem& problem, std::int64_t problems) {
  std::cout << fmt::format("{} {}: {}.\n", problem.table, problem.id, problem.what);
  if (problems > 1) {
    std::cout << fmt::format("It is the first of {} rows that do not fit.\n", problems);
  }
  return 1;
}

}  // namespace

int verify_log(const LogOptions& options) {
  const auto heads =
      options.head_file.empty() ? std::vector<store::ChainHead>() : read_heads(options.head_file);
  auto db = store::open_existing(load_quietly(options.config).database);
  store::ChainCheck check(db);
  const auto report = check.verify();
  if (report.first) {
    return tell(*report.first, report.problems);
  }
  for (const auto& head : heads) {
    if (const auto problem = check.missing(head)) {
      return tell(*problem, 1);
    }
  }
  std::string rows;
  for (const auto table : store::kChainedTables) {
    const auto found = report.rows.find(std::string(table));
    rows += fmt::format("{}{} {}", rows.empty() ? "" : ", ", table,
                        found == report.rows.end() ? 0 : found->second);
  }
  std::cout << fmt::format("The log is whole: {} entries for {}.\n", report.head.entries, rows);
  for (const auto& [table, before] : report.before) {
    std::cout << fmt::format("{} of {} were there before the chain covered them, from entry {} on.\n",
                             before.rows, table, before.entry);
  }
  if (report.pruned > 0) {
    std::cout << fmt::format("The texts of {} of these rows were pruned.\n", report.pruned);
  }
  if (report.erased > 0) {
    std::cout << fmt::format("The texts of {} of these rows were erased with their person.\n", report.erased);
  }
  if (!heads.empty()) {
    std::cout << fmt::format("It holds {}.\n", heads.size() == 1 ? "the head that was kept"
                                                                 : fmt::format("all {} heads", heads.size()));
  }
  return 0;
}

int show_log_head(const LogOptions& options) {
  auto db = store::open_existing(load_quietly(options.config).database);
  const auto head = store::ChainCheck(db).head();
  std::cout << head.entries << " " << head.hash << "\n";
  return 0;
}

}  // namespace bot::cli
