#include "bot/reporting/log_steps.h"

#include <algorithm>
#include <map>
#include <sstream>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/utf8.h"
#include "bot/texts/approvals.h"

namespace bot::reporting {
namespace {

using nlohmann::json;

constexpr std::size_t kMostSteps = 3000;
constexpr std::size_t kLongestText = 8 * 1024;
constexpr std::size_t kLongestDiff = 64 * 1024;
constexpr const char* kAskedFor = "asked_for";

/// Every line of `text` behind `sign`.
std::string marked(char sign, const std::string& text) {
  std::string lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    lines += sign + line + "\n";
  }
  return lines;
}

std::int64_t line_count(const std::string& text) {
  return static_cast<std::int64_t>(std::count(text.begin(), text.end(), '\n')) +
         (text.empty() || text.ends_with('\n') ? 0 : 1);
}

std::string file_header(const std::string& path, bool is_new) {
  return fmt::format("--- {}\n+++ b/{}\n", is_new ? "/dev/null" : "a/" + path, path);
}

/// Of the hunks that the CLI gives along with the result of an edit.
std::string diff_of_patch(const std::string& path, const json& patch) {
  std::string diff;
  for (const auto& hunk : patch) {
    diff += fmt::format("@@ -{},{} +{},{} @@\n", base::json_integer(hunk, "oldStart").value_or(0),
                        base::json_integer(hunk, "oldLines").value_or(0),
                        base::json_integer(hunk, "newStart").value_or(0),
                        base::json_integer(hunk, "newLines").value_or(0));
    for (const auto& line : base::json_list(hunk, "lines")) {
      diff += (line.is_string() ? line.get<std::string>() : std::string()) + "\n";
    }
  }
  return diff.empty() ? "" : file_header(path, false) + diff;
}

std::string diff_of_new(const std::string& path, const std::string& content) {
  return file_header(path, true) + fmt::format("@@ -0,0 +1,{} @@\n", line_count(content)) +
         marked('+', content);
}

/// Of what was asked for: where in the file it is, nobody says.
std::string diff_of_input(const std::string& path, const json& input) {
  auto edits = base::json_list(input, "edits");
  if (edits.empty()) {
    edits = json::array({input});
  }
  std::string diff;
  for (const auto& edit : edits) {
    const auto before = base::json_text(edit, "old_string"), after = base::json_text(edit, "new_string");
    if (!before.empty() || !after.empty()) {
      diff += fmt::format("@@ -1,{} +1,{} @@\n", line_count(before), line_count(after)) +
              marked('-', before) + marked('+', after);
    }
  }
  return diff.empty() ? "" : file_header(path, false) + diff;
}

std::string text_of(const json& content) {
  if (content.is_string()) {
    return content.get<std::string>();
  }
  std::string text;
  if (content.is_array()) {
    for (const auto& block : content) {
      text += base::json_text(block, "text");
    }
  }
  return text;
}

/// What a tool was called with, a line for each value.
std::string lines_of(const json& input) {
  std::string lines;
  for (const auto& [name, value] : input.items()) {
    const auto text = value.is_string() ? value.get<std::string>() : base::dump_json(value);
    lines += fmt::format("{}{}:{}{}", lines.empty() ? "" : "\n", name,
                         text.find('\n') == std::string::npos ? " " : "\n", text);
  }
  return lines;
}

/// What ran in place of the commands of which calls, by the ids of the calls.
std::map<std::string, std::string> changed_commands(const std::vector<dispatch::EventLog::Entry>& entries,
                                                    const std::vector<store::Approval>& approvals) {
  std::map<std::string, std::string> by_request, by_call;
  for (const auto& approval : approvals) {
    if (auto command = store::allowed_instead(approval); !command.empty()) {
      by_request[approval.request_id] = std::move(command);
    }
  }
  if (by_request.empty()) {
    return {};
  }
  for (const auto& entry : entries) {
    const auto event = base::parse_json(entry.event).value_or(json::object());
    if (const auto asked = by_request.find(base::json_text(event, "request_id"));
        asked != by_request.end() && base::json_text(event, "type") == "control_request") {
      by_call[base::json_text(base::json_object(event, "request"), "tool_use_id")] = asked->second;
    }
  }
  return by_call;
}

/// Puts into the calls of an event what ran in their place.
void put_in(std::string& line, const std::map<std::string, std::string>& changed) {
  auto event = base::parse_json(line).value_or(json());
  const auto content = json::json_pointer("/message/content");
  if (!event.contains(content) || !event[content].is_array()) {
    return;
  }
  for (auto& block : event[content]) {
    const auto call = changed.find(base::json_text(block, "id"));
    if (call != changed.end() && !base::json_object(block, "input").empty()) {
      auto& input = block["input"];
      input[kAskedFor] = base::json_text(input, "command");
      input["command"] = call->second;
    }
  }
  line = base::dump_json(event);
}

/// Reads the events of Claude Code; of any other CLI it keeps the lines as they are.
class StepReader {
 public:
  StepReader(const std::filesystem::path& project, std::vector<Step>& steps)
      : prefix_(project.string() + "/"), steps_(steps) {}

