#include "dispatch/adapters/request_detail.h"

#include <algorithm>
#include <initializer_list>
#include <vector>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/utf8.h"
#include "dispatch/task/texts.h"

namespace dispatch {
namespace {

using nlohmann::json;

/// More than this is not shown, and what is not shown whole cannot be allowed.
constexpr std::size_t kMaxDetail = 12'000;

constexpr std::size_t kMaxInLine = 1'000;
/// Longer stretches of nothing push what comes behind them out of sight.
constexpr std::size_t kMostEmptyLines = 3, kMostBlanks = 60;
/// As much as a phone shows at once.
constexpr std::size_t kOneGlance = 25;

std::string with_gaps_told(std::string_view line) {
  std::string out;
  while (!line.empty()) {
    const auto words = std::min(line.find_first_of(" \t"), line.size());
    out += line.substr(0, words);
    line.remove_prefix(words);
    const auto gap = std::min(line.find_first_not_of(" \t"), line.size());
    out += gap > kMostBlanks ? texts::blanks(gap) : std::string(line.substr(0, gap));
    line.remove_prefix(gap);
  }
  return out;
}

std::vector<std::string> lines_to_read(std::string_view text) {
  std::vector<std::string> lines;
  std::size_t empty = 0;
  const auto end_gap = [&] {
    if (empty > kMostEmptyLines) {
      lines.push_back(texts::empty_lines(empty));
    } else {
      lines.insert(lines.end(), empty, std::string());
    }
    empty = 0;
  };
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find('\n', begin), text.size());
    if (const auto line = text.substr(begin, end - begin); base::trim(line).empty()) {
      ++empty;
    } else {
      end_gap();
      lines.push_back(with_gaps_told(line));
    }
    begin = end + 1;
  }
  end_gap();
  return lines;
}

std::string fenced(std::string_view language, std::string_view text) {
  std::string body;
  for (const auto& line : lines_to_read(base::visible(base::to_valid_utf8(text)))) {
    body += line + "\n";
  }
  const bool cut = body.size() > kMaxDetail;
  if (cut) {
    body = base::keep_ends(body, kMaxDetail);
  }
  std::string fence = "```";
  while (body.find(fence) != std::string::npos) {
    fence += "`";
  }
  return fmt::format("{}{}\n{}{}{}{}{}", fence, language, body, body.ends_with('\n') ? "" : "\n", fence,
                     cut ? "\n\n" : "", cut ? texts::kTooLongToShow : "");
}

/// What stands within a line and must not get out of it, as a code span.
std::string in_line(std::string_view text) {
  std::string shown;
  for (const char c : with_gaps_told(base::visible(base::to_valid_utf8(text)))) {
    shown += c == '\n' ? "\\x0a" : c == '\t' ? "\\x09" : std::string(1, c);
  }
  const bool cut = shown.size() > kMaxInLine;
  std::string fence = "`";
  while (shown.find(fence) != std::string::npos) {
    fence += "`";
  }
  const char* space = fence.size() > 1 ? " " : "";
  return fmt::format("{}{}{}{}{}{}{}", fence, space, base::ellipsize(shown, kMaxInLine), space, fence,
                     cut ? " " : "", cut ? texts::kTooLongToShow : "");
}

std::string command_text(std::string_view command) {
  auto text = fmt::format("{}\n\n{}", texts::kRunCommand, fenced("", command));
  const auto lines = lines_to_read(base::trim(command));
  return lines.size() <= kOneGlance
             ? text
             : fmt::format("{}\n\n{}", text, texts::many_lines(lines.size(), in_line(lines.back())));
}

std::string lines_with(std::string_view mark, std::string_view text) {
  std::string out;
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find('\n', begin), text.size());
    out += fmt::format("{}{}\n", mark, text.substr(begin, end - begin));
    begin = end + 1;
  }
  return out;
}

std::string change_text(const json& edit) {
  return lines_with("- ", base::json_string(edit, "old_string").value_or("")) +
         lines_with("+ ", base::json_string(edit, "new_string").value_or(""));
}

std::string shown_path(const json& input, const std::filesystem::path& folder) {
  const std::filesystem::path path(base::json_string(input, "file_path")
                                       .value_or(base::json_string(input, "notebook_path").value_or("?")));
  const auto relative = path.is_absolute() ? path.lexically_relative(folder) : path;
  const auto inside = !relative.empty() && *relative.begin() != "..";
  return in_line((inside ? relative : path).string());
}

/// The tool's other arguments, except the words in which the model describes the call.
std::string other_fields(const json& input, std::initializer_list<std::string_view> shown) {
  std::string text;
  for (const auto& [key, value] : input.items()) {
    if (key != "description" && std::find(shown.begin(), shown.end(), key) == shown.end()) {
      text += fmt::format("\n\n{}\n\n{}", texts::with_field(in_line(key)),
                          fenced("json", base::dump_json(value)));
    }
  }
  return text;
}

/// "git commit:*" and "git commit *" are whatever begins with it; a star elsewhere is anything at all.
std::string commands_of(std::string_view pattern) {
  auto begin = pattern;
  if (begin.ends_with(":*") || begin.ends_with(" *")) {
    begin.remove_suffix(2);
  }
  if (begin.find('*') != std::string_view::npos) {
    return texts::commands_of_form(in_line(pattern));
  }
  return begin.size() < pattern.size() ? texts::commands_beginning_with(in_line(begin))
                                       : texts::command_each_time(in_line(pattern));
}

}  // namespace

std::string detail_of_request(const std::string& tool, const json& input,
                              const std::filesystem::path& folder) {
  if (tool == "Bash") {
    return command_text(base::json_string(input, "command").value_or("?")) + other_fields(input, {"command"});
  }
  if (tool == "Write") {
    return fmt::format("{}\n\n{}", texts::write_file(shown_path(input, folder)),
                       fenced("", base::json_string(input, "content").value_or(""))) +
           other_fields(input, {"file_path", "content"});
  }
  if (tool == "Edit") {
    return fmt::format("{}\n\n{}", texts::change_file(shown_path(input, folder)),
                       fenced("diff", change_text(input))) +
           other_fields(input, {"file_path", "old_string", "new_string"});
  }
  if (tool == "Read") {
    return texts::read_file(shown_path(input, folder)) + other_fields(input, {"file_path"});
  }
  if (const auto url = base::json_string(input, "url"); tool == "WebFetch" && url) {
    return fmt::format("{}\n\n{}", texts::kFetchAddress, fenced("", *url)) + other_fields(input, {"url"});
  }
  return fmt::format("{}\n\n{}", texts::use_tool(in_line(tool)),
                     fenced("json", input.dump(1, ' ', false, json::error_handler_t::replace)));
}

bool is_shown_whole(const std::string& detail) {
  return detail.find(texts::kTooLongToShow) == std::string::npos && detail.size() < 3 * kMaxDetail;
}

std::string rule_in_words(const json& rule) {
  const auto tool = base::json_string(rule, "toolName").value_or("?");
  const auto content = base::json_string(rule, "ruleContent").value_or("");
  const auto what = tool == "Bash" && !content.empty()
                        ? commands_of(content)
                        : texts::uses_of(in_line(tool), content.empty() ? "" : in_line(content));
  return texts::under_rule(what, in_line(content.empty() ? tool : tool + "(" + content + ")"));
}

}  // namespace dispatch
