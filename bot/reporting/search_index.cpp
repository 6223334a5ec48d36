#include "bot/reporting/search_index.h"

#include <chrono>
#include <optional>

#include <pthread.h>

#include "base/log.h"
#include "base/wait.h"
#include "store/log_words.h"

namespace bot::reporting {
namespace {

using namespace std::chrono_literals;

/// The answer to a message is looked for among what was said after it, which is little when it is done soon.
constexpr auto kBetweenRounds = 1s;
/// A step takes some milliseconds, in which nobody else writes, and ten times as long belongs to the others.
constexpr int kDecisionsOfStep = 50;
constexpr auto kBetweenSteps = 50ms;

}  // namespace

void SearchIndex::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
  pthread_setname_np(thread_.native_handle(), "search index");
}

void SearchIndex::stop() {
  if (thread_.joinable()) {
    thread_.request_stop();
    thread_.join();
  }
}

void SearchIndex::work(const std::stop_token& stop) {
  std::optional<store::Database> db;
  while (base::wait_for(kBetweenRounds, stop)) {
    try {
      if (!db) {
        db.emplace(services_.commits != nullptr ? store::Database(*services_.commits)
                                                : store::Database(services_.settings.database));
      }
      while (store::LogWords(*db).add(kDecisionsOfStep) && base::wait_for(kBetweenSteps, stop)) {
      }
    } catch (const std::exception& e) {
      base::log_error("what is new could not be made searchable, it is tried again: {}", e.what());
    }
  }
}

}  // namespace bot::reporting
