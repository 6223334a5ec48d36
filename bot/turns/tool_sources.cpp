#include "bot/turns/tool_sources.h"

#include "bot/access/time_zone.h"
#include "bot/memory/note_tools.h"
#include "bot/memory/said_search.h"
#include "bot/reminders/tools.h"
#include "bot/tools/made_calls.h"
#include "bot/tools/turn_tools.h"
#include "bot/turns/turn.h"

namespace bot::turns {

router::SecretaryTools::Sources tool_sources(const memory::Scope& turn,
                                             const std::function<bool()>& has_foreign_words) {
  router::SecretaryTools::Sources sources;
  sources.push_back(std::make_unique<reminders::ReminderTools>(
      turn.db, turn.services.clock,
      reminders::ReminderTools::Scope{turn.conversation, turn.person.id, turn.message.id,
                                      access::time_zone_of(turn.services, turn.db, turn.person.id),
                                      has_foreign_words}));
  sources.push_back(std::make_unique<memory::NoteTools>(turn, has_foreign_words));
  sources.push_back(std::make_unique<memory::SaidTools>(turn));
  sources.push_back(std::make_unique<tools::TurnTools>(turn.services, turn.db, turn.conversation, turn.person,
                                                       turn.message));
  return sources;
}

router::SecretaryTools& Turn::secretary_tools() {
  if (!tools_) {
    const router::SecretaryTools::Scope projects{
        conversation_, person_.id, access::time_zone_of(services_, db_, person_.id),
        [this](const store::DispatchRecord& dispatch) { return cancel_for_model(dispatch); }};
    const auto foreign = [this] { return brings_foreign_words() || tools_->brought_foreign_text(); };
    tools_.emplace(db_, services_.clock, projects,
                   tool_sources({services_, db_, conversation_, person_, message_}, foreign));
  }
  return *tools_;
}

std::string Turn::made_before_failure() {
  return tools::told_before_failure(db_, message_.id);
}

}  // namespace bot::turns
