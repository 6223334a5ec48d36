#include "bot/doctor/configuration_findings.h"

#include <algorithm>

#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/password_hash.h"
#include "bot/platforms/chat_platforms.h"
#include "bot/runtime/whole_configuration.h"
#include "config/config_file.h"
#include "dispatch/project/workspace.h"

namespace bot::doctor {
namespace {

namespace fs = std::filesystem;
using Mark = chat::CheckResult::Mark;

constexpr std::size_t kShortPassword = 12;

/// Collects the lines.
class Findings {
 public:
  void warn(const std::string& what, std::string detail) {
    list.push_back({what, {Mark::warning, std::move(detail)}});
  }
  void fail(const std::string& what, std::string detail) {
    list.push_back({what, {Mark::failure, std::move(detail)}});
  }

  std::vector<Finding> list;
};

struct Rights {
  mode_t mode = 0;
  uid_t owner = 0;
};

std::optional<Rights> rights_of(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    return std::nullopt;
  }
  return Rights{status.st_mode, status.st_uid};
}

/// Whether every folder on the way lets other users through, as /tmp does.
bool is_reached_by_others(const fs::path& path) {
  std::error_code ec;
  for (auto folder = fs::absolute(path, ec).parent_path(); !folder.empty(); folder = folder.parent_path()) {
    const auto rights = rights_of(folder);
    if (!rights || (rights->mode & S_IXOTH) == 0) {
      return false;
    }
    if (folder == folder.root_path()) {
      break;
    }
  }
  return true;
}

/// Fails where others get as far as `path`; where a folder on the way keeps them out, its rights only wait
/// for a mistake.
void add_open(Findings& found, const std::string& what, const fs::path& path, const std::string& problem) {
  is_reached_by_others(path)
      ? found.fail(what, problem)
      : found.warn(what, problem + "; only the rights of a folder above it keep them out");
}

/// How somebody else than root and this user may write into it. A folder such as /tmp, where everybody may
/// only change what is their own, does not count.
std::optional<std::string> foreign_writer(const fs::path& path) {
  const auto rights = rights_of(path);
  if (!rights) {
    return std::nullopt;
  }
  const bool sticky = S_ISDIR(rights->mode) && (rights->mode & S_ISVTX) != 0;
  if ((rights->mode & (S_IWGRP | S_IWOTH)) != 0 && !sticky) {
    return fmt::format("mode {:04o}: chmod go-w {}", rights->mode & 07777, path.string());
  }
  if (rights->owner != 0 && rights->owner != ::geteuid()) {
    return fmt::format("{} belongs to user {}", path.string(), rights->owner);
  }
  return std::nullopt;
}

/// Of a file that must not be another one tomorrow.
void check_writers(Findings& found, const std::string& what, const fs::path& file) {
  for (const auto& writable : {file, file.parent_path()}) {
    if (const auto writer = foreign_writer(writable)) {
      add_open(found, what, file, fmt::format("others can replace {} ({})", file.string(), *writer));
      return;
    }
  }
}

// --- Addresses

void check_server(Findings& found, const runtime::ServerSettings& server, bool names_proxies) {
  for (const auto& problem : runtime::proxy_problems(server)) {
    found.fail("server.trusted_proxies", problem);
  }
  if (names_proxies && !server.behind_proxy) {
    found.warn("server.trusted_proxies", "has no effect without server.behind_proxy = true");
  }
  if (server.behind_proxy && server.trusted_proxies.empty()) {
    found.warn(
        "server.trusted_proxies",
        "is empty, so everybody behind the proxy counts as one sender, whose wrong passwords lock out all");
  }
  if (server.public_url.starts_with("http://")) {
    found.warn("server.public_url", "is without TLS: passwords and messages can be read on their way");
  }
}

// --- Signing in

void check_admin(Findings& found, const runtime::Settings& settings) {
  const auto& users = settings.policy.admin.users;
  if (users.empty()) {
    if (settings.server.behind_proxy) {
      found.warn("admin",
                 "is missing, so whoever reads the token in the log of the start is the admin of pages that "
                 "others reach; set admin.password");
    }
    return;
  }
  if (std::none_of(users.begin(), users.end(),
                   [](const auto& user) { return user.role == runtime::ConsoleRole::admin; })) {
    found.warn("admin",
               "has no user of the role admin, so nobody can admit people or settle deliveries on the page");
  }
  for (auto user = users.begin(); user != users.end(); ++user) {
    if (base::is_password_hash(user->password)) {
      continue;
    }
    if (user->password.size() < kShortPassword) {
      found.warn("admin", fmt::format("the password of {} has fewer than {} characters, so it can be guessed",
                                      user->name, kShortPassword));
    }
    const auto same = std::find_if(users.begin(), user,
                                   [&](const auto& other) { return other.password == user->password; });
    if (same != user) {
      found.warn("admin", fmt::format("{} and {} have the same password", same->name, user->name));
    }
  }
}

// --- Names of projects, people and chats

void check_dispatch(Findings& found, const runtime::DispatchSettings& dispatch) {
  for (const auto& slug : dispatch.trusted_projects) {
    std::error_code ec;
    if (!dispatch::is_slug(slug)) {
      found.fail(
          "dispatch.trusted_projects",
          fmt::format("\"{}\" is no project's name, so it trusts none; write the name of a folder in {}",
                      slug, dispatch.projects_dir.string()));
    } else if (!fs::is_directory(dispatch.projects_dir / slug, ec)) {
      found.warn("dispatch.trusted_projects", fmt::format("there is no project \"{}\" yet", slug));
    }
  }
  for (const auto& path : dispatch.sandbox_read) {
    std::error_code ec;
    if (!fs::exists(path, ec)) {
      found.warn("dispatch.sandbox_read", fmt::format("{} is not there, so nothing is shown", path.string()));
    }
  }
}

/// Of the keys "<section>:<id>" of that table. Whose section is missing is told by the settings themselves.
void check_scopes(Findings& found, config::Section table, const runtime::Settings& settings) {
  for (const char* kind : {"chat", "user"}) {
    for (auto& [scope, section] : table.children(kind)) {
      const auto colon = scope.find(':');
      const auto name = scope.substr(0, colon);
      const auto id = colon == std::string::npos ? "" : scope.substr(colon + 1);
      const auto chat = std::find_if(settings.chats.begin(), settings.chats.end(),
                                     [&](const auto& each) { return each.name == name; });
      if (colon == std::string::npos || id.empty()) {
        found.fail(section.path(),
                   "has no effect: the name must be \"<chat section>:<id>\", such as \"tg:12345678\"");
      } else if (id.starts_with('@') || id.starts_with('#')) {
        found.fail(section.path(), "has no effect: ids only, because names change hands; /whoami shows them");
      } else if (chat != settings.chats.end() && std::string_view(kind) == "user") {
        if (const auto problem =
                platforms::platform_type(chat->platform).id_problem(id, chat::IdOf::person)) {
          found.fail(section.path(), fmt::format("has no effect: \"{}\" {}", id, *problem));
        }
      }
    }
  }
}

void check_budget(Findings& found, const runtime::Budget& budget) {
  if (budget.usd_per_day == 0 || budget.usd_per_month == 0) {
    found.warn("budget", "is zero, so no model is called at all; leave the key out for no limit");
  }
  if (budget.usd_per_day && budget.usd_per_user_per_day &&
      *budget.usd_per_user_per_day > *budget.usd_per_day) {
    found.warn("budget.usd_per_user_per_day", "is above budget.usd_per_day, so it limits nobody");
  }
  if (budget.usd_per_day && budget.usd_per_run && *budget.usd_per_run > *budget.usd_per_day) {
    found.warn("budget.usd_per_run", "is above budget.usd_per_day, so it limits no run");
  }
}

// --- Tool servers

void check_people(Findings& found, const std::string& key, const runtime::ToolServerSettings& server,
                  const runtime::Settings& settings) {
  if (server.access.people.empty()) {
    found.warn(key, "is empty, so nobody has these tools");
  }
  for (const auto& who : server.access.people) {
    const auto colon = who.find(':');
    if (who == "*" || who == "role:admin" || colon == std::string::npos) {
      continue;
    }
    const auto section = who.substr(0, colon);
    const auto id = who.substr(colon + 1);
    const auto chat =
        std::ranges::find_if(settings.chats, [&](const auto& each) { return each.name == section; });
    if (chat == settings.chats.end() && section != "web") {
      found.fail(key, fmt::format("\"{}\" is nobody: there is no chat section {}", who, section));
    } else if (id.starts_with('@') || id.starts_with('#')) {
      found.fail(key, fmt::format(
                          "\"{}\" is nobody: ids only, because names change hands; /whoami shows them", who));
    } else if (chat != settings.chats.end()) {
      if (const auto problem = platforms::platform_type(chat->platform).id_problem(id, chat::IdOf::person)) {
        found.fail(key, fmt::format("\"{}\" is nobody: \"{}\" {}", who, id, *problem));
      }
    }
  }
}

void check_paths(Findings& found, const std::string& section, const llm::mcp::ServerProgram& program) {
  const char* const home = ::getenv("HOME");
  for (const auto& path : program.state) {
    if (path == "/" || (home != nullptr && path.lexically_normal() == fs::path(home).lexically_normal())) {
      found.warn(
          section + ".state",
          fmt::format("{} is all there is, keys and this program's database with it, and the server may "
                      "write there; name a folder of its own",
                      path.string()));
    }
  }
  for (const auto& path : program.readable) {
    std::error_code ec;
    if (!fs::exists(path, ec)) {
      found.warn(section + ".readable", fmt::format("{} is not there, so nothing is shown", path.string()));
    }
  }
}

void check_tool_server(Findings& found, const runtime::ToolServerSettings& server,
                       const runtime::Settings& settings) {
  const auto section = "mcp_servers." + server.name;
  check_people(found, section + ".people", server, settings);
  if (std::ranges::find(server.allow, "*") != server.allow.end()) {
    found.warn(section + ".allow",
               "\"*\" lets every tool run without a question, also those that delete and send");
  }
  if (!server.address) {
    check_paths(found, section, server.program);
  }
}

// --- Files

void check_secret_files(Findings& found, const fs::path& configuration) {
  for (const auto& [key, path] : config::secret_files(configuration)) {
    const auto rights = rights_of(path);
    if (!rights || !S_ISREG(rights->mode)) {
      found.fail(key, fmt::format("{} is no file", path.string()));
      continue;
    }
    const auto mode = rights->mode & 07777;
    if ((mode & S_IROTH) != 0) {
      add_open(found, key, path,
               fmt::format("every user of this machine can read {} (mode {:04o}): chmod 600 it",
                           path.string(), mode));
    } else if ((mode & S_IRGRP) != 0 && rights->owner == ::geteuid()) {
      found.warn(key,
                 fmt::format("the group of {} can read it (mode {:04o}): chmod 600 it", path.string(), mode));
    }
    check_writers(found, key, path);
  }
}

void check_database_file(Findings& found, const fs::path& database) {
  for (const auto* suffix : {"", "-wal", "-shm"}) {
    const fs::path file = database.string() + suffix;
    const auto rights = rights_of(file);
    if (rights && (rights->mode & (S_IRGRP | S_IROTH | S_IWGRP | S_IWOTH)) != 0) {
      add_open(
          found, "database", file,
          fmt::format("others can read {} (mode {:04o}): chmod 600 it", file.string(), rights->mode & 07777));
    }
  }
}

}  // namespace

std::vector<Finding> configuration_findings(const runtime::Settings& settings) {
  Findings found;
  auto root = config::load_config_file(settings.file);
  check_server(found, settings.server, root.child("server").has("trusted_proxies"));
  check_dispatch(found, settings.dispatch);
  check_scopes(found, root.child("routing"), settings);
  check_scopes(found, root.child("budget"), settings);
  check_budget(found, settings.policy.budget);
  check_admin(found, settings);
  for (const auto& server : settings.tool_servers) {
    check_tool_server(found, server, settings);
  }
  if (settings.file) {
    check_writers(found, "configuration", *settings.file);  // it names the programs that are started
    check_secret_files(found, *settings.file);
  }
  check_database_file(found, settings.database);
  return found.list;
}

}  // namespace bot::doctor
