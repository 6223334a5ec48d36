#pragma once

#include <string>
#include <vector>

namespace bot::cli {

/// What `frontdesk log` was asked for; empty: not asked.
struct LogOptions {
  std::string config;
  std::string chat, user, project, outcome, since, until;
  std::vector<std::string> words;  ///< of search
  std::vector<std::string> grep;   ///< of approvals
  std::string by = "day";          ///< of summary: user, chat, day or project
  int limit = 50;
  std::string id;
  std::string format = "jsonl";
  bool json = false;
  std::string head_file;   ///< of verify
  std::string older_than;  ///< of prune
  bool dry_run = false;
};

// `frontdesk log list | search | show | export | savings | summary | approvals`: the dispatch log for an
// admin, on standard output. Each returns the exit status and throws base::ConfigError.
int show_log_list(const LogOptions& options);
int show_log_entry(const LogOptions& options);
int export_log(const LogOptions& options);
int show_savings(const LogOptions& options);
int show_log_summary(const LogOptions& options);
int show_log_approvals(const LogOptions& options);
/// `frontdesk log review`: what is worth a look, and why.
int show_log_review(const LogOptions& options);

// `frontdesk log verify | head`: the hash chain. They write nothing.
int verify_log(const LogOptions& options);
int show_log_head(const LogOptions& options);

/// `frontdesk log prune`: takes the texts out of old rows.
int prune_log(const LogOptions& options);

}  // namespace bot::cli
