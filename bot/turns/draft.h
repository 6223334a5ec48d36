#pragma once

#include <string>
#include <string_view>

#include "bot/chat/capabilities.h"
#include "llm/chat_model.h"
#include "store/ids.h"

namespace bot::turns {

/// What the model writes in answer to a message, shown where the chat service shows drafts until it is
/// withdrawn or left. Where nobody left it, it ends with the object. Thread rule: one thread.
class Draft final : public llm::AnswerListener {
 public:
  /// `platform` may be null.
  Draft(chat::Platform* platform, std::string chat_id, store::MessageId answered);
  ~Draft() override;
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;

  void add(std::string_view text) override;
  void withdraw() override;
  /// The answer is in the outbox: it takes the draft's place when it is delivered.
  void leave() { shown_ = false; }
  /// This as a listener; null where nothing would be shown.
  llm::AnswerListener* listener() { return drafts_ == nullptr ? nullptr : this; }

 private:
  chat::ShowsDrafts* const drafts_;
  const std::string chat_id_;
  const store::MessageId answered_;
  bool shown_ = false;
};

}  // namespace bot::turns
