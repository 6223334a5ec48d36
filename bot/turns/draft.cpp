#include "bot/turns/draft.h"

#include <utility>

#include "base/log.h"

namespace bot::turns {

Draft::Draft(chat::Platform* platform, std::string chat_id, store::MessageId answered)
    : drafts_(chat::capability<chat::ShowsDrafts>(platform)),
      chat_id_(std::move(chat_id)),
      answered_(answered) {}

Draft::~Draft() {
  withdraw();
}

void Draft::add(std::string_view text) {
  try {
    shown_ = true;
    drafts_->add_to_draft(chat_id_, answered_, text);
  } catch (const std::exception& e) {
    base::log_warning("a draft was not shown: {}", e.what());  // the answer must not suffer from it
  }
}

void Draft::withdraw() {
  if (!std::exchange(shown_, false)) {
    return;
  }
  try {
    drafts_->withdraw_draft(chat_id_, answered_);
  } catch (const std::exception& e) {
    base::log_warning("a draft was not withdrawn: {}", e.what());
  }
}

}  // namespace bot::turns
