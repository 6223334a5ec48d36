#include "bot/cli/tools_command.h"

#include <algorithm>
#include <optional>
#include <ostream>
#include <vector>

#include <fmt/core.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/nearest.h"
#include "base/utf8.h"
#include "bot/doctor/tool_findings.h"
#include "bot/runs/sandbox_choice.h"
#include "bot/tools/inspection.h"
#include "store/database.h"
#include "store/existing_database.h"

namespace bot::cli {
namespace {

void check_name(const runtime::Settings& settings, const std::string& name) {
  std::vector<std::string> names;
  for (const auto& server : settings.tool_servers) {
    names.push_back(server.name);
  }
  if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end()) {
    const auto near = base::nearest(name, names);
    throw base::ConfigError(fmt::format("there is no [mcp_servers.{}]{}", name,
                                        near ? fmt::format("; did you mean \"{}\"?", *near) : std::string()));
  }
}

}  // namespace

bool print_tools(const ToolsOptions& options, std::ostream& out, std::ostream& err) {
  const auto settings = runtime::load_settings(options.flags);
  check_name(settings, options.server);
  if (settings.tool_servers.empty()) {
    err << "No server is configured: there is no [mcp_servers.<name>].\n";
    return true;
  }
  const auto sandbox = runs::choose_sandbox(settings.dispatch, runtime::own_folders(settings)).sandbox;
  // Looking makes no database; accepting does, where there is none.
  auto db = options.accept ? std::make_optional<store::Database>(settings.database)
                           : store::open_if_there(settings.database);
  bool all_well = true;
  for (const auto& server : settings.tool_servers) {
    if (!options.server.empty() && server.name != options.server) {
      continue;
    }
    const auto found = tools::inspect(settings, server, sandbox, db ? &*db : nullptr, {});
    if (!found.problem.empty()) {
      all_well = false;
      err << fmt::format("mcp_servers.{}: it cannot be used: {}\n{}", server.name, found.problem,
                         found.last_lines.empty() ? "" : "It wrote:\n" + found.last_lines + "\n");
      continue;
    }
    out << doctor::tool_list(server.name, found)
        << fmt::format("\n# To paste below [mcp_servers.{}], and to read before:\n{}\n", server.name,
                       tools::proposal(found.tools));
    if (db) {
      tools::bind_first_look(*db, server.name, found.tools, base::SystemClock().now());
    }
    if (options.accept) {
      const int changed = tools::accept(*db, server.name, found.tools, base::SystemClock().now());
      err << fmt::format("mcp_servers.{}: its tools are accepted as they are now; {} had changed.\n",
                         server.name, changed);
    }
  }
  return all_well;
}

}  // namespace bot::cli
