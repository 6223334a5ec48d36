#include "bot/demo/workspace.h"

#include <algorithm>

#include "bot/demo/scripts.h"

namespace bot::demo {
namespace {

std::string argument(const Item& call, const char* name) {
  const auto found = call.arguments.find(name);
  return found == call.arguments.end() ? std::string() : found->second;
}

std::string file_of(const Item& call) {
  const auto path = argument(call, "file_path");
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

/// Calls by their id, to find what a result answers.
std::map<std::string, const Item*> calls_in(const std::vector<Item>& items) {
  std::map<std::string, const Item*> calls;
  for (const auto& item : items) {
    if (item.kind == Item::Kind::tool_call) {
      calls[item.id] = &item;
    }
  }
  return calls;
}

}  // namespace

Files::Files(const std::vector<Item>& items, std::size_t count) {
  const auto calls = calls_in(items);
  for (std::size_t i = 0; i < count; ++i) {
    const auto& result = items[i];
    const auto call = calls.find(result.id);
    if (result.kind != Item::Kind::tool_result || result.is_error || call == calls.end()) {
      continue;
    }
    const auto name = file_of(*call->second);
    if (call->second->tool == "Write") {
      // Claude Code says "created" for a new file and "has been updated" for one that was there.
      const bool replaced = files_.contains(name) ? files_[name].replaced
                                                  : result.text.find("been updated") != std::string::npos;
      files_[name] = {argument(*call->second, "content"), i, replaced};
    } else if (const auto file = files_.find(name); call->second->tool == "Edit" && file != files_.end()) {
      auto& content = file->second.content;
      const auto old_text = argument(*call->second, "old_string");
      if (const auto at = content.find(old_text); at != std::string::npos) {
        content.replace(at, old_text.size(), argument(*call->second, "new_string"));
        file->second.changed_at = i;
      }
    }
  }
}

std::optional<std::string> Files::content(const std::string& name) const {
  const auto file = files_.find(name);
  return file == files_.end() ? std::nullopt : std::optional(file->second.content);
}

std::optional<std::size_t> Files::last_change(const std::string& name) const {
  const auto file = files_.find(name);
  return file == files_.end() ? std::nullopt : std::optional(file->second.changed_at);
}

bool Files::replaced(const std::string& name) const {
  const auto file = files_.find(name);
  return file != files_.end() && file->second.replaced;
}

Attempts attempts_at(const std::vector<Item>& items, std::size_t begin, const std::string& name) {
  const auto calls = calls_in(items);
  Attempts attempts;
  for (std::size_t i = begin; i < items.size(); ++i) {
    const auto call = calls.find(items[i].id);
    if (items[i].kind != Item::Kind::tool_result || call == calls.end() || file_of(*call->second) != name) {
      continue;
    }
    if (call->second->tool == "Read") {
      attempts.read_at = i;
      attempts.read_text = items[i].text;
      attempts.read_failed = items[i].is_error;
    } else if (items[i].is_error) {
      attempts.failures.push_back({i, items[i].text});
    }
  }
  return attempts;
}

std::optional<std::string> numbered_text(std::string_view read_result) {
  constexpr std::string_view kArrow = "\xE2\x86\x92";  // U+2192
  read_result = read_result.substr(0, read_result.find("<system-reminder>"));
  std::string text;
  std::size_t number = 0;
  while (!read_result.empty()) {
    auto line = read_result.substr(0, read_result.find('\n'));
    read_result.remove_prefix(std::min(read_result.size(), line.size() + 1));
    if (line.empty() && read_result.find_first_not_of('\n') == std::string_view::npos) {
      break;
    }
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    const auto expected = std::to_string(++number);
    if (!line.starts_with(expected)) {
      return std::nullopt;
    }
    line.remove_prefix(expected.size());
    if (line.starts_with(kArrow)) {
      line.remove_prefix(kArrow.size());
    } else if (line.starts_with('\t')) {
      line.remove_prefix(1);
    } else {
      return std::nullopt;
    }
    text.append(line).append("\n");
  }
  return number == 0 ? std::nullopt : std::optional(text);
}

std::string_view theme_css_in(std::string_view page) {
  for (const auto theme : {Theme::dawn, Theme::dark, Theme::blue, Theme::green, Theme::red, Theme::purple}) {
    const auto css = theme_css(theme);
    if (const auto at = page.find(css); at != std::string_view::npos) {
      return page.substr(at, css.size());
    }
  }
  return {};
}

}  // namespace bot::demo
