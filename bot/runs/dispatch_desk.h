#pragma once

#include <optional>
#include <string>

#include "bot/runtime/services.h"
#include "router/decision.h"
#include "store/conversations.h"
#include "store/database.h"
#include "store/dispatch_log.h"
#include "store/people.h"

namespace bot::runs {

/// Orders work from the specialist, and stops it. Every function writes inside the caller's transaction.
/// Thread rule: that of the Database.
class DispatchDesk {
 public:
  DispatchDesk(runtime::Services& services, store::Database& db) : services_(services), db_(db) {}

  /// Whether somebody named the project, or the program made the name up from the words of the task. A
  /// made-up name never means a project that is there already.
  enum class SlugOrigin { named, made_up };

  /// Finds or makes the project, writes the note ("On it: …", or the place in the queue), the dispatch and
  /// its job. `introduction` comes before the note. Returns the dispatch.
  store::DispatchId order(const store::Conversation& conversation, const store::Person& person,
                          store::DecisionId decision, const router::Proposal& proposal, SlugOrigin origin,
                          const std::string& introduction, const std::string& reply_to);

  /// Goes on with an interrupted dispatch, as a new one.
  store::DispatchId order_again(const store::Conversation& conversation, const store::Person& person,
                                store::DecisionId decision, const store::DispatchRecord& interrupted,
                                const std::string& reply_to);

  /// Ends a dispatch that waits, or asks for the end of one that runs; after the commit, call
  /// services.runs.stop(). False if it is finished.
  bool request_stop(const store::DispatchRecord& dispatch, store::PersonId by);

  /// Rewrites the notes of what waits in that project's queue, after one of it began or ended.
  void refresh_queue(store::ProjectId project);

  /// What the note of a waiting dispatch says.
  std::string waiting_text(const store::DispatchRecord& dispatch);

 private:
  struct Choice {
    store::Project project;
    store::DispatchAction action = store::DispatchAction::run;
  };
  Choice choose_project(const store::Conversation& conversation, const router::Proposal& proposal,
                        SlugOrigin origin);
  store::DispatchId write(const store::Conversation& conversation, const store::Person& person,
                          store::DecisionId decision, const Choice& choice, const std::string& prompt,
                          const std::string& specialist, const std::string& introduction,
                          const std::string& reply_to, const std::string& session_id);
  std::string state_text(const store::DispatchRecord& dispatch);
  /// Who is to do it: whoever was named, else who worked last on what is resumed, else the usual one; a
  /// review, one that can do reviews.
  std::string choose_specialist(const Choice& choice, const std::string& named);

  runtime::Services& services_;
  store::Database& db_;
};

/// Counts for the metrics that a dispatch has come to its end, and its decision to that outcome, with the
/// question that it followed from.
void count_finished(runtime::Services& services, store::Database& db, const store::DispatchRecord& dispatch,
                    const std::string& outcome, const std::string& decision_outcome);

}  // namespace bot::runs
