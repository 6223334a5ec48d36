#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/fd.h"

namespace dispatch {

/// The raw events of one run, on disk for an admin to read later: JSON lines {"at": <milliseconds since
/// 1970>, "event": <what the specialist wrote>}, without the text deltas, which the whole messages repeat,
/// and with secrets replaced. At most 8 MiB; what comes after that is counted. It never fails a run: where it
/// cannot be written there is none, and it is never a link. Thread rule: one thread.
class EventLog {
 public:
  /// Appends to the file; an empty path keeps nothing.
  explicit EventLog(const std::filesystem::path& path);
  ~EventLog();
  EventLog(const EventLog&) = delete;
  EventLog& operator=(const EventLog&) = delete;

  void add(std::string_view line, base::Timestamp now);

  struct Entry {
    base::Timestamp at;
    std::string event;
  };
  /// What was kept, also where it has been compressed meanwhile; empty where there is nothing.
  static std::vector<Entry> read(const std::filesystem::path& path);

 private:
  void write(std::string_view text);

  base::Fd file_;
  std::uintmax_t size_ = 0;
  int left_out_ = 0;
};

/// Compresses (gzip) the event logs of a log folder but for the newest three.
void compress_old_event_logs(const std::filesystem::path& folder);

}  // namespace dispatch
