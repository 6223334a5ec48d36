#include "bot/tools/inspection.h"

#include <algorithm>
#include <array>
#include <system_error>

#include <fmt/core.h>

#include "base/log.h"
#include "base/utf8.h"
#include "bot/tools/patterns.h"
#include "bot/tools/servers.h"
#include "llm/mcp/client.h"

namespace bot::tools {
namespace {

using Standing = InspectedTool::Standing;

constexpr std::array kSoundsLikeDeleting = {"delete", "remove",    "drop",   "purge",    "wipe", "destroy",
                                            "clear",  "uninstall", "revoke", "truncate", "trash"};
constexpr std::array kSoundsLikeWriting = {"write",  "create", "update", "send",    "set",     "add",
                                           "edit",   "move",   "reply",  "forward", "draft",   "schedule",
                                           "insert", "post",   "upload", "rename",  "execute", "run",
                                           "save",   "mark",   "cancel"};

/// Whole words: what shows secrets, and what does the same to many things.
constexpr std::array kShowsSecrets = {
    "env", "environment", "secret",     "secrets",     "password", "passwords", "token",    "tokens",
    "key", "keys",        "credential", "credentials", "variable", "variables", "keychain", "certificates"};
constexpr std::array kDoesToMany = {"bulk",  "batch", "mass",  "all",    "empty",
                                    "prune", "reset", "flush", "expunge"};

constexpr std::array kSoundsLikeReading = {"list", "get",  "read",  "search",
                                           "find", "show", "count", "status"};

template <typename Words>
bool sounds_like(const std::string& name, const Words& words) {
  const auto lower = base::ascii_lower(name);
  return std::ranges::any_of(words, [&](const char* word) { return lower.find(word) != std::string::npos; });
}

/// Whether one of them is a word of the name, "printEnv" being two.
template <typename Words>
bool has_word(const std::string& name, const Words& words) {
  std::string word;
  const auto is_one = [&] {
    return std::ranges::any_of(words, [&](const char* one) { return word == one; });
  };
  char before = ' ';
  for (const char c : name + " ") {
    const bool is_upper = c >= 'A' && c <= 'Z';
    const bool is_letter = is_upper || (c >= 'a' && c <= 'z');
    if (!is_letter || (is_upper && before >= 'a' && before <= 'z')) {
      if (is_one()) {
        return true;
      }
      word.clear();
    }
    if (is_letter) {
      word += base::ascii_lower(std::string(1, c));
    }
    before = c;
  }
  return false;
}

/// What nobody should have who has not asked for it by name.
bool is_left_out(const llm::mcp::Tool& tool, bool reads) {
  const bool says_delete = tool.hints.destroys.value_or(false) &&
                           base::ascii_lower(tool.description).find("delet") != std::string::npos;
  return sounds_like(tool.name, kSoundsLikeDeleting) || has_word(tool.name, kShowsSecrets) || says_delete ||
         (!reads && has_word(tool.name, kDoesToMany));
}

/// As TOML writes them; names of tools have no line ends.
std::string list_of(const std::vector<std::string>& names) {
  std::string list;
  for (const auto& name : names) {
    std::string quoted;
    for (const char c : name) {
      quoted += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
    }
    list += fmt::format("{}\"{}\"", list.empty() ? "" : ", ", quoted);
  }
  return "[" + list + "]";
}

Standing standing_of(const runtime::ToolServerSettings& server, const llm::mcp::Tool& tool,
                     store::Database* db) {
  const bool asks = matches_any(server.ask, tool.name);
  if (!asks && !matches_any(server.allow, tool.name)) {
    return Standing::off;
  }
  const bool changed = db != nullptr && store::ToolLooks(*db).knows(server.name) &&
                       !store::ToolLooks(*db).is_accepted(server.name, tool.name, tool.hash);
  return changed ? Standing::changed : asks ? Standing::asks : Standing::allowed;
}

/// What only turns have seen so far.
void add_noted(const runtime::ToolServerSettings& server, store::Database* db, Inspection& found) {
  if (db == nullptr) {
    return;
  }
  for (const auto& look : store::ToolLooks(*db).noted(server.name)) {
    llm::mcp::Tool tool;
    tool.name = look.tool;
    tool.hash = look.hash;
    tool.hints = {look.only_reads, look.destroys, look.open_world};
    if (std::ranges::none_of(found.tools, [&](const auto& each) {
          return each.tool.name == tool.name && each.tool.hash == tool.hash;
        })) {
      const auto standing = standing_of(server, tool, db);
      found.tools.push_back({std::move(tool), standing, true});
    }
  }
}

void look(const runtime::ToolServerSettings& server, llm::mcp::Client& client, store::Database* db,
          const std::stop_token& stop, Inspection& found) {
  client.connect(stop);
  found.revision = client.revision();
  for (auto& tool : client.tools(stop)) {
    const auto standing = standing_of(server, tool, db);
    found.tools.push_back({std::move(tool), standing, false});
  }
  add_noted(server, db, found);
  for (const auto* patterns : {&server.allow, &server.ask, &server.reads}) {
    for (const auto& pattern : *patterns) {
      if (std::ranges::none_of(found.tools,
                               [&](const auto& each) { return matches(pattern, each.tool.name); })) {
        found.idle_patterns.push_back(pattern);
      }
    }
  }
}

}  // namespace

Inspection inspect(const runtime::Settings& settings, const runtime::ToolServerSettings& server,
                   const base::Sandbox& sandbox, store::Database* db, const std::stop_token& stop) {
  Inspection found;
  for (const bool probe : {true, false}) {
    std::unique_ptr<llm::mcp::Client> client;
    try {
      client = std::make_unique<llm::mcp::Client>(
          way_to(server, sandbox, folder_of(settings, server.name)),
          llm::mcp::Client::Options{
              .timeout = server.timeout, .start_timeout = server.timeout, .probe = probe});
      look(server, *client, db, stop, found);
      return found;
    } catch (const llm::mcp::ServerError& error) {
      found.problem = base::redacted(error.what());
      found.last_lines = base::redacted(client ? client->last_lines() : std::string());
      if (error.kind != llm::mcp::ServerError::Kind::ended || server.address) {
        return found;
      }
      // A question that it does not know may have ended it.
      found.problem = probe ? "" : found.problem;
    } catch (const std::system_error& error) {
      found.problem = error.what();
      return found;
    }
  }
  return found;
}

store::ToolLook look_of(const llm::mcp::Tool& tool) {
  return {tool.name, tool.hash, tool.hints.only_reads, tool.hints.destroys, tool.hints.open_world};
}

std::string to_text(Standing standing) {
  switch (standing) {
    case Standing::off:
      return "off";
    case Standing::allowed:
      return "allow";
    case Standing::asks:
      return "ask";
    case Standing::changed:
      return "off: changed";
  }
  return "off";
}

std::string proposal(const std::vector<InspectedTool>& tools) {
  std::vector<std::string> allow;
  std::vector<std::string> ask;
  std::vector<std::string> out;
  std::vector<std::string> silent;  // of what they do, but for their names
  for (const auto& [tool, standing, not_now] : tools) {
    const bool reads = tool.hints.only_reads.value_or(false);
    auto& list = is_left_out(tool, reads)                               ? out
                 : reads && !sounds_like(tool.name, kSoundsLikeWriting) ? allow
                                                                        : ask;
    list.push_back(tool.name);
    if (&list == &ask && !tool.hints.only_reads && sounds_like(tool.name, kSoundsLikeReading) &&
        !sounds_like(tool.name, kSoundsLikeWriting)) {
      silent.push_back(tool.name);
    }
  }
  return fmt::format(
      "allow = {}\nask = {}\n{}{}", list_of(allow), list_of(ask),
      out.empty() ? "" : fmt::format("# left out: {}\n", list_of(out)),
      silent.empty()
          ? ""
          : fmt::format(
                "# if these only read, as they sound, move them to allow and add this:\n# reads = {}\n",
                list_of(silent)));
}

void bind_first_look(store::Database& db, const std::string& server, const std::vector<InspectedTool>& tools,
                     base::Timestamp now) {
  if (!store::ToolLooks(db).knows(server)) {
    accept(db, server, tools, now);
  }
}

int accept(store::Database& db, const std::string& server, const std::vector<InspectedTool>& tools,
           base::Timestamp now) {
  store::Transaction transaction(db);
  store::ToolLooks looks(db);
  int changed = 0;
  for (const auto& [tool, standing, not_now] : tools) {  // those that are not there now come last
    changed += standing == Standing::changed ? 1 : 0;
    if (not_now) {
      looks.accept_noted(server, tool.name);
    } else {
      looks.accept(server, look_of(tool), now);
    }
  }
  transaction.commit();
  return changed;
}

}  // namespace bot::tools
