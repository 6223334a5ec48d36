#include "bot/web/chat_judgements.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "bot/markup/markdown.h"
#include "bot/texts/page.h"
#include "bot/turns/why.h"
#include "bot/web/page_address.h"
#include "store/outbox.h"

namespace bot::web {

using base::HttpResponse;
using store::ButtonKind;

std::optional<store::Message> ChatJudgements::message(store::MessageId id) {
  try {
    auto message = store::Conversations(db_).message(id);
    const auto conversation = store::Conversations(db_).get(message.conversation);
    if (conversation.section == section_ && user_of_chat(conversation.chat_id) == user_) {
      return message;
    }
  } catch (const base::PermanentError&) {
    return std::nullopt;  // there is none
  }
  return std::nullopt;
}

std::optional<store::DecisionRecord> ChatJudgements::decision_of(const store::Message& message) {
  store::DispatchLog log(db_);
  if (message.author == store::Author::user) {
    return log.decision_about(message.id);
  }
  if (message.dispatch) {
    return log.decision(log.dispatch(*message.dispatch).decision);
  }
  // Delivered to the page, a message is called by its own id.
  const auto called =
      store::Outbox(db_).message_called(message.conversation, std::to_string(message.id.value));
  const auto asked =
      called ? store::Conversations(db_).find_incoming(message.conversation, called->reply_to) : std::nullopt;
  return asked ? log.decision_about(asked->id) : std::nullopt;
}

HttpResponse ChatJudgements::why(store::MessageId wanted) {
  const auto found = message(wanted);
  const auto decision = found ? decision_of(*found) : std::nullopt;
  if (!decision) {
    return HttpResponse::error(404, texts::kNothingDecidedThere);
  }
  const auto text = turns::why_text(services_, db_, *decision);
  return HttpResponse::json(base::dump_json({{"text", text}, {"html", markup::markdown_to_html(text)}}));
}

std::optional<ChatJudgements::Thumb> ChatJudgements::thumb(store::MessageId id, bool good) {
  const auto found = message(id);
  if (!found) {
    return std::nullopt;
  }
  const auto wanted = good ? ButtonKind::good : ButtonKind::bad;
  const auto button = std::find_if(found->buttons.begin(), found->buttons.end(),
                                   [&](const store::Button& shown) { return shown.kind == wanted; });
  if (button == found->buttons.end()) {
    return std::nullopt;
  }
  return Thumb{store::Conversations(db_).get(found->conversation).chat_id, button->id};
}

}  // namespace bot::web
