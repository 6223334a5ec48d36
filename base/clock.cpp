#include "base/clock.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <sstream>

#include <fmt/core.h>

#include "base/utf8.h"

namespace base {
namespace {

// The C library converts for one zone at a time, the one in TZ; this lock makes "set, convert, restore" one
// step.
std::mutex tz_mutex;

constexpr const char* kZones = "/usr/share/zoneinfo/";

class ZoneScope {
 public:
  explicit ZoneScope(const std::string& tz) : lock_(tz_mutex) {
    if (const char* old = std::getenv("TZ")) {
      old_ = old;
      had_ = true;
    }
    if (!tz.empty()) {
      setenv("TZ", (":" + tz).c_str(), 1);
    }
    tzset();
  }
  ~ZoneScope() {
    if (had_) {
      setenv("TZ", old_.c_str(), 1);
    } else {
      unsetenv("TZ");
    }
    tzset();
  }
  ZoneScope(const ZoneScope&) = delete;
  ZoneScope& operator=(const ZoneScope&) = delete;

 private:
  std::lock_guard<std::mutex> lock_;
  std::string old_;
  bool had_ = false;
};

}  // namespace

Timestamp SystemClock::now() const {
  return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

std::int64_t to_unix_ms(Timestamp time) {
  return time.time_since_epoch().count();
}

Timestamp from_unix_ms(std::int64_t ms) {
  return Timestamp(std::chrono::milliseconds(ms));
}

LocalTime local_time(Timestamp time, const std::string& tz) {
  const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  std::tm tm{};
  const ZoneScope scope(tz);
  localtime_r(&seconds, &tm);
  return {tm.tm_year + 1900,
          tm.tm_mon + 1,
          tm.tm_mday,
          tm.tm_hour,
          tm.tm_min,
          tm.tm_sec,
          tm.tm_wday,
          static_cast<int>(tm.tm_gmtoff),
          tm.tm_zone != nullptr ? tm.tm_zone : "UTC"};
}

bool is_time_zone(const std::string& tz) {
  if (tz.empty() || tz.front() == '/' || tz.find("..") != std::string::npos) {
    return false;
  }
  if (tz == "UTC") {
    return true;
  }
  // No place has these: the first count leap seconds, the others are whatever the machine was set up with.
  if (tz.starts_with("right/") || tz == "posixrules" || tz == "localtime") {
    return false;
  }
  // Lists of zones lie beside them.
  std::array<char, 4> magic{};
  std::ifstream file(kZones + tz, std::ios::binary);
  return file.read(magic.data(), magic.size()) && std::string_view(magic.data(), magic.size()) == "TZif";
}

std::optional<std::string> time_zone_named(std::string_view words) {
  auto wanted = ascii_lower(trim(words));
  std::replace(wanted.begin(), wanted.end(), ' ', '_');
  if (wanted == "utc") {
    return "UTC";
  }
  // Columns of zone.tab, see its head: countries, coordinates, zone, comment.
  std::ifstream list(std::string(kZones) + "zone.tab");
  std::optional<std::string> of_city;
  bool several = false;
  for (std::string line; std::getline(list, line);) {
    std::istringstream columns(line);
    std::string skipped, zone;
    if (line.starts_with('#') || !(columns >> skipped >> skipped >> zone)) {
      continue;
    }
    const auto name = ascii_lower(zone);
    if (name == wanted) {
      return zone;
    }
    if (name.substr(name.rfind('/') + 1) == wanted) {
      several = of_city.has_value();
      of_city = zone;
    }
  }
  if (of_city && !several) {
    return of_city;
  }
  // Older names are in no list.
  const std::string exact(trim(words));
  return is_time_zone(exact) ? std::optional(exact) : std::nullopt;
}

std::string machine_time_zone() {
  if (const char* tz = std::getenv("TZ")) {
    const std::string name = *tz == ':' ? tz + 1 : tz;
    if (is_time_zone(name)) {
      return name;
    }
  }
  std::error_code ec;
  const auto target = std::filesystem::read_symlink("/etc/localtime", ec).string();
  constexpr std::string_view kFolder = "zoneinfo/";
  if (const auto at = target.find(kFolder); !ec && at != std::string::npos) {
    const std::string name = target.substr(at + kFolder.size());
    if (is_time_zone(name)) {
      return name;
    }
  }
  return "UTC";
}

std::string format_minute(Timestamp time, const std::string& tz) {
  const auto t = local_time(time, tz);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}", t.year, t.month, t.day, t.hour, t.minute);
}

Timestamp start_of_day(Timestamp time, const std::string& tz) {
  const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  std::tm tm{};
  const ZoneScope scope(tz);
  localtime_r(&seconds, &tm);
  tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
  tm.tm_isdst = -1;
  return from_unix_ms(static_cast<std::int64_t>(mktime(&tm)) * 1000);
}

std::string format_duration(std::chrono::milliseconds duration) {
  const auto seconds = duration.count() / 1000;
  if (seconds < 60) {
    return fmt::format("{} s", seconds);
  }
  if (seconds < 3600) {
    return fmt::format("{} m {} s", seconds / 60, seconds % 60);
  }
  return fmt::format("{} h {} m", seconds / 3600, seconds / 60 % 60);
}

}  // namespace base
