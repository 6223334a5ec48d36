#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "bot/chat/incoming_message.h"
#include "store/attachments.h"
#include "store/conversations.h"
#include "store/database.h"
#include "store/quotations.h"

namespace bot::messages {

// What comes along with a message: files, and words of others. Thread rule: that of the Database.

/// The file as the store keeps it, of no message yet.
store::Attachment row_of(const chat::Attachment& attachment);

/// Adds files to the message, inside the transaction that stores it; no more than a message may have.
void add_attachments(store::Database& db, store::MessageId message, std::vector<store::Attachment> list);
void add_attachments(store::Database& db, store::MessageId message,
                     const std::vector<chat::Attachment>& list);

/// Gives the message these quotations instead of those that it had, within bounds, inside the transaction
/// that stores it.
void keep_quotations(store::Database& db, store::MessageId message, std::vector<store::Quotation> list);

/// Makes the text of each message what a model reads: before the person's own words stand those of others,
/// each line after a "> " and all of them under a line that says whose they are, and behind them a line for
/// each file. Of what came along with all but the last message, about `max_earlier` bytes each are shown.
inline constexpr std::size_t kToldOfEarlier = 3'500;
void tell_enclosures(store::Database& db, std::vector<store::Message>& messages,
                     std::size_t max_earlier = kToldOfEarlier);

/// Whether any of them has something of that.
bool has_enclosures(store::Database& db, const std::vector<store::Message>& messages);

/// The quotations as they stand there, in at most some `max_bytes` bytes; what was quoted last counts most.
/// Empty where there are none.
std::string told(const std::vector<store::Quotation>& quotations, std::size_t max_bytes);

/// What the message is about, to name something after it: the person's own words, else those it brought.
std::string subject_of(store::Database& db, const store::Message& message);

/// A task in the person's own words, with the words of others that came along with the message, for a
/// specialist.
std::string task_with_quotations(store::Database& db, const std::string& task, store::MessageId message);

}  // namespace bot::messages
