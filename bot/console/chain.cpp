#include "bot/console/chain.h"

#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/log.h"
#include "base/rfc3339.h"
#include "bot/console/calls.h"
#include "bot/console/query.h"
#include "store/chain_check.h"

namespace bot::console {
namespace {

using base::HttpResponse;
using nlohmann::json;

/// Checks in the background, one check at a time, and keeps what the last one found. Its end cuts a check.
/// Thread rule: any thread.
class ChainVerifier {
 public:
  struct Found {
    base::Timestamp at;
    store::ChainReport report;
  };

  void start(const std::filesystem::path& database, const base::Clock& clock) {
    const std::lock_guard lock(mutex_);
    if (running_) {
      return;
    }
    running_ = true;
    thread_ =
        std::jthread([this, database, &clock](const std::stop_token& stop) { run(database, clock, stop); });
  }

  std::optional<Found> last() const {
    const std::lock_guard lock(mutex_);
    return last_;
  }
  bool is_running() const {
    const std::lock_guard lock(mutex_);
    return running_;
  }

 private:
  void run(const std::filesystem::path& database, const base::Clock& clock, const std::stop_token& stop) {
    std::optional<Found> found;
    try {
      store::Database db(database);
      store::ChainCheck check(db);
      const std::stop_callback cut(stop, [&] { check.interrupt(); });
      found = Found{clock.now(), check.verify()};
    } catch (const std::exception& e) {
      base::log_error("the check of the log's chain ended early: {}", e.what());
    }
    const std::lock_guard lock(mutex_);
    last_ = found ? std::move(found) : std::move(last_);
    running_ = false;
  }

  mutable std::mutex mutex_;
  std::optional<Found> last_;
  bool running_ = false;
  std::jthread thread_;  ///< last: it ends before the rest goes
};

json state_of(const Call& call, const ChainVerifier& verifier) {
  const auto head = store::ChainCheck(call.db).head();
  json state = {{"rows", head.entries}, {"head", head.hash},     {"running", verifier.is_running()},
                {"ok", nullptr},        {"checked_at", nullptr}, {"checked_rows", nullptr},
                {"first_bad", nullptr}};
  if (const auto last = verifier.last()) {
    const auto& bad = last->report.first;
    state["ok"] = !bad.has_value();
    state["checked_at"] = base::format_rfc3339(last->at);
    state["checked_rows"] = last->report.head.entries;
    if (bad) {
      state["first_bad"] = {{"table", bad->table}, {"id", bad->id}, {"reason", bad->what}};
    }
  }
  return state;
}

HttpResponse head(const Call& call) {
  allow_only(call.request, {});
  const auto head = store::ChainCheck(call.db).head();
  HttpResponse response;
  response.content_type = "text/plain; charset=utf-8";
  response.headers.add("Content-Disposition", "attachment; filename=\"frontdesk-log-head.txt\"");
  response.body = std::to_string(head.entries) + " " + head.hash + "\n";
  return response;
}

}  // namespace

std::vector<Route> chain_routes() {
  const auto verifier = std::make_shared<ChainVerifier>();
  return {{"GET", "/chain", Role::viewer,
           [verifier](const Call& call) {
             allow_only(call.request, {});
             return HttpResponse::json(base::dump_json(state_of(call, *verifier)));
           }},
          {"GET", "/chain/head", Role::viewer, head},
          {"POST", "/chain/verify", Role::editor, [verifier](const Call& call) {
             body_of(call, {});
             verifier->start(call.db.path(), call.services.clock);
             return HttpResponse::json(base::dump_json(state_of(call, *verifier)));
           }}};
}

}  // namespace bot::console
