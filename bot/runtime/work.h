#pragma once

#include <stop_token>

namespace bot::runtime {

/// The next job of the same worker. It is claimed in the transaction that ends the one before, so that both
/// share a commit. Thread rule: that of the worker.
class Successor {
 public:
  virtual ~Successor() = default;
  /// Within that transaction, behind everything else.
  virtual void claim() = 0;
  /// Once it is committed; what was claimed in one that was undone is not kept.
  virtual void keep() = 0;
};

/// What is done about one claimed job. It is made in the transaction that claims the job, and may read, and
/// mark, what the job is about there. Thread rule: that of the worker.
class Work {
 public:
  virtual ~Work() = default;
  /// Carries it out; `next` is null where none is to follow. Throws base::Stopped where nothing has happened
  /// because the program stops.
  virtual void run(Successor* next, std::stop_token stop) = 0;
};

}  // namespace bot::runtime
