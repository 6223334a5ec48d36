#pragma once

#include <stop_token>
#include <thread>

#include "bot/runtime/services.h"

namespace bot::reporting {

/// Adds what is decided and done to the full-text index of the log (store/log_words.h), every few seconds in
/// small steps. Thread rule: start and stop from one thread.
class SearchIndex {
 public:
  explicit SearchIndex(runtime::Services& services) : services_(services) {}
  ~SearchIndex() { stop(); }
  SearchIndex(const SearchIndex&) = delete;
  SearchIndex& operator=(const SearchIndex&) = delete;

  void start();
  /// Waits for the step that is being done.
  void stop();

 private:
  void work(const std::stop_token& stop);

  runtime::Services& services_;
  std::jthread thread_;
};

}  // namespace bot::reporting
