#include "store/in_transaction.h"

#include <stdexcept>
#include <utility>

#include "store/commit_group.h"

namespace store {
namespace {

/// Takes back what was written, and is nobody's error.
struct Undone final : std::runtime_error {
  Undone() : std::runtime_error("undone by its writer") {}
};

bool alone(Database& db, const std::function<bool()>& write) {
  Transaction transaction(db);
  if (!write()) {
    return false;
  }
  transaction.commit();
  return true;
}

bool with_others(CommitGroup& group, Database& db, const std::function<bool()>& write) {
  const auto noted_before = db.take_noted_work();
  const auto note_again = [&] {
    for (const auto& [kind, jobs] : noted_before) {
      db.note_work(kind, jobs);
    }
  };
  try {
    group.write_as(db, [&](Database&) {
      if (!write()) {
        throw Undone();
      }
    });
  } catch (const Undone&) {
    note_again();
    return false;
  } catch (...) {
    note_again();
    throw;
  }
  note_again();
  return true;
}

}  // namespace

bool in_transaction(Database& db, base::Notifier* on_commit, const std::function<bool()>& write) {
  auto* const group = CommitGroup::of(db);
  if (!(group != nullptr ? with_others(*group, db, write) : alone(db, write))) {
    return false;
  }
  if (on_commit != nullptr) {
    for (const auto& [kind, jobs] : db.take_noted_work()) {
      on_commit->notify(kind, jobs);
    }
  }
  return true;
}

}  // namespace store
