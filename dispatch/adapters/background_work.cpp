#include "dispatch/adapters/background_work.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/utf8.h"

namespace dispatch {
namespace {

constexpr std::size_t kMaxDescription = 80;
constexpr std::size_t kMostTold = 1000;

bool has(std::string_view line, std::string_view part) {
  return line.find(part) != std::string_view::npos;
}

}  // namespace

bool BackgroundWork::take(std::string_view line) {
  if (!has(line, "\"background_tasks_changed\"")) {
    take_ended(line);
    return false;
  }
  const auto event = base::parse_json(line);
  if (!event || base::json_text(*event, "subtype") != "background_tasks_changed") {
    return false;
  }
  running_.clear();
  for (const auto& task : base::json_list(*event, "tasks")) {
    // What only watches, or goes on elsewhere, keeps nobody waiting.
    if (base::json_bool(task, "ambient").value_or(false) ||
        base::json_bool(task, "off_host").value_or(false)) {
      continue;
    }
    const auto type = base::json_text(task, "task_type");
    running_[base::json_text(task, "task_id")] = {
        base::ellipsize(base::one_line(base::json_text(task, "description")), kMaxDescription),
        type == "local_bash"};
  }
  return true;
}

/// The events about one task come before the list without it.
void BackgroundWork::take_ended(std::string_view line) {
  if (has(line, "\"task_notification\"")) {
    const auto event = base::parse_json(line);
    const auto id = event ? base::json_text(*event, "task_id") : std::string();
    // Of what it has stopped itself the model is not told.
    if (running_.contains(id) && base::json_text(*event, "status") != "stopped" &&
        untold_.size() < kMostTold) {
      untold_[id] = base::json_text(*event, "run_id");
    }
  } else if (!untold_.empty() && has(line, "task-notification")) {
    const auto event = base::parse_json(line);
    if (!event) {
      return;
    }
    if (base::json_text(*event, "type") == "user") {
      std::erase_if(untold_, [&](const auto& work) { return has(line, work.first); });
    } else if (base::json_text(*event, "type") == "result") {
      const auto run = base::json_text(base::json_object(*event, "origin"), "runId");
      const auto told =
          std::find_if(untold_.begin(), untold_.end(), [&](const auto& work) { return work.second == run; });
      if (told != untold_.end()) {
        untold_.erase(told);
      } else if (base::json_text(base::json_object(*event, "origin"), "kind") == "task-notification") {
        untold_.clear();
      }
    }
  }
}

bool BackgroundWork::command_is_running() const {
  return std::any_of(running_.begin(), running_.end(),
                     [](const auto& work) { return work.second.is_command; });
}

std::vector<std::string> BackgroundWork::descriptions() const {
  std::vector<std::string> list;
  for (const auto& [id, work] : running_) {
    list.push_back(work.description);
  }
  return list;
}

}  // namespace dispatch
