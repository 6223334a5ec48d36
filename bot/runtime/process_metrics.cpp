#include "bot/runtime/process_metrics.h"

#include <ctime>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>

#include <sys/resource.h>
#include <unistd.h>

namespace bot::runtime {
namespace {

namespace fs = std::filesystem;

/// Of /proc/self/stat, what stands behind the name of the program, from the state on (proc(5), field 3).
std::vector<std::string> stat_fields() {
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  const auto name_ends = line.rfind(')');
  std::vector<std::string> fields;
  std::istringstream words(name_ends == std::string::npos ? "" : line.substr(name_ends + 1));
  for (std::string word; words >> word;) {
    fields.push_back(word);
  }
  return fields;
}

double ticks_per_second() {
  return static_cast<double>(::sysconf(_SC_CLK_TCK));
}

/// When the machine was started, in seconds since 1970.
std::optional<double> boot_time() {
  std::ifstream file("/proc/stat");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("btime ")) {
      return std::stod(line.substr(line.find(' ')));
    }
  }
  return std::nullopt;
}

std::optional<double> open_descriptors() {
  std::error_code error;
  const fs::directory_iterator all("/proc/self/fd", error);
  return error ? std::nullopt : std::optional(static_cast<double>(std::distance(begin(all), end(all)) - 1));
}

void add(std::vector<prometheus::MetricFamily>& families, const char* name, const char* help,
         std::optional<double> value, prometheus::MetricType type = prometheus::MetricType::Gauge) {
  if (!value) {
    return;
  }
  prometheus::ClientMetric metric;
  (type == prometheus::MetricType::Counter ? metric.counter.value : metric.gauge.value) = *value;
  families.push_back({name, help, type, {metric}});
}

}  // namespace

void add_process_metrics(std::vector<prometheus::MetricFamily>& families) {
  constexpr std::size_t kUserTime = 11, kSystemTime = 12, kStarted = 19, kVirtual = 20, kResident = 21;
  const auto stat = stat_fields();
  const auto field = [&](std::size_t at) -> std::optional<double> {
    return at < stat.size() ? std::optional(std::stod(stat[at])) : std::nullopt;
  };
  const auto sum = [](std::optional<double> a, std::optional<double> b, double share) {
    return a && b ? std::optional(*a + *b / share) : std::nullopt;
  };
  const auto user = field(kUserTime);
  add(families, "process_cpu_seconds_total", "CPU time of this process",
      sum(user ? std::optional(*user / ticks_per_second()) : user, field(kSystemTime), ticks_per_second()),
      prometheus::MetricType::Counter);
  const auto pages = field(kResident);
  add(families, "process_resident_memory_bytes", "Memory in use",
      pages ? std::optional(*pages * static_cast<double>(::sysconf(_SC_PAGESIZE))) : pages);
  add(families, "process_virtual_memory_bytes", "Address space in use", field(kVirtual));
  add(families, "process_start_time_seconds", "When this process was started, in seconds since 1970",
      sum(boot_time(), field(kStarted), ticks_per_second()));
  add(families, "process_open_fds", "Open file descriptors", open_descriptors());
  rlimit limit{};
  add(families, "process_max_fds", "File descriptors that may be open",
      ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? std::optional(static_cast<double>(limit.rlim_cur))
                                              : std::nullopt);
}

}  // namespace bot::runtime
