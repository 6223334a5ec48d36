#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "bot/runtime/admin_settings.h"
#include "bot/runtime/retention_settings.h"
#include "bot/runtime/tool_server_settings.h"
#include "config/section.h"
#include "llm/endpoint.h"
#include "router/routing_policy.h"

namespace bot::runtime {

/// What was given on the command line of `serve`.
struct Flags {
  std::string config;  ///< --config
  std::string listen;  ///< --listen
  bool demo = false;   ///< --demo
};

struct ServerSettings {
  std::string host = "127.0.0.1";
  int port = 8787;
  bool behind_proxy = false;
  std::vector<std::string> trusted_proxies;
  std::string public_url;
  std::chrono::seconds shutdown_grace{20};
  std::optional<std::string> metrics_token;  ///< who has it reads /metrics from anywhere
};

struct ModelSettings {
  std::string provider;
  std::string model;
  std::string base_url;
  std::string api_key;
  double usd_per_million_input = 0;
  double usd_per_million_output = 0;
  bool has_price = true;  ///< else what its answers are counted at, or as free, is nobody's word
  std::size_t max_answer_bytes = 65'536;
  llm::Endpoint::Images images = llm::Endpoint::Images::tried;
};

struct SecretarySettings : ModelSettings {
  std::vector<ModelSettings> fallback;  ///< asked in turn while those before are down
  std::string guide;
  std::string timezone;
  bool demo = false;  ///< the scripted model inside the program answers
};

struct DispatchSettings {
  std::filesystem::path projects_dir;
  std::string specialist;
  std::string command;  ///< DISPATCH_CC_BIN, else empty
  std::chrono::seconds timeout{600};
  std::chrono::seconds silence{180};
  std::string permission;
  int concurrency = 2;
  int max_turns = 0;                                ///< of one run from a chat; 0: no limit
  std::uintmax_t max_bytes_written = 0;             ///< by how much one run may let its folder grow
  std::uintmax_t max_attachment_bytes = 20U << 20;  ///< of one file from a chat; 0: none is taken
  std::vector<std::string> allowed_tools;
  enum class Sandbox {
    automatic,  ///< "auto": bubblewrap where it works, else none
    bwrap,      ///< bubblewrap, or nothing starts
    off         ///< none
  };
  Sandbox sandbox = Sandbox::automatic;
  bool sandbox_is_set = false;
  std::vector<std::filesystem::path> sandbox_read;
  std::chrono::seconds approval_timeout{600};
  std::chrono::seconds question_timeout{24 * 3600};  ///< of a question of the secretary
  std::set<std::string> trusted_projects;            ///< slugs whose own settings the specialist honours
};

/// Who may do what in a chat section, by the platform's ids; bot/access/permissions.h reads it.
struct Access {
  enum class Mode { open, allowlist, pairing };
  Mode mode = Mode::pairing;
  std::set<std::string> allow = {};                       ///< people who may write
  std::optional<std::set<std::string>> group_allow = {};  ///< those who may in groups, instead of `allow`
  std::set<std::string> groups = {};                      ///< where everybody may
  std::set<std::string> approvers = {};
  std::set<std::string> admins = {};
};

struct Budget {
  std::optional<double> usd_per_day;
  std::optional<double> usd_per_user_per_day;
  std::optional<double> usd_per_run;
  std::optional<double> usd_per_month = {};
  std::map<std::string, double> chat_usd_per_day = {};  ///< by "<chat section>:<chat id>"
  bool stops_secretary = true;                          ///< else it stops specialists alone
  std::vector<double> alert_at = {0.5, 0.75, 0.9};      ///< shares that the admins are told of
};

/// What SIGHUP reloads. A value; readers take a copy of the pointer and are never disturbed.
struct Policy {
  router::RoutingPolicy routing;
  Budget budget;
  std::map<std::string, Access> access;  ///< by chat section
  /// `repair_buttons` by chat section, where it is set.
  std::map<std::string, bool> repair_buttons = {};
  /// How many messages of one person may wait, by chat section; no limit where there is none.
  std::map<std::string, int> max_waiting = {};
  AdminSettings admin = {};
  /// By server of [mcp_servers]; whoever is not let in here has none of its tools.
  std::map<std::string, ToolAccess> tools = {};

  /// Whether answers, notes and results there carry buttons that put right what was decided.
  bool repairs(const std::string& section, bool in_group) const {
    const auto set = repair_buttons.find(section);
    return set == repair_buttons.end() ? !in_group : set->second;
  }
};

/// One [chat.<name>] section; its platform reads the other keys.
struct ChatSettings {
  std::string name;
  std::string platform;
  config::Section section;
};

/// The whole configuration, read and checked.
struct Settings {
  std::optional<std::filesystem::path> file;
  std::filesystem::path database;
  ServerSettings server;
  SecretarySettings secretary;
  DispatchSettings dispatch;
  config::Section specialists;  ///< [specialist]
  std::vector<ChatSettings> chats;
  Policy policy;
  std::vector<std::string> warnings;     ///< sentences that are logged at start
  std::int64_t max_backlog = 2'000'000;  ///< messages that may wait altogether
  RetentionSettings retention = {};
  std::vector<ToolServerSettings> tool_servers = {};  ///< [mcp_servers.<name>]
};

/// Flags over environment over file over defaults. Throws base::ConfigError.
Settings load_settings(const Flags& flags);

/// The secretary's model and its fallbacks, in the order in which they are asked; none in demo mode.
std::vector<ModelSettings> models_of(const SecretarySettings& secretary);

/// What an operator must know of a model without a price.
std::string no_price_warning(const ModelSettings& model);

/// The folders of the configuration and the database.
std::vector<std::filesystem::path> own_folders(const Settings& settings);

/// The part of it that the commands for the shell need. The sections of chats and models are not read: their
/// keys may be known to the bot's own environment only.
struct ShellSettings {
  std::filesystem::path database;
  DispatchSettings dispatch;
  config::Section specialists;
  Budget budget;
  router::RoutingPolicy routing;
  std::vector<std::string> chats;  ///< the names of the chat sections, that of the page among them
  std::string timezone;            ///< in it a day of budgets and reports begins
};
ShellSettings load_shell_settings(const std::string& config_flag);

/// "host:port" taken apart; throws base::ConfigError that names `where`.
std::pair<std::string, int> parse_listen(const std::string& text, const std::string& where);

}  // namespace bot::runtime
