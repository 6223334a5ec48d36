#include "bot/platforms/shared/service_drafts.h"

#include <algorithm>
#include <iterator>

#include <pthread.h>

#include "base/crash_point.h"
#include "base/error.h"
#include "base/log.h"
#include "base/utf8.h"
#include "bot/chat/errors.h"

namespace bot::shared {
namespace {

using std::chrono::milliseconds;

/// Only the beginning is shown; no service has more in one message.
constexpr std::size_t kMostText = 64 * 1024;
constexpr std::size_t kMostEntries = 1'000;
/// Where a call had no effect and the service does not say when it may be made again.
constexpr milliseconds kPause{5'000};
/// So long the end of a draft waits for a call that is under way, and then again.
constexpr milliseconds kWait{1'000};
constexpr milliseconds kWaitAgain{250};
/// So long after a call without an answer the service may still carry it out.
constexpr milliseconds kLate{3'000};

}  // namespace

ServiceDrafts::ServiceDrafts(const base::Clock& clock, milliseconds pace, Show show)
    : clock_(clock),
      pace_(pace),
      show_(std::move(show)),
      thread_([this](const std::stop_token& stop) { work(stop); }) {
  pthread_setname_np(thread_.native_handle(), "drafts");
}

ServiceDrafts::~ServiceDrafts() = default;

ServiceDrafts::Entry& ServiceDrafts::entry_of(const chat::Draft& draft) {
  const auto known = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return entry.draft.answered == draft.answered && entry.draft.key == draft.key;
  });
  if (known != entries_.end()) {
    return *known;
  }
  drop_old();
  return entries_.emplace_back(Entry{.draft = draft});
}

/// Those whose turn has said nothing.
void ServiceDrafts::drop_old() {
  if (entries_.size() >= kMostEntries) {
    const auto old =
        std::find_if(entries_.begin(), entries_.end(), [](const Entry& e) { return !e.calling; });
    if (old != entries_.end()) {
      entries_.erase(old);
    }
  }
}

void ServiceDrafts::add(const chat::Draft& draft, std::string_view text) {
  {
    const std::lock_guard lock(mutex_);
    auto& entry = entry_of(draft);
    entry.text += base::truncate_utf8(text, kMostText - std::min(kMostText, entry.text.size()));
    entry.has_news = entry.text != entry.told;
    news_ = true;
  }
  changed_.notify_all();
}

void ServiceDrafts::withdraw(const chat::Draft& draft) {
  {
    const std::lock_guard lock(mutex_);
    auto& entry = entry_of(draft);
    entry.text.clear();
    // What was never shown has nothing to take back.
    entry.has_news = entry.text != entry.told;
    news_ = true;
  }
  changed_.notify_all();
}

void ServiceDrafts::end(const store::OutgoingCall& call, store::MessageParts& parts, base::Timestamp now) {
  if (call.kind != store::CallKind::message) {
    return;
  }
  std::unique_lock lock(mutex_);
  const auto is_it = [&](const Entry& entry) {
    return entry.draft.key.empty() ? call.answered && entry.draft.answered == call.answered->message
                                   : entry.draft.key == call.target_key;
  };
  auto found = std::find_if(entries_.begin(), entries_.end(), is_it);
  if (found == entries_.end()) {
    return;
  }
  found->silent = true;
  const auto quiet = [&] {
    found = std::find_if(entries_.begin(), entries_.end(), is_it);
    return found == entries_.end() || !found->calling;
  };
  if (!changed_.wait_for(lock, kWait, quiet)) {
    throw chat::RateLimited(now + kWait + kWaitAgain);
  }
  if (found == entries_.end()) {
    return;
  }
  if (const auto left = found->settled - Steady::now(); left > Steady::duration::zero()) {
    throw chat::RateLimited(now + std::chrono::duration_cast<milliseconds>(left) + milliseconds(1));
  }
  const auto known = parts.of(call.message);
  if (!known.empty() && known.front().shown == store::kShowsDraft && known.front().external_id.empty()) {
    if (found->sent == Sent::yes) {
      parts.mark_sent(call.message, 0, found->external_id);
    } else if (found->sent == Sent::no) {
      parts.forget(call.message, 0);
    }
  }
  entries_.erase(found);
}

/// The lock is not held while the call is made. The entry stays meanwhile.
void ServiceDrafts::call(Entry& entry, std::unique_lock<std::mutex>& lock, const std::stop_token& stop) {
  const auto draft = entry.draft;
  const auto text = entry.text;
  const auto external_id = entry.external_id;
  const auto was_sent = entry.sent;
  entry.calling = true;
  // Until it is known: this process may end meanwhile.
  entry.sent = was_sent == Sent::yes ? Sent::yes : Sent::unknown;
  lock.unlock();
  const auto again = [&](milliseconds pause) {
    entry.sent = was_sent;
    entry.next = Steady::now() + std::max(pause, pace_);
  };
  try {
    auto id = show_(draft, text, external_id, stop);
    base::crash_point(base::CrashPoint::draft_sent, draft.answered.value);
    lock.lock();
    entry.external_id = std::move(id);
    entry.sent = Sent::yes;
    entry.told = text;
    entry.next = Steady::now() + pace_;
  } catch (const chat::RateLimited& e) {
    lock.lock();
    again(std::chrono::duration_cast<milliseconds>(e.until - clock_.now()));
  } catch (const chat::NotSent& e) {
    lock.lock();
    base::log_debug("a draft was not shown: {}", e.what());
    again(milliseconds(0));
    paused_ = Steady::now() + e.retry_after.value_or(kPause);
  } catch (const base::PermanentError& e) {
    lock.lock();
    base::log_debug("a draft was refused: {}", e.what());
    entry.sent = was_sent;
    entry.silent = true;
  } catch (const std::exception& e) {
    // Nobody knows what became of it, and a further call could come before it.
    lock.lock();
    base::log_debug("a draft may have been shown: {}", e.what());
    entry.silent = true;
    entry.settled = Steady::now() + kLate;
  }
  entry.calling = false;
  entry.has_news = entry.text != entry.told;
  changed_.notify_all();
}

void ServiceDrafts::work(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    news_ = false;
    const auto now = Steady::now();
    auto next = now + std::chrono::minutes(1);
    Entry* due = nullptr;
    for (auto& entry : entries_) {
      const auto at = std::max(entry.next, paused_);
      if (!entry.has_news || entry.silent) {
        continue;
      }
      if (at <= now && (due == nullptr || entry.next < due->next)) {
        due = &entry;
      }
      next = std::min(next, at);
    }
    if (due != nullptr) {
      call(*due, lock, stop);
    } else {
      changed_.wait_until(lock, stop, next, [this] { return news_; });
    }
  }
}

}  // namespace bot::shared
