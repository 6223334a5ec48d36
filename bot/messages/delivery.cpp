#include "bot/messages/delivery.h"

#include <algorithm>
#include <random>
#include <utility>

#include <fmt/core.h>

#include "base/error.h"
#include "base/log.h"
#include "bot/chat/capabilities.h"
#include "bot/chat/message_parts.h"
#include "bot/messages/files_out.h"
#include "store/outbox.h"
#include "store/people.h"

namespace bot::messages {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLongestPause{300'000};
/// At one attempt; a service that sends us in a circle is asked again later.
constexpr int kMostMoves = 2;

double random_share() {
  thread_local std::mt19937_64 engine{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(engine);
}

/// Whether nobody can tell if the message arrived whole.
bool is_uncertain(store::MessageParts& parts, store::MessageId message) {
  const auto known = parts.of(message);
  return std::any_of(known.begin(), known.end(),
                     [](const store::MessagePart& part) { return part.uncertain; });
}

}  // namespace

milliseconds delivery_backoff(int attempts, double random) {
  const auto full =
      std::min(kLongestPause, milliseconds(1000) * (std::int64_t{1} << std::clamp(attempts - 1, 0, 12)));
  return milliseconds(static_cast<std::int64_t>(static_cast<double>(full.count()) * (0.5 + 0.5 * random)));
}

void deliver(runtime::Services& services, store::Database& db, const store::Job& job, std::stop_token stop) {
  store::Outbox outbox(db);
  store::JobQueue queue(db);
  auto call = outbox.get({job.ref});
  if (store::is_settled(call.state)) {
    queue.complete(job);
    return;
  }
  const auto section = store::Conversations(db).get(call.conversation).section;
  auto* const platform = services.platform(section);
  const auto settle = [&](auto&& write) {
    store::Transaction transaction(db);
    write();
    if (queue.complete(job)) {
      transaction.commit();
    }
  };
  const auto give_up = [&](const std::string& why) {
    settle([&] { outbox.mark_dead(call.id, why, services.clock.now()); });
    services.metrics.delivery(section, "dead");
  };
  if (platform == nullptr) {
    // The section is gone from the configuration. Should it come back, the call is made at once.
    if (services.clock.now() - call.created < kGiveUpAfter) {
      queue.give_back(job, call.created);
      return;
    }
    base::log_error("{}: {} could not be delivered in three days; it is dead: there is no such chat section",
                    section, call.key);
    give_up("There is no such chat section in the configuration.");
    return;
  }
  if (auto* const limited = chat::capability<chat::HasRateLimit>(platform)) {
    const auto now = services.clock.now();
    if (const auto at = limited->ready_at(call.chat_id, now); at > now) {
      queue.give_back(job, at);
      return;
    }
  }
  // Marked first and read then: an edit that replaced the text in between would be lost otherwise.
  outbox.mark_attempted(call.id);
  const auto try_again = [&](const std::string& why, milliseconds asked_for) {
    const auto now = services.clock.now();
    if (now - call.created > kGiveUpAfter) {
      base::log_error("{}: {} could not be delivered in three days; it is dead: {}", section, call.key, why);
      give_up(why);
      return;
    }
    const auto pause = std::max(asked_for, delivery_backoff(job.attempt, random_share()));
    base::log_warning("{}: {} was not delivered (attempt {}): {}; next try in {} ms", section, call.key,
                      job.attempt, why, pause.count());
    queue.retry(job, now + pause);
    services.metrics.delivery(section, "retried");
  };
  store::MessageParts parts(db);
  // Also where the conversation could not follow, since there is another one under the new id.
  auto chat_id = call.chat_id;
  const auto make_call = [&] {
    for (;;) {
      call = outbox.get(call.id);
      call.chat_id = chat_id;
      FilesOut(services, db).read(store::Conversations(db).get(call.conversation), call.post);
      try {
        return platform->deliver(call, parts, services.clock.now(), stop);
      } catch (const base::PermanentError& e) {
        // The words may arrive where a file is refused, because it is too large for that service or of a kind
        // that it does not take. Written down, so that it is not uploaded again at the next attempt.
        const auto* refused = dynamic_cast<const chat::FileRefused*>(&e);
        if (refused != nullptr && refused->of == chat::MessagePart::File::Of::text &&
            !call.post.rest_refused) {
          base::log_warning("{}: {} is too long for messages and not taken as a file: {}", section, call.key,
                            e.what());
          outbox.note_rest_refused(call.id);
        } else if (call.post.file) {
          outbox.drop_file(call.id, fmt::format("The chat service did not take the file: {}", e.what()));
        } else {
          throw;
        }
      }
    }
  };
  const auto follow = [&](const chat::Moved& moved) {
    auto address = chat::ChatAddress::parse(chat_id);
    const auto from = std::exchange(address.chat, moved.to);
    base::log_info("{}: the chat {} is {} from now on: {}", section, from, moved.to, moved.what());
    store::Transaction transaction(db);
    store::Conversations(db).move_chat(section, from, moved.to);
    store::People(db).move_place(section, from, moved.to);
    transaction.commit();
    chat_id = address.text();
  };
  const auto make_call_where_it_is = [&] {
    for (int moves = 0;; ++moves) {
      try {
        return make_call();
      } catch (const chat::Moved& e) {
        if (moves == kMostMoves) {
          throw;
        }
        follow(e);
      }
    }
  };
  try {
    const auto external_id = make_call_where_it_is();
    settle([&] { outbox.mark_delivered(call.id, external_id, services.clock.now()); });
    services.metrics.delivery(section, is_uncertain(parts, call.message) ? "uncertain" : "delivered");
  } catch (const chat::RateLimited& e) {
    queue.give_back(job, e.until);
  } catch (const base::Stopped&) {
    throw;
  } catch (const base::PermanentError& e) {
    base::log_error("{}: {} will never be delivered; it is dead: {}", section, call.key, e.what());
    give_up(e.what());
  } catch (const base::TransientError& e) {
    try_again(e.what(), e.retry_after.value_or(milliseconds(0)));
  } catch (const std::exception& e) {
    // Whatever it is, it must not hold up the chat for ever.
    try_again(e.what(), milliseconds(0));
  }
}

}  // namespace bot::messages
