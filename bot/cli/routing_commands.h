#pragma once

#include <ostream>
#include <string>

namespace bot::cli {

/// What `frontdesk route` was asked; empty: not asked.
struct RouteOptions {
  std::string config;
  std::string text;
  std::string chat, user;  ///< "<section>:<id>"
  std::string what_if;     ///< "ask_at=0.3,dispatch_at=0.8"
  std::string reset;       ///< "global", "chat S:ID" or "user S:ID"
  int days = 30;
  bool model = false;  ///< ask the configured secretary, too
  bool json = false;
};

/// What `frontdesk eval` was asked.
struct EvalOptions {
  std::string config;
  std::string file;
  std::string html;    ///< the page to write; empty: none
  bool model = false;  ///< ask the configured secretary about every turn
  bool json = false;
};

// How messages are routed, on standard output. Each returns the exit status and throws base::ConfigError.

/// What would happen to a message, and why; runs nothing.
int show_route(const RouteOptions& options, std::ostream& out);
/// Drops what the console stored for a scope.
int reset_route(const RouteOptions& options, std::ostream& out);
/// What the last days would have come to at other thresholds.
int show_projection(const RouteOptions& options, std::ostream& out);
/// How the routing does on labelled turns.
int evaluate_routing(const EvalOptions& options, std::ostream& out);

}  // namespace bot::cli
