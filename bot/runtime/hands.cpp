#include "bot/runtime/hands.h"

#include <stdexcept>
#include <utility>

#include "base/fault.h"
#include "base/log.h"
#include "store/commit_group.h"
#include "store/in_transaction.h"

namespace bot::runtime {
namespace {

store::Database open(const Services& services) {
  return services.commits != nullptr ? store::Database(*services.commits)
                                     : store::Database(services.settings.database);
}

}  // namespace

/// A hand of another worker, which goes back there.
class Hand::Loan {
 public:
  Loan(Hands& of, std::unique_ptr<Hand> hand) : of_(&of), hand_(std::move(hand)) {}
  ~Loan() {
    if (hand_) {
      hand_->claimed_.reset();
      of_->take_back(std::move(hand_));
    }
  }
  Loan(Loan&&) = default;
  Loan& operator=(Loan&&) = delete;

  explicit operator bool() const { return hand_ != nullptr; }
  Hand& hand() { return *hand_; }
  void keep() {
    hand_->keep();
    of_->take_filled(std::move(hand_));
  }

 private:
  Hands* of_;
  std::unique_ptr<Hand> hand_;
};

Hand::Hand(Hands& hands) : hands_(hands), db_(open(hands.services())) {}

Hand::~Hand() = default;

const Claimed* Hand::take(std::optional<base::Timestamp>& due) {
  if (!kept_) {
    due = next_due();
  }
  if (!kept_ && due && *due <= hands_.latest()) {
    store::in_transaction(db_, nullptr, [this] {
      claim();
      return true;
    });
    keep();
    if (!kept_) {  // another was faster
      due = next_due();
    }
  }
  current_ = std::exchange(kept_, std::nullopt);
  return current_ ? &*current_ : nullptr;
}

Hand::Due Hand::next_due() {
  const auto known = std::exchange(known_due_, std::nullopt);
  return known ? *known : hands_.next_due();
}

void Hand::end() {
  loans_.clear();
  hands_.count(current_ ? -1 : 0);
  current_.reset();
}

void Hand::claim() {
  // Anew where the transaction before was undone.
  claimed_.reset();
  loans_.clear();
  due_.reset();
  // One that was filled meanwhile comes first.
  if (!hands_.closed() && !hands_.has_filled()) {
    claim_next();
    if (!claimed_) {
      due_ = store::JobQueue(db_).next_due(hands_.kind());
    }
  }
  fill_waiting_ones();
}

void Hand::claim_next() {
  if (auto job = store::JobQueue(db_).claim_within(hands_.kind(), hands_.latest(), hands_.claims().order)) {
    claimed_ = hands_.begin(db_, *job);
  }
}

/// What is left for others is claimed for those of their threads that wait.
void Hand::fill_waiting_ones() {
  if (hands_.filled_by_us_.empty() || store::CommitGroup::of(db_) == nullptr) {
    return;
  }
  auto noted = db_.take_noted_work();
  for (auto* const others : hands_.filled_by_us_) {
    const auto left = noted.find(others->kind());
    while (left != noted.end() && left->second > 0) {
      Loan loan(*others, others->lend());
      if (!loan) {
        break;
      }
      store::CommitGroup::also_as(db_, loan.hand().db_, [&] { loan.hand().claim_next(); });
      if (!loan.hand().claimed_) {
        break;
      }
      loans_.push_back(std::move(loan));
      --left->second;
    }
  }
  for (const auto& [kind, jobs] : noted) {
    db_.note_work(kind, jobs);
  }
}

void Hand::keep() {
  kept_ = std::exchange(claimed_, std::nullopt);
  known_due_ = std::exchange(due_, std::nullopt);
  hands_.count(kept_ ? 1 : 0);
  for (auto& loan : loans_) {
    loan.keep();
  }
  loans_.clear();
}

void Hand::drop(std::vector<store::Job>& dropped) {
  loans_.clear();
  for (auto* const held : {&current_, &kept_}) {
    if (*held) {
      dropped.push_back((*held)->job);
      hands_.count(-1);
      held->reset();
    }
  }
}

void Hand::give_back() {
  std::vector<store::Job> jobs;
  drop(jobs);
  for (const auto& job : jobs) {
    try {
      store::JobQueue(db_).give_back(job);
    } catch (const std::exception& e) {
      base::log_error("{} job {} stays claimed until the next start: {}", job.kind, job.id, e.what());
    }
  }
}

std::unique_ptr<Hand> Hands::take_up() {
  {
    const std::lock_guard lock(mutex_);
    std::unique_ptr<Hand> hand;
    if (!filled_.empty()) {
      hand = std::move(filled_.front());
      filled_.pop_front();
      --filled_count_;
    } else if (!free_.empty()) {
      hand = std::move(free_.back());
      free_.pop_back();
    }
    if (hand) {
      return hand;
    }
  }
  return std::make_unique<Hand>(*this);
}

bool Hands::lay_down(std::unique_ptr<Hand> hand) {
  const std::lock_guard lock(mutex_);
  if (hand) {
    hand->forget_look();
    free_.push_back(std::move(hand));
  }
  ++waiting_;
  return filled_.empty();
}

void Hands::rise() {
  const std::lock_guard lock(mutex_);
  --waiting_;
}

std::optional<base::Timestamp> Hands::next_due() {
  std::optional<base::Timestamp> due;
  const auto ask = [&](store::Database& db) { due = store::JobQueue(db).next_due(kind_); };
  if (services_.commits != nullptr) {
    services_.commits->look(ask);
  } else {
    auto db = open(services_);
    ask(db);
  }
  return due;
}

int Hands::waiting() {
  const std::lock_guard lock(mutex_);
  return waiting_;
}

void Hands::exchange_for_filled(std::unique_ptr<Hand>& hand) {
  if (has_filled() && !hand->holds()) {
    const std::lock_guard lock(mutex_);
    if (!filled_.empty()) {
      hand->forget_look();
      free_.push_back(std::exchange(hand, std::move(filled_.front())));
      filled_.pop_front();
      --filled_count_;
    }
  }
}

std::unique_ptr<Hand> Hands::lend() {
  const std::lock_guard lock(mutex_);
  if (closed_ || free_.empty() || waiting_ <= lent_ + static_cast<int>(filled_.size())) {
    return nullptr;
  }
  ++lent_;
  auto hand = std::move(free_.back());
  free_.pop_back();
  return hand;
}

void Hands::take_back(std::unique_ptr<Hand> hand) {
  const std::lock_guard lock(mutex_);
  --lent_;
  free_.push_back(std::move(hand));
}

void Hands::take_filled(std::unique_ptr<Hand> hand) {
  {
    const std::lock_guard lock(mutex_);
    --lent_;
    filled_.push_back(std::move(hand));
    ++filled_count_;
  }
  services_.notifier.notify(kind_);
  if (closed_) {
    give_back_filled();  // its threads may have ended
  }
}

void Hands::give_back_filled() {
  std::deque<std::unique_ptr<Hand>> filled;
  {
    const std::lock_guard lock(mutex_);
    filled.swap(filled_);
    filled_count_ = 0;
  }
  for (const auto& hand : filled) {
    hand->give_back();
  }
}

Claimed Hands::begin(store::Database& db, const store::Job& job) const {
  Claimed claimed{job, nullptr, nullptr};
  const auto before = base::FaultThread::works_on(job.id);
  try {
    claimed.work = begin_(db, job);
  } catch (const std::exception&) {
    claimed.failure = std::current_exception();
  }
  base::FaultThread::works_on(before);
  return claimed;
}

}  // namespace bot::runtime
