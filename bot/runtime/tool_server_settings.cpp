#include "bot/runtime/tool_server_settings.h"

#include <algorithm>
#include <filesystem>

#include <fmt/core.h>

#include "base/file.h"
#include "base/http_address.h"
#include "base/log.h"
#include "bot/runtime/path_list.h"

namespace bot::runtime {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestName = 32;

/// It stands before the name of each tool that the model sees.
void check_name(const std::string& name, const config::Section& section) {
  const bool plain =
      name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
      std::string::npos;
  if (name.empty() || name.size() > kLongestName || !plain || name.find("__") != std::string::npos) {
    section.fail(
        "", fmt::format("the name of a server is at most {} letters, digits, \"-\" and \"_\", without \"__\"",
                        kLongestName));
  }
}

bool is_secret_name(const std::string& name) {
  return std::ranges::any_of(std::initializer_list<const char*>{"KEY", "TOKEN", "SECRET", "PASSWORD", "PASS"},
                             [&](const char* end) { return name.ends_with(end); });
}

std::vector<std::pair<std::string, std::string>> read_environment(config::Section environment) {
  std::vector<std::pair<std::string, std::string>> variables;
  for (const auto& name : environment.keys()) {
    if (name.empty() || name.find_first_of("= \t\n") != std::string::npos) {
      environment.fail(name, "is no name of an environment variable");
    }
    const auto text = environment.string(name, "");
    const bool is_secret = text.starts_with("env:") || text.starts_with("file:");
    if (!is_secret && !text.empty() && is_secret_name(name)) {
      environment.fail(name, "secrets do not go into this file; write \"env:NAME\" or \"file:PATH\"");
    }
    variables.emplace_back(name, is_secret ? environment.required_secret(name) : text);
  }
  environment.finish();
  return variables;
}

std::vector<std::string> read_patterns(config::Section& section, const char* key) {
  auto patterns = section.strings(key, {});
  if (std::ranges::any_of(patterns, [](const auto& pattern) { return pattern.empty(); })) {
    section.fail(key, "has an empty name; write the names of tools, with * for any run of characters");
  }
  return patterns;
}

std::vector<std::string> read_people(config::Section& section) {
  auto people = section.strings("people", {"role:admin"});
  for (const auto& who : people) {
    const auto colon = who.find(':');
    const bool is_role = who.starts_with("role:");
    if (who != "*" && (is_role ? who != "role:admin"
                               : colon == std::string::npos || colon == 0 || colon + 1 == who.size())) {
      section.fail("people",
                   fmt::format("\"{}\" is nobody; write \"<chat section>:<user id>\", \"role:admin\" or "
                               "\"*\"",
                               who));
    }
  }
  return people;
}

std::vector<ReadBackSettings> read_read_back(config::Section section) {
  std::vector<ReadBackSettings> settings;
  for (const auto& name : section.keys()) {
    auto one = section.child(name);
    ReadBackSettings read_back{.of = name, .tool = one.required_string("tool"), .with = {}};
    auto arguments = one.child("with");
    for (const auto& argument : arguments.keys()) {
      read_back.with.emplace_back(argument, arguments.required_string(argument));
    }
    arguments.finish();
    one.finish();
    settings.push_back(std::move(read_back));
  }
  section.finish();
  return settings;
}

bool is_this_machine(const std::string& host) {
  return host == "localhost" || host == "127.0.0.1" || host == "[::1]";
}

llm::mcp::ServerAddress read_address(config::Section& section) {
  llm::mcp::ServerAddress address;
  address.url = section.required_string("url");
  if (const auto problem = base::address_problem(address.url)) {
    const bool has_password = address.url.find('@') != std::string::npos;
    section.fail(
        "url", *problem + (has_password ? "; a token stands in bearer_token, as \"env:NAME\" or \"file:PATH\""
                                        : ""));
  }
  base::redact(std::string(base::query_of(address.url)));
  const bool is_encrypted = address.url.starts_with("https://");
  const auto begin = address.url.find("://") + 3;
  const auto authority = address.url.substr(begin, address.url.find('/', begin) - begin);
  const auto host =
      authority.substr(0, authority.starts_with('[') ? authority.find(']') + 1 : authority.find(':'));
  if (!is_encrypted && !is_this_machine(host)) {
    section.fail("url", fmt::format("http:// would send everything unencrypted to {}; write https://, or "
                                    "reach it by a tunnel or a proxy on this machine",
                                    host));
  }
  address.bearer_token = section.optional_secret("bearer_token").value_or("");
  if (address.bearer_token.find_first_not_of(
          "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=") != std::string::npos) {
    section.fail("bearer_token", "has a character that no token has");
  }
  for (const char* key : {"command", "args", "env", "readable", "state", "network"}) {
    if (section.has(key)) {
      section.fail(key, "is for a server that is run as a program; this one is reached at its url");
    }
  }
  return address;
}

llm::mcp::ServerProgram read_program(config::Section& section) {
  if (section.has("bearer_token")) {
    section.fail("bearer_token", "is for a server with a url; what a program needs stands in its env");
  }
  llm::mcp::ServerProgram program;
  program.command = section.optional_string("command").value_or("");
  if (program.command.empty()) {
    section.fail_as_missing("command", "is missing; or write url for a server that is reached over HTTP");
  }
  if (program.command.find('/') != std::string::npos) {
    program.command = fs::absolute(base::expand_home(program.command)).string();
  }
  program.arguments = section.strings("args", {});
  for (auto& argument : program.arguments) {
    argument = base::expand_home(argument).string();
  }
  program.environment = read_environment(section.child("env"));
  program.readable = read_paths(section, "readable");
  program.state = read_paths(section, "state");
  program.network = section.boolean("network", true);
  return program;
}

ToolServerSettings read_server(const std::string& name, config::Section& section) {
  check_name(name, section);
  ToolServerSettings server;
  server.name = name;
  if (section.has("url")) {
    server.address = read_address(section);
  } else {
    server.program = read_program(section);
  }
  server.allow = read_patterns(section, "allow");
  server.ask = read_patterns(section, "ask");
  server.reads = read_patterns(section, "reads");
  server.read_back = read_read_back(section.child("read_back"));
  server.access.people = read_people(section);
  server.access.everywhere = section.one_of("places", "direct", {"direct", "everywhere"}) == "everywhere";
  server.timeout = section.seconds("timeout_s", server.timeout);
  server.idle = section.seconds("idle_s", server.idle);
  if (server.timeout.count() == 0) {
    section.fail("timeout_s", "must be at least 1");
  }
  section.finish();
  return server;
}

}  // namespace

std::vector<ToolServerSettings> read_tool_servers(config::Section section) {
  std::vector<ToolServerSettings> servers;
  for (const auto& name : section.keys()) {
    auto server = section.child(name);
    servers.push_back(read_server(name, server));
  }
  section.finish();
  return servers;
}

}  // namespace bot::runtime
