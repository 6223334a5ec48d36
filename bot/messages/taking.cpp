// When what comes in is stored, and what follows.
#include <memory>
#include <utility>

#include "base/crash_point.h"
#include "base/log_event.h"
#include "bot/messages/intake.h"
#include "store/commit_group.h"

namespace bot::messages {
namespace {

/// Senders give up a call after a few seconds, and try again.
constexpr std::chrono::milliseconds kPatience{2'000};

}  // namespace

Intake::Taken Intake::take(const std::string& section, const chat::IncomingMessage& incoming) {
  base::crash_point(base::CrashPoint::message_parsed);
  Taken taken;
  commits_.write([&](store::Database& db) { taken = arrive(db, section, incoming); }, services_.notifier,
                 kPatience);
  tell(section, incoming, taken);
  return taken;
}

void Intake::take_later(std::string section, chat::IncomingMessage incoming, Done done) {
  struct Coming {
    const std::string section;
    const chat::IncomingMessage incoming;
    Taken taken;
  };
  base::crash_point(base::CrashPoint::message_parsed);
  auto coming = std::make_shared<Coming>(Coming{std::move(section), std::move(incoming), {}});
  commits_.write_later(
      [this, coming](store::Database& db) { coming->taken = arrive(db, coming->section, coming->incoming); },
      [this, coming, done = std::move(done)](const std::exception_ptr& error) {
        if (!error) {
          tell(coming->section, coming->incoming, coming->taken);
        }
        done(coming->incoming, coming->taken, error);
      },
      services_.notifier, kPatience);
}

/// After the commit.
void Intake::tell(const std::string& section, const chat::IncomingMessage& incoming, const Taken& taken) {
  base::crash_point(base::CrashPoint::message_stored, taken.message.value);
  if (!taken.repeated && !taken.ignored) {
    services_.metrics.message_received(section);
    const auto id = section + ":" + incoming.own_id();
    if (taken.refused) {
      base::log_event("refused", {{"id", id}});  // nothing is kept of it that `frontdesk log show` could find
    } else {
      base::log_event("received", {{"message", taken.message.value}, {"id", id}});
    }
  }
}

}  // namespace bot::messages
