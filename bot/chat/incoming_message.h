#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/chat_address.h"
#include "store/cursors.h"
#include "store/quotations.h"

namespace bot::chat {

using store::ChatAddress;
using store::Cursor;
using store::Quotation;
using store::QuotationKind;
using store::WordsOf;

/// A file that came along with a message.
struct Attachment {
  std::string handle;                     ///< what the platform fetches it by
  std::string name;                       ///< as the sender called it; not safe as a file name
  std::string media_type;                 ///< may be empty
  std::optional<std::int64_t> size = {};  ///< in bytes, as the service says
};

/// What somebody put under a message, or took away again.
struct Reaction {
  std::string emoji;  ///< the character where the service tells it, else the service's name, without colons
  enum class Change { added, removed };
  Change change = Change::added;
};

/// Something that a person wrote, clicked or changed, as the platform tells it.
struct IncomingMessage {
  std::string external_id;  ///< the service's id of the event; repeats are dropped by it
  std::string chat_id;      ///< a ChatAddress as text; a thread is a conversation of its own
  std::string user_id;
  std::string user_name;
  std::string text;                   ///< the person's own words alone; may be empty beside quotations
  std::optional<std::string> button;  ///< a click: the id of the button

  /// The chat that everybody in the thread sees as well: its projects are there. Empty: chat_id.
  std::string room = {};
  /// The id of the message itself, as replies and edits name it. Empty: the external_id.
  std::string message_id = {};
  /// The service's id of the message that it is a reply to, where it tells that. Empty: none.
  std::string reply_to = {};
  /// A second id under which the service may report the same message once more. Empty: none.
  std::string twin_id = {};
  /// What several files that were sent at once have in common, each in a message of its own. Empty: none.
  std::string album = {};
  /// What it tells. A service that has no such thing never sends that kind.
  enum class Kind {
    message,
    edit,        ///< `text` is the new text of message_id
    moved,       ///< the chat has another id from now on: `text`
    deleted,     ///< user_id took message_id away; nothing comes of it yet
    reaction,    ///< user_id put `reaction` under message_id; a thumb under the bot's is a label
    unreadable,  ///< something of a kind that neither the bot nor the model can read; they are told so
    nameless     ///< meant for the bot, but the service does not tell who wrote it; they are told so
  };
  Kind kind = Kind::message;
  enum class Place { direct, group };
  Place place = Place::direct;
  /// Whether it is meant for the bot: always, only where chat_id is a conversation of the bot already, or
  /// only if another message of its album is meant for the bot, which may come later, or only as the rest of
  /// what the person wrote just before and the service cut. Of an edit: only since that edit, so that it is
  /// the first that the bot hears of the message.
  enum class Addressed { always, in_own_conversation, in_album, as_rest, by_edit };
  Addressed addressed = Addressed::always;
  std::vector<Attachment> attachments = {};
  /// What was forwarded, quoted, replied to or shared along with it. Never part of `text`, whose words alone
  /// can be a command or an answer.
  std::vector<Quotation> quotations = {};
  /// The service cuts long texts in parts: what the person writes within so long is the rest of this one.
  /// Zero: it is whole.
  std::chrono::milliseconds rest_within{0};
  std::optional<Reaction> reaction = {};  ///< of Kind::reaction
  /// What the service wants to be answered with. While it lives it comes back in OutgoingCall::ticket.
  std::string ticket = {};
  std::chrono::seconds ticket_life{0};
  /// How far the section has read the service once this message is in: kept in the same transaction,
  /// whatever becomes of the message. See Receiver::cursor().
  std::optional<Cursor> cursor = {};

  const std::string& own_id() const { return message_id.empty() ? external_id : message_id; }
};

}  // namespace bot::chat
