#include "dispatch/task/event_log.h"

#include <algorithm>
#include <memory>
#include <sstream>

#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <zlib.h>

#include "base/file.h"
#include "base/json.h"
#include "base/log.h"

namespace dispatch {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMaxBytes = 8 * 1024 * 1024;
/// Against a small file that unpacks to a large one.
constexpr std::size_t kMaxUnpacked = 4 * kMaxBytes;
constexpr std::size_t kKeptPlain = 3;
constexpr std::string_view kSuffix = "-events.jsonl";

struct CloseGzip {
  void operator()(gzFile file) const { gzclose(file); }
};
using Gzip = std::unique_ptr<std::remove_pointer_t<gzFile>, CloseGzip>;

bool compress(const fs::path& path) {
  const auto text = base::read_file(path);
  const auto packed = path.string() + ".gz";
  Gzip out(gzopen((packed + ".tmp").c_str(), "wb"));
  if (!out ||
      gzwrite(out.get(), text.data(), static_cast<unsigned>(text.size())) != static_cast<int>(text.size()) ||
      gzclose(out.release()) != Z_OK) {
    return false;
  }
  fs::rename(packed + ".tmp", packed);
  return fs::remove(path);
}

std::string unpack(const fs::path& path) {
  std::string text;
  const Gzip in(gzopen(path.c_str(), "rb"));
  char buffer[64 * 1024];
  for (int n = 0; in && text.size() < kMaxUnpacked && (n = gzread(in.get(), buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<std::size_t>(n));
  }
  return text;
}

}  // namespace

EventLog::EventLog(const fs::path& path) {
  if (path.empty()) {
    return;
  }
  std::error_code ec;
  size_ = fs::exists(path, ec) ? fs::file_size(path, ec) : 0;
  file_.open(path, std::ios::binary | std::ios::app);
}

EventLog::~EventLog() {
  if (left_out_ > 0) {
    file_ << fmt::format("{{\"at\":{},\"event\":{{\"type\":\"frontdesk\",\"left_out\":{}}}}}\n",
                         base::to_unix_ms(base::SystemClock().now()), left_out_);
  }
}

void EventLog::add(std::string_view line, base::Timestamp now) {
  if (!file_.is_open() || line.substr(0, 200).find("\"content_block_delta\"") != std::string_view::npos) {
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
  file_ << text << std::flush;
  size_ += text.size();
}

std::vector<EventLog::Entry> EventLog::read(const fs::path& path) {
  std::vector<Entry> entries;
  try {
    std::error_code ec;
    std::istringstream text(fs::exists(path, ec) ? base::read_file(path) : unpack(path.string() + ".gz"));
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

void compress_old_event_logs(const fs::path& folder) {
  try {
    std::vector<fs::path> logs;
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (entry.is_regular_file() && !entry.is_symlink() && entry.path().string().ends_with(kSuffix)) {
        logs.push_back(entry.path());
      }
    }
    std::sort(logs.rbegin(), logs.rend());  // the names begin with the time
    for (std::size_t i = kKeptPlain; i < logs.size(); ++i) {
      compress(logs[i]);
    }
  } catch (const std::exception& e) {
    base::log_warning("the event logs in {} are not compressed: {}", folder.string(), e.what());
  }
}

}  // namespace dispatch
