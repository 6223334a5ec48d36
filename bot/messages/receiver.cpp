#include "bot/messages/receiver.h"

#include "base/clock.h"
#include "base/log.h"
#include "store/commit_group.h"
#include "store/cursors.h"
#include "store/section_troubles.h"

namespace bot::messages {

void SectionReceiver::take(const chat::IncomingMessage& incoming) {
  const auto taken = intake_.take(section_, incoming);
  if (auto* const platform = chat::capability<chat::AcknowledgesIncoming>(&platform_)) {
    platform->on_stored(incoming);
    if (taken.refused && !taken.told) {
      platform->on_refused(incoming);
    }
  }
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
