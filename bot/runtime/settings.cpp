#include "bot/runtime/settings.h"

#include <charconv>
#include <cstdlib>

#include <fmt/core.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/log_event.h"
#include "base/nearest.h"
#include "base/utf8.h"
#include "bot/platforms/chat_platforms.h"
#include "bot/runtime/model_settings.h"
#include "bot/runtime/path_list.h"
#include "bot/runtime/whole_configuration.h"
#include "config/config_file.h"
#include "config/unread_secrets.h"
#include "dispatch/specialists.h"
#include "llm/chat_models.h"
#include "router/dispatch_guide.h"
#include "store/conversations.h"
#include "store/database.h"

namespace bot::runtime {
namespace {

namespace fs = std::filesystem;

std::optional<std::string> environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? std::optional<std::string>(value) : std::nullopt;
}

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

/// Messages of one person.
constexpr int kMaxWaiting = 20;

fs::path data_folder() {
  if (const auto xdg = environment("XDG_DATA_HOME")) {
    return fs::path(*xdg) / "frontdesk";
  }
  return base::home_directory() / ".local/share/frontdesk";
}

struct StoreSettings {
  fs::path database;
  std::int64_t max_backlog;
};

StoreSettings read_store(config::Section section, const std::optional<fs::path>& file) {
  const auto max_backlog = section.integer("max_backlog", 2'000'000, 1, 1'000'000'000);
  const auto url = section.string("url", file ? "sqlite:frontdesk.db" : "");
  section.finish();
  return {url.empty() ? data_folder() / "frontdesk.db"
                      : store::database_path(url, file ? file->parent_path() : fs::current_path()),
          max_backlog};
}

ServerSettings read_server(config::Section section, const Flags& flags) {
  ServerSettings server;
  const auto listen = flags.listen.empty() ? section.string("listen", "127.0.0.1:8787") : flags.listen;
  section.string("listen", "");
  server.behind_proxy = section.boolean("behind_proxy", false);
  server.trusted_proxies = section.strings("trusted_proxies", {"127.0.0.1"});
  server.public_url = section.string("public_url", "");
  server.shutdown_grace = section.seconds("shutdown_grace_s", server.shutdown_grace);
  server.metrics_token = section.optional_secret("metrics_token");
  // What a person at a shell reads stays text.
  if (section.one_of("log", "text", {"text", "json"}) == "json" && !config::UnreadSecrets::in_force()) {
    base::log_as_json();
  }
  section.finish();
  std::tie(server.host, server.port) =
      parse_listen(listen, flags.listen.empty() ? "server.listen" : "--listen");
  if (!is_loopback(server.host) && !server.behind_proxy) {
    throw base::ConfigError(
        fmt::format("server.listen: {} is reachable from other machines, and Frontdesk speaks no TLS; put a "
                    "proxy in front and set server.behind_proxy = true, or listen on 127.0.0.1",
                    listen));
  }
  if (!server.public_url.empty() && !server.public_url.starts_with("https://") &&
      !server.public_url.starts_with("http://")) {
    section.fail("public_url", "must start with https://");
  }
  if (server.public_url.find_first_of("?# \t\n") != std::string::npos) {
    section.fail("public_url", "must have no query, no fragment and no blanks: paths are put behind it");
  }
  return server;
}

SecretarySettings read_secretary(config::Section section, const Flags& flags) {
  SecretarySettings s;
  static_cast<ModelSettings&>(s) = read_model(section, llm::providers());
  for (auto& fallback : section.tables("fallback")) {
    s.fallback.push_back(read_fallback(std::move(fallback)));
  }
  const auto guide = section.file_path("guide", "");
  s.timezone = section.string("timezone", base::machine_time_zone());
  section.finish();
  if (!base::is_time_zone(s.timezone)) {
    section.fail("timezone", fmt::format("\"{}\" is not a time zone; write a name such as \"Europe/Zurich\"",
                                         s.timezone));
  }
  s.guide = std::string(router::built_in_guide());
  if (!guide.empty() && !config::UnreadSecrets::in_force()) {  // it, too, may be the bot's alone
    const auto text = base::read_file_if_exists(guide);
    if (!text || text->empty()) {
      section.fail("guide", fmt::format("{} is missing or empty", guide.string()));
    }
    s.guide = *text;
  }
  s.demo = flags.demo || s.provider == "demo" || (is_at_anthropic(s) && s.api_key.empty());
  if (s.demo) {
    s.model = "demo";
    s.images = llm::Endpoint::Images::none;
    s.api_key.clear();
    s.fallback.clear();  // the scripted model is never down
  }
  return s;
}

DispatchSettings read_dispatch(config::Section section, const config::Section& specialists) {
  DispatchSettings d;
  d.projects_dir = section.file_path("projects_dir", "~/dispatch-projects");
  if (d.projects_dir.empty()) {
    section.fail("projects_dir", "is empty");
  }
  if (const auto dir = environment("DISPATCH_PROJECTS_DIR")) {
    d.projects_dir = fs::absolute(base::expand_home(*dir));
  }
  d.specialist = section.one_of("specialist", "claude-code", dispatch::specialist_names(specialists));
  d.command = environment("DISPATCH_CC_BIN").value_or("");
  d.timeout = section.seconds("timeout_s", d.timeout);
  if (const auto timeout = environment("DISPATCH_TIMEOUT")) {
    long seconds = 0;
    const auto* end = timeout->data() + timeout->size();
    if (const auto parsed = std::from_chars(timeout->data(), end, seconds);
        parsed.ec != std::errc() || parsed.ptr != end || seconds <= 0) {
      throw base::ConfigError("DISPATCH_TIMEOUT: must be a number of seconds");
    }
    d.timeout = std::chrono::seconds(seconds);
  }
  if (d.timeout.count() == 0) {
    section.fail("timeout_s", "must be at least 1");
  }
  d.silence = section.seconds("silence_s", d.silence);
  const std::vector<std::string> modes = {"acceptEdits", "plan", "dangerously-skip-permissions"};
  d.permission = section.one_of("permission", "acceptEdits", modes);
  if (const auto permission = environment("DISPATCH_PERMISSION")) {
    if (std::find(modes.begin(), modes.end(), *permission) == modes.end()) {
      throw base::ConfigError(
          fmt::format("DISPATCH_PERMISSION: \"{}\" is not valid; choose one of: acceptEdits, plan, "
                      "dangerously-skip-permissions",
                      *permission));
    }
    d.permission = *permission;
  }
  d.concurrency = static_cast<int>(section.integer("concurrency", 2, 1, 64));
  d.max_turns = static_cast<int>(section.integer("max_turns", 0, 0, 100'000));
  d.max_bytes_written = static_cast<std::uintmax_t>(section.integer("max_written_mb", 2048, 0, 1 << 30))
                        << 20;
  d.max_attachment_bytes = static_cast<std::uintmax_t>(section.integer("max_attachment_mb", 20, 0, 10'000))
                           << 20;
  d.allowed_tools = section.strings("allowed_tools", {});
  d.sandbox_is_set = section.has("sandbox");
  const auto sandbox = section.one_of("sandbox", "auto", {"auto", "bwrap", "off"});
  d.sandbox = sandbox == "bwrap" ? DispatchSettings::Sandbox::bwrap
              : sandbox == "off" ? DispatchSettings::Sandbox::off
                                 : DispatchSettings::Sandbox::automatic;
  d.sandbox_read = read_paths(section, "sandbox_read");
  const auto trusted = section.strings("trusted_projects", {});
  d.trusted_projects = {trusted.begin(), trusted.end()};
  d.approval_timeout = section.seconds("approval_timeout_s", d.approval_timeout);
  d.question_timeout = section.seconds("question_timeout_s", d.question_timeout);
  section.finish();
  return d;
}

std::set<std::string> read_ids(config::Section& section, const std::string& key, const std::string& platform,
                               chat::IdOf of) {
  const auto ids = section.strings(key, {});
  for (const auto& id : ids) {
    if (!id.empty() && base::one_line(id).empty()) {
      section.fail(key, "has an id of blanks alone");
    }
    if (const auto problem = platforms::platform_type(platform).id_problem(id, of)) {
      section.fail(key, fmt::format("\"{}\" {}", id, *problem));
    }
  }
  return {ids.begin(), ids.end()};
}

std::string default_access(const std::string& platform) {
  using Access = chat::PlatformType::Access;
  return platforms::platform_type(platform).default_access == Access::open ? "open" : "pairing";
}

Access read_access(config::Section& section, const std::string& platform) {
  Access access;
  const auto mode = section.one_of("access", default_access(platform), {"pairing", "allowlist", "open"});
  access.allow = read_ids(section, "allow", platform, chat::IdOf::person);
  const auto group_allow = read_ids(section, "group_allow", platform, chat::IdOf::person);
  if (section.has("group_allow")) {
    access.group_allow = group_allow;
  }
  access.groups = read_ids(section, "groups", platform, chat::IdOf::group);
  access.approvers = read_ids(section, "approvers", platform, chat::IdOf::person);
  access.admins = read_ids(section, "admins", platform, chat::IdOf::person);
  access.mode = mode == "open"        ? Access::Mode::open
                : mode == "allowlist" ? Access::Mode::allowlist
                                      : Access::Mode::pairing;
  if (access.mode == Access::Mode::allowlist && access.allow.empty() && group_allow.empty() &&
      access.groups.empty() && access.approvers.empty() && access.admins.empty()) {
    section.fail("allow", "is empty, so nobody could write; list the user ids of the service");
  }
  return access;
}

Budget read_budget(config::Section section) {
  Budget budget{section.optional_number("usd_per_day", 0, 1e9),
                section.optional_number("usd_per_user_per_day", 0, 1e9),
                section.optional_number("usd_per_run", 0, 1e9)};
  budget.usd_per_month = section.optional_number("usd_per_month", 0, 1e9);
  budget.alert_at = section.numbers("alert_at", budget.alert_at, 0.01, 1);
  budget.stops_secretary = section.one_of("secretary", "stop", {"stop", "unlimited"}) == "stop";
  for (auto& [chat, limits] : section.children("chat")) {
    const auto colon = chat.find(':');
    if (colon == std::string::npos || colon == 0 || colon + 1 == chat.size()) {
      limits.fail("", "must be named \"<chat section>:<id>\", such as \"tg:12345678\"");
    }
    if (const auto usd = limits.optional_number("usd_per_day", 0, 1e9)) {
      budget.chat_usd_per_day[chat] = *usd;
    }
    limits.finish();
  }
  section.finish();
  return budget;
}

/// It stands in "<section>:<id>" and in /webhooks/<name>.
void check_chat_name(const std::string& name, const config::Section& section) {
  const bool plain =
      name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") ==
      std::string::npos;
  if (!plain || name.empty() || name == "." || name == "..") {
    section.fail("", "the name of a chat section is letters, digits, \"-\", \"_\" and \".\" alone");
  }
}

void read_chats(config::Section& root, Settings& settings) {
  bool has_page = false;
  for (auto& [name, section] : root.children("chat")) {
    check_chat_name(name, section);
    if (!section.has("platform")) {
      section.fail_as_missing("platform", "is missing; for example platform = \"web\"");
    }
    const auto platform = section.one_of("platform", "", platforms::platform_names());
    const auto& access = settings.policy.access[name] = read_access(section, platform);
    const bool repair_buttons = section.boolean("repair_buttons", true);
    if (section.has("repair_buttons")) {
      settings.policy.repair_buttons[name] = repair_buttons;
    }
    const auto max_waiting = static_cast<int>(section.integer("max_waiting", kMaxWaiting, 1, 1'000'000));
    // A service that signs for other programs is no person who types.
    if (platform != "webhook" || section.has("max_waiting")) {
      settings.policy.max_waiting[name] = max_waiting;
    }
    if (access.mode == Access::Mode::open &&
        (!access.allow.empty() || access.group_allow || !access.groups.empty())) {
      settings.warnings.push_back(fmt::format(
          "{}: everybody may write, not only those listed, because access is \"open\"; set access = "
          "\"allowlist\" to let in only them",
          section.path()));
    }
    if (name == "web" && platform != "web") {
      section.fail("platform", "the name \"web\" is reserved for the chat page; rename this section");
    }
    if (has_page && platform == "web") {
      section.fail("platform", "another section is the chat page already, and there is only one");
    }
    if (name == store::kShellSection || name == store::kConsoleSection) {
      section.fail(
          "platform",
          fmt::format("the name \"{}\" is reserved for what comes from there; rename this section", name));
    }
    has_page = has_page || platform == "web";
    settings.chats.push_back({name, platform, section});
  }
  // The chat page belongs to the program; it is there unless another section took its name.
  if (!has_page) {
    auto section = root.child("chat").child("web");
    settings.policy.access["web"] = read_access(section, "web");
    settings.policy.max_waiting["web"] = kMaxWaiting;
    settings.chats.push_back({"web", "web", section});
  }
}

/// [routing.chat."tg:1"], [routing.user."tg:1"] and [budget.chat."tg:1"] begin with the name of a chat
/// section.
void check_chat_names(config::Section layers, Settings& settings) {
  std::vector<std::string> names;
  for (const auto& chat : settings.chats) {
    names.push_back(chat.name);
  }
  for (const char* kind : {"chat", "user"}) {
    for (auto& [key, section] : layers.children(kind)) {
      const auto name = key.substr(0, key.find(':'));
      if (std::find(names.begin(), names.end(), name) == names.end()) {
        const auto near = base::nearest(name, names);
        settings.warnings.push_back(
            fmt::format("{} has no effect: there is no [chat.{}]{}", section.path(), name,
                        near ? fmt::format("; did you mean \"{}\"?", *near) : std::string()));
      }
    }
  }
}

}  // namespace

std::pair<std::string, int> parse_listen(const std::string& text, const std::string& where) {
  const auto colon = text.rfind(':');
  int port = -1;
  if (colon != std::string::npos) {
    const auto* begin = text.data() + colon + 1;
    const auto* end = text.data() + text.size();
    const auto parsed = std::from_chars(begin, end, port);
    if (parsed.ec != std::errc() || parsed.ptr != end) {
      port = -1;
    }
  }
  auto host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  if (host.empty() || port < 0 || port > 65535) {
    throw base::ConfigError(fmt::format("{}: \"{}\" is not HOST:PORT, such as 127.0.0.1:8787", where, text));
  }
  return {host, port};
}

std::vector<fs::path> own_folders(const Settings& settings) {
  std::vector<fs::path> folders = {settings.database.parent_path()};
  if (settings.file) {
    folders.push_back(fs::absolute(*settings.file).parent_path());
  }
  return folders;
}

Settings read_settings(const std::optional<fs::path>& file, const Flags& flags) {
  auto root = config::load_config_file(file);
  Settings settings{file, {}, {}, {}, {}, root.child("specialist"), {}, {}, {}};
  const auto store = read_store(root.child("store"), file);
  settings.database = store.database;
  settings.max_backlog = store.max_backlog;
  settings.server = read_server(root.child("server"), flags);
  settings.secretary = read_secretary(root.child("secretary"), flags);
  for (const auto& model : models_of(settings.secretary)) {
    if (!model.has_price) {
      settings.warnings.push_back(no_price_warning(model));
    }
  }
  settings.dispatch = read_dispatch(root.child("dispatch"), settings.specialists);
  settings.policy.routing = router::RoutingPolicy(root.child("routing"));
  for (auto& sentence : settings.policy.routing.contradictions()) {
    settings.warnings.push_back(std::move(sentence));
  }
  if (settings.policy.routing.shadow()) {
    settings.warnings.emplace_back(
        "routing.shadow is on: p is only kept, and the constants 0.3, 0.6 and 0.9 for the secretary's confidence "
        "decide");
  }
  settings.policy.budget = read_budget(root.child("budget"));
  read_chats(root, settings);
  check_chat_names(root.child("routing"), settings);
  check_chat_names(root.child("budget"), settings);
  settings.retention = read_retention(root.child("retention"));
  settings.tool_servers = read_tool_servers(root.child("mcp_servers"));
  for (const auto& server : settings.tool_servers) {
    settings.policy.tools[server.name] = server.access;
  }
  settings.policy.admin = read_admin(root.child("admin"));
  for (const auto& chat : settings.chats) {
    if (chat.platform == "web") {
      let_chat(settings.policy.admin, settings.policy.access[chat.name]);
    }
  }
  root.finish();
  return settings;
}

}  // namespace bot::runtime
