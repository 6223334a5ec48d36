#include "bot/runtime/whole_configuration.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/clock.h"
#include "base/network.h"
#include "bot/platforms/chat_platforms.h"
#include "config/config_file.h"
#include "config/unread_secrets.h"
#include "dispatch/specialists.h"

// How the commands of the program get their settings. Whatever a command needs of the file, all of it is
// checked: a key that is misspelt is an error everywhere.

namespace bot::runtime {
namespace {

/// Makes each specialist once. In demo mode nobody else reads the sections of those that cost money.
void check_specialists(const Settings& settings) {
  const config::UnreadSecrets unread;
  auto root = config::load_config_file(settings.file);
  const dispatch::Specialists made(root.child("specialist"), settings.dispatch.specialist, {});
}

/// Makes each platform once: their sections are read by them alone.
void check_chats(const Settings& settings) {
  const base::SystemClock clock;
  for (const auto& chat : settings.chats) {
    platforms::platform_type(chat.platform)
        .make(chat.section, {chat.name, settings.server.public_url, clock});
  }
}

}  // namespace

std::vector<std::string> proxy_problems(const ServerSettings& server) {
  std::vector<std::string> problems;
  for (const auto& proxy : server.trusted_proxies) {
    if (!base::is_address(proxy)) {
      problems.push_back(fmt::format(
          "\"{}\" is no address, so it trusts nobody; write single IP addresses, no names and no networks",
          proxy));
    }
  }
  return problems;
}

Settings load_settings(const Flags& flags) {
  auto settings = read_settings(config::find_config_file(flags.config), flags);
  for (const auto& problem : proxy_problems(settings.server)) {
    settings.warnings.push_back("server.trusted_proxies: " + problem);
  }
  check_specialists(settings);
  if (settings.secretary.demo) {
    settings.policy.routing.let_confidence_decide();
  }
  return settings;
}

Settings load_settings_without_secrets(const Flags& flags) {
  const auto file = config::find_config_file(flags.config);
  // What is secret is kept out of all that is printed, whoever needs it.
  config::load_config_file(file).redact_all();
  const config::UnreadSecrets unread;
  auto settings = read_settings(file, flags);
  check_specialists(settings);
  check_chats(settings);
  return settings;
}

ShellSettings load_shell_settings(const std::string& config_flag) {
  auto settings = load_settings_without_secrets({.config = config_flag, .listen = {}});
  ShellSettings shell{std::move(settings.database),
                      std::move(settings.dispatch),
                      config::load_config_file(settings.file).child("specialist"),
                      std::move(settings.policy.budget),
                      std::move(settings.policy.routing),
                      {},
                      std::move(settings.secretary.timezone)};
  for (const auto& chat : settings.chats) {
    shell.chats.push_back(chat.name);
  }
  if (std::find(shell.chats.begin(), shell.chats.end(), "web") == shell.chats.end()) {
    shell.chats.emplace_back("web");
  }
  return shell;
}

}  // namespace bot::runtime
