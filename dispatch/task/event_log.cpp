#include "dispatch/task/event_log.h"

#include <algorithm>
#include <cerrno>
#include <sstream>
#include <stdexcept>

#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "base/gzip.h"
#include "base/held_folder.h"
#include "base/json.h"
#include "base/log.h"

namespace dispatch {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMaxBytes = 8 * 1024 * 1024;
/// Against a small file that unpacks to a large one.
constexpr std::size_t kMaxUnpacked = 4 * kMaxBytes;
constexpr std::size_t kKeptPlain = 3;
constexpr std::size_t kMostNames = 100'000;
constexpr std::string_view kSuffix = "-events.jsonl";

}  // namespace

EventLog::EventLog(const fs::path& path) {
  if (path.empty()) {
    return;
  }
  try {
    if (const auto folder = base::HeldFolder::open(path.parent_path())) {
      file_ = folder->open_to_add(path.filename().string());
    }
  } catch (const std::system_error& e) {
    base::log_warning("there is no event log: {}", e.what());
  }
  struct stat status {};
  if (file_.valid() && ::fstat(file_.get(), &status) == 0) {
    size_ = static_cast<std::uintmax_t>(status.st_size);
  }
}

EventLog::~EventLog() {
  if (left_out_ > 0) {
    write(fmt::format("{{\"at\":{},\"event\":{{\"type\":\"frontdesk\",\"left_out\":{}}}}}\n",
                      base::to_unix_ms(base::SystemClock().now()), left_out_));
  }
}

void EventLog::write(std::string_view text) {
  while (file_.valid() && !text.empty()) {
    const auto n = ::write(file_.get(), text.data(), text.size());
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n < 0) {
      return;  // the disk is full: the run itself sees to that
    }
    text.remove_prefix(static_cast<std::size_t>(n));
  }
}

void EventLog::add(std::string_view line, base::Timestamp now) {
  if (!file_.valid() || line.substr(0, 200).find("\"content_block_delta\"") != std::string_view::npos) {
    return;
  }
  if (size_ + line.size() > kMaxBytes) {
    ++left_out_;
    return;
  }
  const auto event = base::redacted(line);
  if (!base::parse_json(event)) {
    ++left_out_;
    return;
  }
  const auto text = fmt::format("{{\"at\":{},\"event\":{}}}\n", base::to_unix_ms(now), event);
  write(text);
  size_ += text.size();
}

std::vector<EventLog::Entry> EventLog::read(const fs::path& path) {
  std::vector<Entry> entries;
  try {
    const auto folder = base::HeldFolder::open(path.parent_path());
    const auto name = path.filename().string();
    auto plain = folder ? folder->read(name, kMaxUnpacked) : std::nullopt;
    if (!plain && folder) {
      plain = base::gunzip(folder->read(name + ".gz", kMaxBytes).value_or(""), kMaxUnpacked);
    }
    std::istringstream text(plain.value_or(""));
    for (std::string line; std::getline(text, line);) {
      const auto json = base::parse_json(line);
      const auto at = json ? base::json_integer(*json, "at") : std::nullopt;
      const auto* event = json ? base::json_member(*json, "event") : nullptr;
      if (at && event != nullptr) {
        entries.push_back({base::from_unix_ms(*at), base::dump_json(*event)});
      }
    }
  } catch (const std::exception& e) {
    base::log_warning("{} cannot be read: {}", path.string(), e.what());
  }
  return entries;
}

void compress_old_event_logs(const fs::path& path) {
  try {
    const auto folder = base::HeldFolder::open(path);
    std::vector<std::string> logs;
    for (auto& name : folder ? folder->names(kMostNames) : std::vector<std::string>()) {
      if (name.ends_with(kSuffix) && folder->has_file(name)) {
        logs.push_back(std::move(name));
      }
    }
    std::sort(logs.rbegin(), logs.rend());  // the names begin with the time
    for (std::size_t i = kKeptPlain; i < logs.size(); ++i) {
      if (auto text = folder->read(logs[i], kMaxUnpacked)) {
        folder->write(logs[i] + ".gz", base::gzip(*text), base::Durability::relaxed);
        folder->remove(logs[i]);
      }
    }
  } catch (const std::exception& e) {
    base::log_warning("the event logs in {} are not compressed: {}", path.string(), e.what());
  }
}

}  // namespace dispatch
