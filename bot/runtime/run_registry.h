#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "dispatch/task/specialist.h"
#include "store/dispatch_log.h"
#include "store/people.h"

namespace bot::runtime {

/// The specialists that work right now, so that they can be stopped. Thread rule: any thread.
class RunRegistry {
 public:
  struct Run {
    std::stop_source stop;
    std::shared_ptr<dispatch::Mailbox> mailbox;
    store::PersonId person = {};
    double usd = 0;         ///< spent, and not in the ledger yet, in US dollars
    std::string step = {};  ///< what it does now, as its note shows it
  };
  /// From now on that run can be stopped and gets replies, until leave().
  Run enter(store::DispatchId id);
  void leave(store::DispatchId id);
  void stop(store::DispatchId id);
  /// Dropped where it does not run: then nobody waits for it.
  void reply(store::DispatchId id, dispatch::Reply reply);
  /// What a run has spent and could not be written into the ledger yet.
  void note_unbooked(store::DispatchId id, store::PersonId person, double usd);
  /// What it does now.
  void note_step(store::DispatchId id, const std::string& step);
  struct Now {
    std::string step;
    double unbooked_usd = 0;
  };
  /// Of a run that goes on in this process.
  std::optional<Now> now(store::DispatchId id) const;
  /// The sum of it over the runs that go on, in US dollars: all of them, or one person's.
  double unbooked(std::optional<store::PersonId> person = {}) const;
  void stop_all();
  std::size_t size() const;

 private:
  mutable std::mutex mutex_;
  std::map<store::DispatchId, Run> running_;
};

}  // namespace bot::runtime
