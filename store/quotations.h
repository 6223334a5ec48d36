#pragma once

#include <map>
#include <string>
#include <vector>

#include "store/database.h"
#include "store/ids.h"
#include "store/states.h"

namespace store {

/// What stands as the text where there were files without words, or what the service does not tell.
inline constexpr const char* kFilesOnly = "(files only)";
inline constexpr const char* kNotTold = "(not shown to the bot)";

/// Words that came along with a message and that its sender did not write there. They are material for the
/// model, and never a command or an answer to anything.
struct Quotation {
  QuotationKind kind = QuotationKind::quote;
  WordsOf words_of = WordsOf::others;
  std::string author;  ///< a name, on one line; may be empty
  std::string text;

  bool operator==(const Quotation&) const = default;
};

/// Whether there are words and they were brought into the conversation from elsewhere or by somebody else:
/// not the bot's and not the sender's own, nor what stood in the thread already.
bool is_foreign(const Quotation& quotation);

/// The words of others that came along with messages. Thread rule: that of the Database.
class Quotations {
 public:
  explicit Quotations(Database& db) : db_(db) {}

  /// Inside the transaction that stores the message, or changes it: those of the message are these from now
  /// on.
  void replace(MessageId message, const std::vector<Quotation>& quotations);
  /// In the order in which they were given.
  std::vector<Quotation> of(MessageId message);
  /// Those of the messages of a conversation from `first` to `last`; one without any is not in it.
  std::map<MessageId, std::vector<Quotation>> among(ConversationId conversation, MessageId first,
                                                    MessageId last);

 private:
  Database& db_;
};

}  // namespace store
