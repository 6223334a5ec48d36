#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "bot/runtime/services.h"
#include "bot/texts/tasks.h"
#include "dispatch/task/specialist.h"
#include "store/conversations.h"
#include "store/database.h"
#include "store/dispatch_log.h"

namespace bot::runs {

/// Keeps a run's message current while the specialist works: at most one edit a second, and none while the
/// last one has not been delivered. Thread rule: one thread.
class ProgressNote {
 public:
  /// What the run has taken before this process of it, which was cut.
  struct Before {
    std::chrono::milliseconds worked{0};
    double usd = 0;
  };
  ProgressNote(runtime::Services& services, store::Database& db, store::DispatchRecord dispatch,
               std::string slug, std::vector<store::Button> buttons, Before before);

  /// Takes in what the specialist did and writes the note if it is time to.
  void take(const dispatch::Event& event);

 private:
  void write_if_due();
  /// At once: a page that shows each file as it is written does not wait for the note.
  void show_written() const;

  runtime::Services& services_;
  store::Database& db_;
  const store::DispatchRecord dispatch_;
  const store::Conversation conversation_;
  const std::vector<store::Button> buttons_;
  const Before before_;
  const std::chrono::steady_clock::time_point started_;
  std::chrono::steady_clock::time_point next_;
  texts::Progress progress_;
  std::string shown_;
  bool news_ = true;  ///< something but the time changed since it was written
};

}  // namespace bot::runs