  void take(base::Timestamp at, const std::string& line) {
    const auto event = base::parse_json(line);
    if (!event || steps_.size() >= kMostSteps) {
      return;
    }
    const auto type = base::json_text(*event, "type");
    if (type == "assistant") {
      for (const auto& block : base::json_list(base::json_object(*event, "message"), "content")) {
        take_block(at, block);
      }
    } else if (type == "user") {
      for (const auto& block : base::json_list(base::json_object(*event, "message"), "content")) {
        take_result(block, base::json_object(*event, "tool_use_result"));
      }
    } else if (type == "result" && base::json_bool(*event, "is_error").value_or(false)) {
      add({.at = at,
           .kind = "error",
           .title = base::json_text(*event, "subtype"),
           .detail = base::json_text(*event, "result"),
           .ok = false});
    } else if (event->contains("item") && type == "item.completed") {
      take_item(at, base::json_object(*event, "item"));
    }
  }

 private:
  void add(Step step) {
    step.detail = base::ellipsize(base::to_valid_utf8(step.detail), kLongestText);
    step.diff = base::ellipsize(step.diff, kLongestDiff);
    steps_.push_back(std::move(step));
  }

  std::string relative(const std::string& path) const {
    return path.starts_with(prefix_) ? path.substr(prefix_.size()) : path;
  }

  void take_block(base::Timestamp at, const json& block) {
    const auto type = base::json_text(block, "type");
    if (type == "text" || type == "thinking") {
      const auto text = base::json_text(block, type.c_str());
      if (!base::trim(text).empty()) {
        add({.at = at, .kind = type, .title = base::ellipsize(base::one_line(text), 120), .detail = text});
      }
      return;
    }
    if (type != "tool_use") {
      return;
    }
    const auto& input = base::json_object(block, "input");
    Step step{.at = at, .kind = "tool", .title = base::json_text(block, "name")};
    step.tool = step.title;
    for (const auto* const name : {"file_path", "notebook_path", "path"}) {
      step.path = step.path.empty() ? relative(base::json_text(input, name)) : step.path;
    }
    if (const auto command = base::json_text(input, "command"); !command.empty()) {
      step.kind = "command";
      step.title = base::ellipsize(base::one_line(command), 120);
      const auto asked_for = base::json_text(input, kAskedFor);
      step.detail = asked_for.empty() ? command : command + "\n" + texts::in_place_of(asked_for);
    } else if (input.contains("old_string") || input.contains("edits")) {
      step.kind = "edit";
      step.diff = diff_of_input(step.path, input);
    } else if (input.contains("content") && !step.path.empty()) {
      step.kind = "edit";
      step.diff = diff_of_new(step.path, base::json_text(input, "content"));
    } else {
      step.detail = lines_of(input);
    }
    step.title = step.kind == "command" || step.path.empty() ? step.title : step.tool + " " + step.path;
    called_[base::json_text(block, "id")] = steps_.size();
    add(std::move(step));
  }

  void take_result(const json& block, const json& told) {
    const auto called = called_.find(base::json_text(block, "tool_use_id"));
    if (base::json_text(block, "type") != "tool_result" || called == called_.end()) {
      return;
    }
    auto& step = steps_[called->second];
    step.ok = !base::json_bool(block, "is_error").value_or(false);
    const auto said =
        base::ellipsize(base::to_valid_utf8(text_of(block.value("content", json()))), kLongestText);
    step.detail += step.kind == "edit" && *step.ok ? "" : (step.detail.empty() ? "" : "\n") + said;
    if (const auto patch = diff_of_patch(step.path, base::json_list(told, "structuredPatch"));
        !patch.empty()) {
      step.diff = base::ellipsize(patch, kLongestDiff);
    }
    if (!*step.ok) {
      step.diff.clear();  // it was not made
    }
  }

  /// As the Codex CLI and those like it tell it.
  void take_item(base::Timestamp at, const json& item) {
    const auto command = base::json_text(item, "command"), text = base::json_text(item, "text");
    if (!command.empty()) {
      const auto status = base::json_integer(item, "exit_code");
      add({.at = at,
           .kind = "command",
           .title = base::ellipsize(base::one_line(command), 120),
           .detail = command + "\n" + base::json_text(item, "aggregated_output"),
           .ok = status ? std::optional(*status == 0) : std::nullopt});
    } else if (!text.empty()) {
      add({.at = at,
           .kind = base::json_text(item, "type") == "reasoning" ? "thinking" : "text",
           .title = base::ellipsize(base::one_line(text), 120),
           .detail = text});
    }
  }

  const std::string prefix_;
  std::vector<Step>& steps_;
  std::map<std::string, std::size_t> called_;
};

}  // namespace

std::vector<dispatch::EventLog::Entry> events_as_they_ran(const std::filesystem::path& project,
                                                          const store::Leg& leg,
                                                          const std::vector<store::Approval>& approvals) {
  if (leg.record.empty()) {
    return {};
  }
  auto entries = dispatch::EventLog::read(project / ".dispatch-logs" / (leg.record + "-events.jsonl"));
  const auto changed = changed_commands(entries, approvals);
  for (auto& entry : entries) {
    if (!changed.empty()) {
      put_in(entry.event, changed);
    }
  }
  return entries;
}

std::vector<Step> specialist_steps(const std::filesystem::path& project, const std::vector<store::Leg>& legs,
                                   const std::vector<store::Approval>& approvals) {
  std::vector<Step> steps;
  for (const auto& leg : legs) {
    StepReader reader(project, steps);
    for (const auto& entry : events_as_they_ran(project, leg, approvals)) {
      reader.take(entry.at, entry.event);
    }
  }
  return steps;
}

}  // namespace bot::reporting
