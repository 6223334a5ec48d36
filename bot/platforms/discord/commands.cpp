#include "bot/platforms/discord/commands.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/utf8.h"
#include "bot/chat/commands.h"
#include "bot/platforms/discord/interactions.h"
#include "bot/texts/clicks.h"

namespace bot::discord {
namespace {

using nlohmann::json;

constexpr int kChatInput = 1;
constexpr int kMessageCommand = 3;
constexpr int kStringOption = 3;
constexpr int kAttachmentOption = 11;
constexpr std::size_t kMaxDescription = 100;
constexpr std::size_t kMaxArgument = 4000;

json option(int type, const std::string& name, const std::string& description, bool required) {
  json made = {{"type", type}, {"name", name}, {"description", description}, {"required", required}};
  if (type == kStringOption) {
    made["max_length"] = kMaxArgument;
  }
  return made;
}

/// The one option for all that stands behind the word, named by its last part: "/cancel [PROJECT]" has
/// "project", which may be left out, "/file [PROJECT] PATH" has "path".
json slash_command(const chat::CommandUsage& usage) {
  json options = json::array();
  const auto argument = base::trim(usage.usage.substr(std::min(usage.usage.find(' '), usage.usage.size())));
  if (!argument.empty()) {
    const auto space = argument.rfind(' ');
    auto name = argument.substr(space == std::string_view::npos ? 0 : space + 1);
    const bool required = name.front() != '[';
    if (!required) {
      name = name.substr(1, name.size() - 2);
    }
    options.push_back(option(kStringOption, base::ascii_lower(name), std::string(argument), required));
  }
  if (usage.word == "ask" || usage.word == "dispatch") {
    options.push_back(option(kAttachmentOption, "file", texts::kAskFileHelp, false));
  }
  return {{"type", kChatInput},
          {"name", usage.word},
          {"description", base::ellipsize(usage.help, kMaxDescription)},
          {"options", options}};
}

/// What people see of a list of commands or options, in an order of its own.
json seen(const json& list) {
  std::vector<json> rows;
  if (list.is_array()) {
    for (const auto& row : list) {
      const auto* options = base::json_member(row, "options");
      rows.push_back({base::json_string(row, "name").value_or(""),
                      base::json_integer(row, "type").value_or(1),
                      base::json_string(row, "description").value_or(""),
                      base::json_bool(row, "required").value_or(false),
                      options != nullptr ? seen(*options) : json::array()});
    }
  }
  std::sort(rows.begin(), rows.end());
  return rows;
}

}  // namespace

json commands_json() {
  json commands = json::array();
  commands.push_back(slash_command({"ask", "/ask TEXT", texts::kAskHelp}));
  for (const auto& usage : chat::command_usages()) {
    commands.push_back(slash_command(usage));
  }
  commands.push_back({{"type", kMessageCommand}, {"name", kAskAboutMessage}});
  return commands;
}

bool same_commands(const json& registered) {
  return seen(registered) == seen(commands_json());
}

}  // namespace bot::discord
