#include "bot/messages/delivery.h"

#include <algorithm>
#include <utility>

#include "base/backoff.h"
#include "base/crash_point.h"
#include "base/error.h"
#include "base/log.h"
#include "base/log_event.h"
#include "bot/chat/capabilities.h"
#include "bot/chat/message_parts.h"
#include "bot/messages/files_out.h"
#include "bot/reminders/undelivered.h"
#include "bot/texts/buttons.h"
#include "bot/texts/errors.h"
#include "bot/texts/files.h"
#include "store/in_transaction.h"
#include "store/outbox.h"
#include "store/outbox_anew.h"
#include "store/people.h"
#include "store/section_troubles.h"

namespace bot::messages {
namespace {

using std::chrono::milliseconds;

/// At one attempt; a service that sends us in a circle is asked again later.
constexpr int kMostMoves = 2;

/// One attempt to make an outgoing call. Thread rule: one thread.
class Delivery final : public runtime::Work {
 public:
  Delivery(runtime::Services& services, store::Database& db, const store::Job& job)
      : services_(services),
        db_(db),
        job_(job),
        outbox_(db),
        queue_(db),
        parts_(db),
        id_{job.ref},
        head_(outbox_.head(id_)),
        chat_id_(head_.chat_id) {}

  /// Marks and reads it where it is about to be called. In one transaction: an edit that replaced the text
  /// in between would be lost.
  void mark();
  void run(runtime::Successor* next, std::stop_token stop) override;

 private:
  std::optional<base::Timestamp> limited_until(chat::Platform& platform);
  /// Makes the call and writes down what came of it.
  void attempt(chat::Platform& platform);
  std::string call_following_moves(chat::Platform& platform);
  std::string call_once(chat::Platform& platform);
  bool drop_refused_file(const base::PermanentError& refusal);
  void follow(const chat::Moved& moved);

  /// The end of the job together with what `write` writes, unless somebody else ended it meanwhile.
  template <typename Write>
  void settle(const Write& write) {
    const bool kept = store::in_transaction(db_, nullptr, [&] {
      write();
      if (!queue_.complete(job_)) {
        return false;
      }
      if (next_ != nullptr) {
        next_->claim();
      }
      base::crash_point(base::CrashPoint::delivery_settling, id_.value);
      return true;
    });
    if (kept && next_ != nullptr) {
      next_->keep();
    }
    base::crash_point(base::CrashPoint::delivery_settled, id_.value);
  }
  void keep_for_section();
  void try_again(const std::string& why, milliseconds asked_for);
  /// `is_gone`: of an edit whose message the service does not know.
  void give_up(const std::string& why, bool is_gone = false);
  /// For an operator, who sees the last of the section.
  void note_trouble(const std::string& why) {
    store::SectionTroubles(db_).note(head_.section, {services_.clock.now(), base::redacted(why)});
  }
  void give_up_proven();
  base::Timestamp deadline() const { return head_.created + kGiveUpAfter; }
  bool is_uncertain();

