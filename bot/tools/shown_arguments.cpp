// How a call is named, and how its arguments are shown to a person.
#include <algorithm>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/crypto.h"
#include "base/json.h"
#include "base/utf8.h"
#include "bot/markup/literal_markdown.h"
#include "bot/tools/argument_times.h"
#include "bot/tools/asked_calls.h"

namespace bot::tools {
namespace {

using nlohmann::json;

constexpr std::size_t kHashDigits = 32;

std::string indented(const std::string& text) {
  std::string lines;
  for (const char c : text) {
    lines += c == '\n' ? std::string("\n    ") : std::string(1, c);
  }
  return lines;
}

std::string readable_value(const json& value, const std::string& times) {
  if (!value.is_string()) {
    return base::dump_json(value) + times;
  }
  const auto text = value.get<std::string>();
  return text.find('\n') == std::string::npos ? text + times : "\n    " + indented(text);
}

/// One that could be taken for a line of its own, or for a name and a value, stands in quotation marks.
std::string readable_name(const std::string& name) {
  const bool plain = std::ranges::none_of(
      name, [](unsigned char c) { return c < 0x20 || c == 0x7f || c == ':' || c == '"'; });
  return plain && base::trim(name).size() == name.size() ? name : base::dump_json(name);
}

}  // namespace

std::string call_hash(const std::string& server, const llm::mcp::Tool& tool, const std::string& arguments) {
  const auto given = base::parse_json(arguments).value_or(json::object());
  return base::to_hex(base::sha256(base::dump_json(json::array({server, tool.name, tool.hash, given}))))
      .substr(0, kHashDigits);
}

std::string call_name(const std::string& server, const std::string& tool) {
  return markup::inline_code(tool) + " of " + server;
}

std::string argument_lines(const std::string& arguments, const std::string& timezone) {
  const auto given = base::parse_json(arguments).value_or(json::object());
  std::string lines;
  for (const auto& [name, value] : given.items()) {
    lines += fmt::format("{}{}: {}", lines.empty() ? "" : "\n", readable_name(name),
                         readable_value(value, times_in(value, given, timezone)));
  }
  return base::visible(lines.empty() ? "(no arguments)" : lines);
}

std::string readable_arguments(const std::string& arguments, const std::string& timezone) {
  return markup::fenced(argument_lines(arguments, timezone));
}

bool can_be_shown(const std::string& arguments) {
  return arguments.size() <= kMostShown && argument_lines(arguments, "UTC").size() <= kMostShown;
}

std::vector<std::string> pieces_of(std::string_view text, std::size_t most) {
  std::vector<std::string> pieces;
  while (text.size() > most) {
    const auto whole = base::truncate_utf8(text, most);
    const auto line = whole.rfind('\n');
    const bool at_line = line != std::string_view::npos && line > 0;
    pieces.emplace_back(whole.substr(0, at_line ? line : whole.size()));
    text.remove_prefix(pieces.back().size() + (at_line ? 1 : 0));
  }
  pieces.emplace_back(text);
  return pieces;
}

}  // namespace bot::tools
