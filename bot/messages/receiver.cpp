#include "bot/messages/receiver.h"

#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "store/commit_group.h"
#include "store/cursors.h"
#include "store/section_troubles.h"

namespace bot::messages {

namespace {

void tell(chat::Platform& platform, const chat::IncomingMessage& incoming, const Intake::Taken& taken) {
  if (auto* const hears = chat::capability<chat::AcknowledgesIncoming>(&platform)) {
    hears->on_stored(incoming);
    if (taken.refused && !taken.told) {
      hears->on_refused(incoming);
    }
  }
}

}  // namespace

void SectionReceiver::take(const chat::IncomingMessage& incoming) {
  tell(platform_, incoming, intake_.take(section_, incoming));
}

void SectionReceiver::take_later(chat::IncomingMessage incoming, Done done) {
  intake_.take_later(
      section_, std::move(incoming),
      [&platform = platform_, done = std::move(done)](const chat::IncomingMessage& message,
                                                      const Intake::Taken& taken, std::exception_ptr error) {
        try {
          if (!error) {
            tell(platform, message, taken);
          }
        } catch (...) {
          error = std::current_exception();
        }
        done(std::move(error));
      });
}

void SectionReceiver::advance(const chat::Cursor& cursor) {
  store::Database db(intake_.commits_);
  // Where it is lost with a crash, what came since is read again, and every repeat is known.
  store::Transaction transaction(db, store::Transaction::Promise::soon);
  store::Cursors(db).save(section_, cursor);
  transaction.commit();
}

void SectionReceiver::note_trouble(const std::string& what) noexcept {
  try {
    store::Database db(intake_.commits_);
    store::Transaction transaction(db, store::Transaction::Promise::soon);
    store::SectionTroubles(db).note(section_, {base::SystemClock().now(), base::redacted(what)});
    transaction.commit();
  } catch (const std::exception& e) {
    base::log_warning("{}: what went wrong is not kept: {}", section_, e.what());
  }
}

std::optional<std::string> SectionReceiver::cursor(const std::string& name) {
  store::Database db(intake_.commits_);
  return store::Cursors(db).find(section_, name);
}

std::vector<store::Conversations::Use> SectionReceiver::chats_used_since(base::Timestamp since) {
  store::Database db(intake_.commits_);
  return store::Conversations(db).used_since(section_, since);
}

}  // namespace bot::messages