  runtime::Services& services_;
  store::Database& db_;
  const store::Job job_;
  runtime::Successor* next_ = nullptr;
  std::stop_token stop_;
  store::Outbox outbox_;
  store::JobQueue queue_;
  store::MessageParts parts_;
  const store::OutboxId id_;
  const store::Outbox::Head head_;
  std::optional<base::Timestamp> limited_;  ///< the service takes nothing before
  bool marked_ = false;
  store::OutgoingCall call_;  ///< as it is once it is marked
  /// Also where the conversation could not follow a chat that moved, since there is another one under the new
  /// id.
  std::string chat_id_;
};

std::optional<base::Timestamp> Delivery::limited_until(chat::Platform& platform) {
  auto* const limited = chat::capability<chat::HasRateLimit>(&platform);
  if (limited == nullptr) {
    return std::nullopt;
  }
  const auto now = services_.clock.now();
  const auto at = limited->ready_at(head_.chat_id, now);
  return at > now ? std::optional(at) : std::nullopt;
}

void Delivery::mark() {
  auto* const platform = services_.platform(head_.section);
  if (platform == nullptr || store::is_settled(head_.state) || job_.trial == store::JobTrial::proven) {
    return;
  }
  limited_ = limited_until(*platform);
  if (!limited_) {
    store::make_message_of_edit(db_, id_);
    outbox_.mark_attempted(id_);
    call_ = outbox_.get(id_);
    marked_ = true;
  }
}

void Delivery::run(runtime::Successor* next, std::stop_token stop) {
  next_ = next;
  stop_ = std::move(stop);
  if (store::is_settled(head_.state)) {
    queue_.complete(job_);
    return;
  }
  base::crash_point(base::CrashPoint::delivery_claimed, id_.value);
  if (job_.trial == store::JobTrial::proven) {
    give_up_proven();
    return;
  }
  auto* const platform = services_.platform(head_.section);
  if (platform == nullptr) {
    keep_for_section();
    return;
  }
  if (limited_) {
    queue_.give_back(job_, services_.clock.now(), *limited_);
    return;
  }
  base::crash_point(base::CrashPoint::delivery_marked, id_.value);
  attempt(*platform);
}

/// The section is gone from the configuration. Should it come back, the call is made at once.
void Delivery::keep_for_section() {
  if (services_.clock.now() < deadline()) {
    queue_.give_back(job_, services_.clock.now(), head_.created);
    return;
  }
  base::log_error("{}: {} could not be delivered in three days; it is dead: there is no such chat section",
                  head_.section, head_.key);
  give_up(texts::kNoSuchSection);
}

void Delivery::attempt(chat::Platform& platform) {
  try {
    const auto external_id = call_following_moves(platform);
    bool uncertain = false;
    settle([&] {
      outbox_.mark_delivered(id_, external_id, services_.clock.now());
      uncertain = is_uncertain();
    });
    const std::string outcome = uncertain ? "uncertain" : "delivered";
    services_.metrics.delivery(head_.section, outcome);
    base::LogField message{"message", std::string()};  // none where what it answers was not kept
    if (call_.answered) {
      message.value = call_.answered->message.value;
    }
    base::log_event(outcome,
                    {message,
                     {"id", call_.answers.empty() ? "" : head_.section + ":" + call_.answers},
                     {"dispatch", call_.post.dispatch ? chat::dispatch_name(*call_.post.dispatch) : ""},
                     {"call", head_.key},
                     {"kind", to_string(call_.kind)},
                     {"attempt", std::int64_t{job_.attempt}}});
    if (call_.kind == store::CallKind::message && call_.answers_first && call_.answered) {
      services_.metrics.answered(
          std::chrono::duration<double>(services_.clock.now() - call_.answered->stored).count());
    }
  } catch (const chat::RateLimited& e) {
    queue_.give_back(job_, services_.clock.now(), e.until);
  } catch (const base::Stopped&) {
    throw;
  } catch (const chat::Gone& e) {
    base::log_warning("{}: {} changes what is not there any more; it is said anew: {}", head_.section,
                      head_.key, e.what());
    give_up(e.what(), call_.kind == store::CallKind::edit);
  } catch (const base::PermanentError& e) {
    base::log_error("{}: {} will never be delivered; it is dead: {}", head_.section, head_.key, e.what());
    give_up(e.what());
  } catch (const base::TransientError& e) {
    try_again(e.what(), e.retry_after.value_or(milliseconds(0)));
  } catch (const std::exception& e) {
    // Whatever it is, it must not hold up the chat for ever.
    try_again(e.what(), milliseconds(0));
  }
}

std::string Delivery::call_following_moves(chat::Platform& platform) {
  for (int moves = 0;; ++moves) {
    try {
      return call_once(platform);
    } catch (const chat::Moved& e) {
      if (moves == kMostMoves) {
        throw;
      }
      follow(e);
    }
  }
}

/// Once, or again without a file that the service refuses.
std::string Delivery::call_once(chat::Platform& platform) {
  for (;;) {
    if (!std::exchange(marked_, false)) {
      call_ = outbox_.get(id_);
    }
    call_.chat_id = chat_id_;
    if (call_.post.file) {
      FilesOut(services_, db_).read(store::Conversations(db_).get(head_.conversation), call_.post);
    }
    try {
      return platform.deliver(call_, parts_, services_.clock.now(), stop_);
    } catch (const base::PermanentError& e) {
      if (!drop_refused_file(e)) {
        throw;
      }
    }
  }
}

/// The words may arrive where a file is refused, because it is too large for that service or of a kind that
/// it does not take. Written down, so that it is not uploaded again at the next attempt. False where there is
/// no file to drop.
bool Delivery::drop_refused_file(const base::PermanentError& refusal) {
  const auto* refused = dynamic_cast<const chat::FileRefused*>(&refusal);
  if (refused != nullptr && refused->of == chat::MessagePart::File::Of::text && !call_.post.rest_refused) {
    base::log_warning("{}: {} is too long for messages and not taken as a file: {}", head_.section, head_.key,
                      refusal.what());
    outbox_.note_rest_refused(id_);
    return true;
  }
  if (call_.post.file) {
    outbox_.drop_file(id_, texts::file_refused(refusal.what()));
    return true;
  }
  return false;
}

void Delivery::follow(const chat::Moved& moved) {
  auto address = chat::ChatAddress::parse(chat_id_);
  const auto from = std::exchange(address.chat, moved.to);
  base::log_info("{}: the chat {} is {} from now on: {}", head_.section, from, moved.to, moved.what());
  store::Transaction transaction(db_);
  store::Conversations(db_).move_chat(head_.section, from, moved.to);
  store::People(db_).move_place(head_.section, from, moved.to);
  transaction.commit();
  chat_id_ = address.text();
}

void Delivery::try_again(const std::string& why, milliseconds asked_for) {
  if (services_.clock.now() > deadline()) {
    base::log_error("{}: {} could not be delivered in three days; it is dead: {}", head_.section, head_.key,
                    why);
    give_up(why);
    return;
  }
  const auto pause = std::max(asked_for, delivery_backoff(job_.attempt, base::random_share()));
  base::log_warning("{}: {} was not delivered (attempt {}): {}; next try in {} ms", head_.section, head_.key,
                    job_.attempt, why, pause.count());
  const auto now = services_.clock.now();
  store::Transaction transaction(db_);
  queue_.retry(job_, now, now + pause);
  note_trouble(why);
  transaction.commit();
  services_.metrics.delivery(head_.section, "retried");
}

void Delivery::give_up(const std::string& why, bool is_gone) {
  settle([&] {
    outbox_.mark_dead(id_, why, services_.clock.now());
    if (is_gone) {
      store::say_anew(db_, id_, services_.clock.now());
    }
    if (const auto call = outbox_.get(id_); call.kind == store::CallKind::message) {
      reminders::tell_undelivered(services_, db_, call.message);
    }
    note_trouble(why);
  });
  services_.metrics.delivery(head_.section, "dead");
}

/// The program crashed each time it made this call: it is dead, and the chat is told, unless this is the
/// message that tells it.
void Delivery::give_up_proven() {
  base::log_error("{}: {} is dead: {}", head_.section, head_.key, texts::kCrashedDelivering);
  call_ = outbox_.get(id_);
  const bool tells = std::any_of(call_.post.buttons.begin(), call_.post.buttons.end(),
                                 [](const auto& button) { return button.kind == store::ButtonKind::retry; });
  settle([&] {
    const auto now = services_.clock.now();
    outbox_.mark_dead(id_, texts::kCrashedDelivering, now);
    if (!tells) {
      outbox_.post(store::Conversations(db_).get(head_.conversation),
                   {texts::kCannotShow, {{store::ButtonKind::retry, call_.message.value, texts::kRetry}}},
                   now);
    }
  });
  services_.metrics.delivery(head_.section, "dead");
}

/// Whether nobody can tell if the message arrived whole.
bool Delivery::is_uncertain() {
  const auto known = parts_.of(call_.message);
  return std::any_of(known.begin(), known.end(),
                     [](const store::MessagePart& part) { return part.uncertain && !part.settled; });
}

}  // namespace

milliseconds delivery_backoff(int attempts, double random) {
  using std::chrono::seconds;
  return base::Backoff{.first = seconds(1), .longest = seconds(300), .jitter = 0.5}.pause(attempts, random);
}

void deliver(runtime::Services& services, store::Database& db, const store::Job& job, std::stop_token stop) {
  Delivery delivery(services, db, job);
  store::in_transaction(db, nullptr, [&] {
    delivery.mark();
    return true;
  });
  delivery.run(nullptr, std::move(stop));
}

std::unique_ptr<runtime::Work> begin_delivery(runtime::Services& services, store::Database& db,
                                              const store::Job& job) {
  auto delivery = std::make_unique<Delivery>(services, db, job);
  delivery->mark();
  return delivery;
}

}  // namespace bot::messages
