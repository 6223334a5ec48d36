#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/log.h"
#include "bot/chat/capabilities.h"
#include "bot/runtime/services.h"
#include "llm/chat_model.h"
#include "store/conversations.h"
#include "store/database.h"

namespace bot::turns {

/// What the model writes in answer to a message, shown where the chat service shows drafts until it is
/// withdrawn or left. Where nobody left it, it ends with the object. Thread rule: one thread, that of the
/// Database.
class Draft final : public llm::AnswerListener {
 public:
  /// `turn` is what the turn's job is about, the same whenever it runs.
  Draft(runtime::Services& services, store::Database& db, const store::Conversation& conversation,
        const store::Message& answered, store::MessageId turn);
  ~Draft() override;
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;

  void add(std::string_view text) override;
  void withdraw() override;
  /// The answer is in the outbox: it takes the draft's place when it is delivered.
  void leave();
  /// This as a listener; null where nothing would be shown.
  llm::AnswerListener* listener() { return terms_.shown ? this : nullptr; }

 private:
  void show(std::string_view text);

  runtime::Services& services_;
  store::Database& db_;
  const store::ConversationId conversation_;
  const std::string section_;
  const store::MessageId turn_;
  chat::ShowsDrafts* const drafts_;
  chat::Draft draft_;
  chat::ShowsDrafts::DraftTerms terms_;
  const std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
  base::RedactedPieces pieces_;
  std::string held_;  ///< while the service's patience lasts
  bool shown_ = false;
  bool was_shown_ = false;
};

}  // namespace bot::turns
