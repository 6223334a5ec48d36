#pragma once

#include <string>

namespace bot::cli {

/// What `frontdesk log` was asked for; empty: not asked.
struct LogOptions {
  std::string config;
  std::string chat, project, outcome, since;
  int limit = 50;
  std::string id;
  std::string format = "jsonl";
  bool json = false;
};

// `frontdesk log list | show | export | savings`: the dispatch log for an admin, on standard output. Each
// returns the exit status and throws base::ConfigError.
int show_log_list(const LogOptions& options);
int show_log_entry(const LogOptions& options);
int export_log(const LogOptions& options);
int show_savings(const LogOptions& options);

}  // namespace bot::cli
