#include "bot/turns/replied_to.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <string>

#include "store/quotations.h"

namespace bot::turns {
namespace {

/// Letters and digits alone: services show and quote our Markdown in ways of their own.
std::string bare(const std::string& text) {
  std::string letters;
  std::copy_if(text.begin(), text.end(), std::back_inserter(letters),
               [](unsigned char c) { return c >= 0x80 || std::isalnum(c) != 0; });
  return letters;
}

/// What it came with as a reply to it, bare; nothing where it came with none.
std::optional<std::string> words_replied_to(store::Database& db, store::MessageId message) {
  std::optional<std::string> words;
  for (const auto& quotation : store::Quotations(db).of(message)) {
    if (quotation.kind == store::QuotationKind::reply) {
      words = bare(quotation.text);
    }
  }
  return words;
}

/// The newest message before it that begins with these words; of no words none does.
std::optional<store::MessageId> newest_with(store::Database& db, const store::Message& message,
                                            const std::string& words) {
  constexpr int kLookedThrough = 200;
  if (words.empty()) {
    return std::nullopt;
  }
  const auto before = store::Conversations(db).history(message.conversation, message.id, kLookedThrough);
  const auto found = std::find_if(before.rbegin(), before.rend(), [&](const store::Message& earlier) {
    return bare(earlier.text).starts_with(words);
  });
  return found == before.rend() ? std::nullopt : std::optional(found->id);
}

}  // namespace

std::optional<store::MessageId> message_quoted(store::Database& db, const store::Message& message) {
  return newest_with(db, message, words_replied_to(db, message.id).value_or(""));
}

std::optional<RepliedTo> replied_to(store::Database& db, const store::Message& message) {
  if (const auto reply = store::Conversations(db).reply_of(message.id)) {
    return RepliedTo{reply->to};
  }
  const auto words = words_replied_to(db, message.id);
  return words ? std::optional(RepliedTo{newest_with(db, message, *words)}) : std::nullopt;
}

}  // namespace bot::turns
