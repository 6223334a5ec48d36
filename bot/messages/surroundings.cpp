#include "bot/messages/surroundings.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "base/wait.h"
#include "bot/chat/capabilities.h"
#include "bot/chat/commands.h"
#include "bot/messages/enclosures.h"
#include "store/chat_address.h"
#include "store/cursors.h"
#include "store/quotations.h"

namespace bot::messages {
namespace {

using std::chrono::milliseconds;

/// How long a turn waits for a service that cannot tell at the moment.
constexpr milliseconds kPauses[] = {milliseconds(300), milliseconds(1'500)};
constexpr milliseconds kPatience{10'000};

/// Of a thread that was read.
store::Cursor mark_of(const store::Conversation& conversation) {
  return {"thread " + conversation.chat_id, "read"};
}

/// Whether the conversation is a thread that another message began, and which was not read so far.
bool is_unread_thread(store::Database& db, const store::Conversation& conversation,
                      const store::Message& message) {
  const auto thread = store::ChatAddress::parse(conversation.chat_id).thread;
  return !thread.empty() && thread != message.external_id &&
         !store::Cursors(db).find(conversation.section, mark_of(conversation).name) &&
         !store::Conversations(db).find_incoming(conversation.id, thread);
}

/// What the bot has not seen of the thread; nothing where the service cannot tell at the moment.
std::optional<std::vector<store::Quotation>> read_thread(store::Database& db, chat::ReadsThreads& threads,
                                                         const store::Conversation& conversation,
                                                         const store::Message& message,
                                                         const std::stop_token& stop) {
  store::Conversations conversations(db);
  const auto until = std::chrono::steady_clock::now() + kPatience;
  for (std::size_t failures = 0;; ++failures) {
    try {
      auto said = threads.thread_before(
          conversation.chat_id, message.external_id,
          [&](const std::string& id) { return conversations.find_incoming(conversation.id, id).has_value(); },
          stop);
      if (!conversations.history(conversation.id, message.id, 1).empty()) {
        // The bot's own words are in the conversation.
        std::erase_if(said, [](const auto& each) { return each.words_of == store::WordsOf::bot; });
      }
      return said;
    } catch (const base::TransientError& e) {
      base::log_warning("what was said in the thread before cannot be read now: {}", e.what());
      if (failures == std::size(kPauses) ||
          std::chrono::steady_clock::now() + e.retry_after.value_or(kPauses[failures]) > until) {
        return std::nullopt;
      }
      if (!base::wait_for(e.retry_after.value_or(kPauses[failures]), stop)) {
        throw base::Stopped();
      }
    }
  }
}

}  // namespace

void read_surroundings(store::Database& db, chat::Platform* platform, const store::Conversation& conversation,
                       store::Message& message, std::stop_token stop) {
  const auto command = chat::parse_command(message.text);
  if (message.button || (command && is_quick(*command))) {
    return;
  }
  auto* const threads = chat::capability<chat::ReadsThreads>(platform);
  auto* const names = chat::capability<chat::SpellsOutNames>(platform);
  if (threads == nullptr && names == nullptr) {
    return;
  }
  const auto before = store::Quotations(db).of(message.id);
  auto quotations = before;
  const bool is_read = std::any_of(before.begin(), before.end(), [](const auto& quotation) {
    return quotation.kind == store::QuotationKind::thread;
  });
  std::optional<std::vector<store::Quotation>> thread;
  if (threads != nullptr && !is_read && is_unread_thread(db, conversation, message)) {
    thread = read_thread(db, *threads, conversation, message, stop);
  }
  if (thread) {
    quotations.insert(quotations.begin(), thread->begin(), thread->end());
  }
  auto text = message.text;
  if (names != nullptr) {
    text = names->with_names(text, stop);
    std::map<std::string, std::string> authors;
    for (auto& quotation : quotations) {
      quotation.text = names->with_names(quotation.text, stop);
      auto& author = authors[quotation.author];
      quotation.author = author = author.empty() ? names->with_names(quotation.author, stop) : author;
    }
  }
  if (text == message.text && quotations == before && !thread) {
    return;
  }
  store::Transaction transaction(db);
  store::Conversations conversations(db);
  // Where the person changed it meanwhile, the turn begins anew and asks again.
  if (conversations.message(message.id).text == message.text) {
    conversations.replace_text(message.id, text, message.created);
    keep_quotations(db, message.id, quotations);
    if (thread) {
      store::Cursors(db).save(conversation.section, mark_of(conversation));
    }
    message = conversations.message(message.id);
    transaction.commit();
  }
}

}  // namespace bot::messages
