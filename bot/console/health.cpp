#include "bot/console/health.h"

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <pthread.h>

#include "base/json.h"
#include "base/log.h"
#include "base/rfc3339.h"
#include "bot/console/calls.h"
#include "bot/console/query.h"
#include "bot/doctor/checks.h"
#include "bot/runtime/metrics.h"
#include "bot/texts/console_operations.h"
#include "store/backlog.h"

namespace bot::console {
namespace {

using nlohmann::json;
using Mark = chat::CheckResult::Mark;

/// What takes longer is told of as such; it may still come to its end.
constexpr std::chrono::seconds kSlow{60};

std::string group_of(const std::string& check) {
  static const std::map<std::string, std::string> groups = {
      {"data folder", "disk"},        {"projects folder", "disk"}, {"database", "database"},
      {"deliveries", "platforms"},    {"chats", "platforms"},      {"crashes", "database"},
      {"secretary", "models"},        {"price", "models"},         {"specialist", "specialist"},
      {"memory", "specialist"},       {"sandbox", "sandbox"},      {"tracing", "sandbox"},
      {"project settings", "sandbox"}};
  const auto found = groups.find(check);
  return found == groups.end() ? "configuration" : found->second;
}

/// The last round of checks, or the one that goes on. Thread rule: any thread.
class Checks {
 public:
  /// False where one goes on.
  bool start(const runtime::Flags& flags, const base::Clock& clock) {
    const std::lock_guard lock(mutex_);
    if (current_) {
      return false;
    }
    lines_ = json::array();
    begin("configuration");
    thread_ =
        std::jthread([this, flags, &clock](std::stop_token stop) { run(flags, clock, std::move(stop)); });
    pthread_setname_np(thread_.native_handle(), "health");
    return true;
  }

  void add_to(json& health) {
    const std::lock_guard lock(mutex_);
    health["checks"] = lines_;
    health["running"] = current_.has_value();
    health["at"] = finished_ ? json(base::format_rfc3339(*finished_)) : json(nullptr);
    if (current_) {
      const auto since = std::chrono::steady_clock::now() - begun_;
      const bool slow = since > kSlow;
      health["checks"].push_back(
          {{"name", *current_},
           {"group", group_of(*current_)},
           {"status", slow ? "warn" : "running"},
           {"sentence", slow ? texts::no_answer_yet(std::chrono::duration_cast<std::chrono::seconds>(since))
                             : std::string()}});
    }
  }

 private:
  /// With the mutex.
  void begin(const std::string& check) {
    current_ = check;
    begun_ = std::chrono::steady_clock::now();
  }

  void run(const runtime::Flags& flags, const base::Clock& clock, std::stop_token stop) {
    const doctor::Report report{[this](const std::string& check) {
                                  const std::lock_guard lock(mutex_);
                                  begin(check);
                                },
                                [this](const doctor::Finding& finding) {
                                  const auto mark = finding.result.mark;
                                  const std::lock_guard lock(mutex_);
                                  lines_.push_back({{"name", finding.what},
                                                    {"group", group_of(current_.value_or(""))},
                                                    {"status", mark == Mark::ok        ? "ok"
                                                               : mark == Mark::warning ? "warn"
                                                                                       : "fail"},
                                                    {"sentence", finding.result.detail}});
                                }};
    try {
      doctor::run_checks(flags, chat::Repair::no, report, std::move(stop));
    } catch (const std::exception& e) {
      report.found({"configuration", {Mark::failure, base::redacted(e.what())}});
    }
    const std::lock_guard lock(mutex_);
    current_.reset();
    finished_ = clock.now();
  }

  std::mutex mutex_;
  json lines_ = json::array();
  std::optional<std::string> current_;
  std::chrono::steady_clock::time_point begun_;
  std::optional<base::Timestamp> finished_;
  std::jthread thread_;
};

std::uintmax_t bytes_of(const std::filesystem::path& file) {
  std::error_code ec;
  const auto bytes = std::filesystem::file_size(file, ec);
  return ec ? 0 : bytes;
}

json database_json(const Call& call) {
  std::int64_t backlog = 0;
  for (const auto& [kind, jobs] : store::open_jobs(call.db)) {
    // What only waits for its time, such as a reminder, waits for nobody.
    backlog += runtime::queue_of(kind).empty() ? 0 : jobs.count;
  }
  const auto& file = call.services.settings.database;
  return {{"bytes", bytes_of(file)}, {"wal_bytes", bytes_of(file.string() + "-wal")}, {"backlog", backlog}};
}

json disk_json(const Call& call) {
  std::error_code ec;
  const auto space = std::filesystem::space(call.services.settings.database.parent_path(), ec);
  return ec ? json(nullptr) : json{{"free_bytes", space.available}, {"bytes", space.capacity}};
}

base::HttpResponse health(const Call& call, Checks& checks) {
  allow_only(call.request, {});
  json answer = {{"disk", disk_json(call)}, {"database", database_json(call)}};
  checks.add_to(answer);
  if (call.caller.role < Role::editor) {
    // They name files, addresses and programs of the machine.
    for (auto& line : answer["checks"]) {
      line["sentence"] = texts::kForOperators;
    }
  }
  return base::HttpResponse::json(base::dump_json(answer));
}

/// As `frontdesk doctor` would be called for this program.
base::HttpResponse check(const Call& call, Checks& checks) {
  body_of(call, {});
  const auto& settings = call.services.settings;
  runtime::Flags flags;
  flags.config = settings.file ? settings.file->string() : std::string();
  flags.demo = settings.secretary.demo;
  if (!checks.start(flags, call.services.clock)) {
    throw Refusal{409, texts::kCheckRuns};
  }
  json answer = {{"disk", disk_json(call)}, {"database", database_json(call)}};
  checks.add_to(answer);
  auto response = base::HttpResponse::json(base::dump_json(answer));
  response.status = 202;
  return response;
}

}  // namespace

std::vector<Route> health_routes() {
  const auto checks = std::make_shared<Checks>();
  return {
      {"GET", "/health", Role::viewer, [checks](const Call& call) { return health(call, *checks); }},
      {"POST", "/health/check", Role::editor, [checks](const Call& call) { return check(call, *checks); }}};
}

}  // namespace bot::console
