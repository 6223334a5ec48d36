#include "bot/turns/draft.h"

#include <utility>

#include "base/crash_point.h"
#include "base/log.h"
#include "store/drafts.h"

namespace bot::turns {

Draft::Draft(runtime::Services& services, store::Database& db, const store::Conversation& conversation,
             const store::Message& answered, store::MessageId turn)
    : services_(services),
      db_(db),
      conversation_(conversation.id),
      section_(conversation.section),
      turn_(turn),
      drafts_(chat::capability<chat::ShowsDrafts>(services.platform(conversation.section))),
      draft_{.chat_id = conversation.chat_id, .answered = answered.id, .answers = answered.external_id} {
  // What the service cannot name would not be known to be answered.
  if (drafts_ != nullptr && !draft_.answers.empty()) {
    terms_ = drafts_->draft_terms(draft_);
  }
}

Draft::~Draft() {
  withdraw();
}

void Draft::add(std::string_view text) {
  if (!terms_.shown) {
    return;
  }
  // The answer itself is redacted where it is stored.
  held_ += pieces_.add(text);
  try {
    if (!held_.empty() && std::chrono::steady_clock::now() >= begun_ + terms_.patience) {
      show(std::exchange(held_, {}));
    }
  } catch (const std::exception& e) {
    base::log_warning("a draft was not shown: {}", e.what());  // the answer must not suffer from it
    terms_.shown = false;
  }
}

void Draft::show(std::string_view text) {
  if (terms_.is_message && draft_.key.empty()) {
    const auto key = store::Drafts(db_).begin(turn_, conversation_, draft_.answers, services_.clock.now());
    if (!key) {
      terms_.shown = false;
      return;
    }
    draft_.key = *key;
    base::crash_point(base::CrashPoint::draft_begun, draft_.answered.value);
  }
  shown_ = true;
  if (!std::exchange(was_shown_, true)) {
    services_.metrics.draft_begun(
        section_, std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count());
  }
  drafts_->add_to_draft(draft_, text);
}

void Draft::leave() {
  if (std::exchange(shown_, false)) {
    services_.metrics.draft(section_, "answered");
  }
}

void Draft::withdraw() {
  held_.clear();
  pieces_.clear();
  if (!std::exchange(shown_, false)) {
    return;
  }
  services_.metrics.draft(section_, "withdrawn");
  try {
    drafts_->withdraw_draft(draft_);
  } catch (const std::exception& e) {
    base::log_warning("a draft was not withdrawn: {}", e.what());
  }
}

}  // namespace bot::turns
