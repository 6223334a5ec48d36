#include "bot/messages/surroundings.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <string>

#include "bot/chat/capabilities.h"
#include "bot/chat/commands.h"
#include "bot/messages/enclosures.h"
#include "store/chat_address.h"
#include "store/quotations.h"

namespace bot::messages {
namespace {

/// Whether the message is the first of this conversation and its thread began with another one.
bool enters_thread(store::Database& db, const store::Conversation& conversation,
                   const store::Message& message) {
  const auto thread = store::ChatAddress::parse(conversation.chat_id).thread;
  return !thread.empty() && thread != message.external_id &&
         store::Conversations(db).history(conversation.id, message.id, 1).empty();
}

}  // namespace

void read_surroundings(store::Database& db, chat::Platform* platform, const store::Conversation& conversation,
                       store::Message& message, std::stop_token stop) {
  const auto command = chat::parse_command(message.text);
  if (message.button || (command && is_quick(*command))) {
    return;
  }
  const auto before = store::Quotations(db).of(message.id);
  auto quotations = before;
  auto* const threads = chat::capability<chat::ReadsThreads>(platform);
  const bool is_read = std::any_of(before.begin(), before.end(), [](const auto& quotation) {
    return quotation.kind == store::QuotationKind::thread;
  });
  if (threads != nullptr && !is_read && enters_thread(db, conversation, message)) {
    auto thread = threads->thread_before(conversation.chat_id, message.external_id, stop);
    quotations.insert(quotations.begin(), std::make_move_iterator(thread.begin()),
                      std::make_move_iterator(thread.end()));
  }
  auto text = message.text;
  if (auto* const names = chat::capability<chat::SpellsOutNames>(platform)) {
    text = names->with_names(text, stop);
    std::map<std::string, std::string> authors;
    for (auto& quotation : quotations) {
      quotation.text = names->with_names(quotation.text, stop);
      auto& author = authors[quotation.author];
      quotation.author = author = author.empty() ? names->with_names(quotation.author, stop) : author;
    }
  }
  if (text == message.text && quotations == before) {
    return;
  }
  store::Transaction transaction(db);
  store::Conversations conversations(db);
  // Where the person changed it meanwhile, the turn begins anew and asks again.
  if (conversations.message(message.id).text == message.text) {
    conversations.replace_text(message.id, text, message.created);
    keep_quotations(db, message.id, quotations);
    message = conversations.message(message.id);
    transaction.commit();
  }
}

}  // namespace bot::messages
