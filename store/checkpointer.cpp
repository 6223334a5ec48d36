#include "store/checkpointer.h"

#include <chrono>

#include <SQLiteCpp/SQLiteCpp.h>
#include <pthread.h>

#include "base/log.h"

namespace store {
namespace {

constexpr std::chrono::milliseconds kPause{200};

// Never FULL, RESTART or TRUNCATE: while these wait for a reader, they hold the writers out.
constexpr const char* kCopy = "PRAGMA wal_checkpoint(PASSIVE)";

}  // namespace

Checkpointer::Checkpointer(CommitGroup& group)
    : group_(group), connection_(group.path()), thread_([this](const std::stop_token& stop) { run(stop); }) {
  pthread_setname_np(thread_.native_handle(), "checkpoint");
}

Checkpointer::~Checkpointer() = default;

void Checkpointer::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    try {
      look();
    } catch (const std::exception& e) {
      base::log_warning("the write-ahead log could not be copied into the database: {}", e.what());
    }
    stopped_.wait_for(lock, stop, kPause, [] { return false; });
  }
}

void Checkpointer::look() {
  const int pages = group_.log_pages();
  if (pages < copied_) {
    copied_ = 0;  // it was begun anew
  }
  if (pages - copied_ < kPages) {
    return;
  }
  connection_.handle().execAndGet(kCopy);
  copied_ = pages;
  if (pages > kMostPages) {
    group_.between([](SQLite::Database& db) { db.execAndGet(kCopy); });
  }
}

}  // namespace store
