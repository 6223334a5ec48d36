#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/http.h"
#include "store/message_parts.h"
#include "store/outbox.h"

namespace bot::chat {

/// A file that came along with a message.
struct Attachment {
  std::string handle;                     ///< what the platform fetches it by
  std::string name;                       ///< as the sender called it; not safe as a file name
  std::string media_type;                 ///< may be empty
  std::optional<std::int64_t> size = {};  ///< in bytes, as the service says
};

/// Something that a person wrote or clicked, as the platform told it.
struct IncomingMessage {
  std::string external_id;  ///< the service's id of the event; repeats are dropped by it
  /// "<chat>", or "<chat>/<thread>" where the service has threads or topics: a conversation of its own.
  std::string chat_id;
  std::string user_id;
  std::string user_name;
  std::string text;
  std::optional<std::string> button;  ///< a click: the id of the button

  /// The chat that everybody in the thread sees as well: its projects are there. Empty: chat_id.
  std::string room = {};
  /// The id of the message itself, as replies and edits name it. Empty: the external_id.
  std::string message_id = {};
  /// A second id under which the service may report the same message once more. Empty: none.
  std::string twin_id = {};
  /// What several files that were sent at once have in common, each in a message of its own. Empty: none.
  std::string album = {};
  enum class Kind { message, edit, moved };
  /// Of an edit, `text` is the new text of message_id; of a chat that moved, its new id.
  Kind kind = Kind::message;
  enum class Place { direct, group };
  Place place = Place::direct;
  /// Whether it is meant for the bot: always, only where chat_id is a conversation of the bot already, or
  /// only if another message of its album is meant for the bot, which may come later.
  enum class Addressed { always, in_own_conversation, in_album };
  Addressed addressed = Addressed::always;
  std::vector<Attachment> attachments = {};
  /// What the service wants to be answered with. While it lives it comes back in OutgoingCall::ticket.
  std::string ticket = {};
  std::chrono::seconds ticket_life{0};

  const std::string& own_id() const { return message_id.empty() ? external_id : message_id; }
};

/// A webhook call that is refused. `status` is the HTTP status, what() the sentence in the answer.
class Refused : public std::runtime_error {
 public:
  Refused(int code, const std::string& sentence) : std::runtime_error(sentence), status(code) {}
  int status;
};

/// A call to a service that certainly had no effect; it may be made again.
class NotSent : public base::TransientError {
 public:
  using base::TransientError::TransientError;
};

/// What was to be edited is not there any more: somebody took it away.
class Gone : public base::PermanentError {
 public:
  using base::PermanentError::PermanentError;
};

/// The service gave the chat another id, without a thread; the call had no effect under the old one.
class Moved : public NotSent {
 public:
  Moved(const std::string& what, std::string new_chat) : NotSent(what), to(std::move(new_chat)) {}
  std::string to;
};

/// A call that the service's pace does not allow before `until`. It is no failed attempt.
class RateLimited : public std::runtime_error {
 public:
  explicit RateLimited(base::Timestamp when) : std::runtime_error("the service's pace"), until(when) {}
  base::Timestamp until;
};

/// One line of `frontdesk doctor`.
struct CheckResult {
  enum class Mark { ok, warning, failure };
  Mark mark = Mark::ok;
  std::string detail;  ///< a sentence, and what to do
};

/// A chat service, spoken to through one [chat.<name>] section. One .cpp per platform; the table is in
/// chat_platforms.cpp. Thread rule: all functions may be called from several threads at once.
class Platform {
 public:
  virtual ~Platform() = default;

  struct Received {
    std::vector<IncomingMessage> incoming;
    base::HttpResponse response;  ///< what the caller gets once all of it is stored
  };

  /// Verifies and parses a call of `POST /webhooks/<name>`. No I/O. Throws Refused.
  virtual Received receive(const base::HttpRequest& request, base::Timestamp now) const = 0;

  /// Called when what was received is stored. Must not block: a courtesy to the service, such as taking the
  /// waiting sign off a button.
  virtual void on_stored(const IncomingMessage& /*incoming*/) {}
  /// Called when the person may not write there and was told so lately, so that nothing will be delivered to
  /// answer it. Must not block.
  virtual void on_refused(const IncomingMessage& /*incoming*/) {}

  /// Makes the call and returns the platform's id of the message (may be empty). The call's key is the same
  /// at every attempt; `parts` keeps what earlier attempts achieved. Throws base::TransientError, Moved,
  /// base::PermanentError, RateLimited, or base::Stopped.
  virtual std::string deliver(const store::OutgoingCall& call, store::MessageParts& parts,
                              base::Timestamp now, std::stop_token stop) = 0;

  /// When the next call to that chat may begin; a time that is over means now.
  virtual base::Timestamp ready_at(const std::string& /*chat_id*/, base::Timestamp now) { return now; }

  /// Shows, where the platform can, that an answer is being thought about, or no longer. Must not block.
  enum class Presence { thinking, idle };
  virtual void show_presence(const std::string& /*chat_id*/, Presence /*presence*/) {}

  /// The name of a person whom no call has named, one line; empty where it cannot be told. May ask the
  /// service.
  virtual std::string name_of(const std::string& /*user_id*/, std::stop_token /*stop*/) { return {}; }

  /// Whether delivering needs nothing outside this process, so that it never has to wait.
  virtual bool is_local() const { return false; }

  /// What is written before the word of a command.
  virtual std::string_view command_prefix() const { return "/"; }

  /// Whether a Post may carry a file.
  virtual bool sends_files() const { return false; }

  /// Gives `sink` the bytes of an attachment. Throws base::PermanentError where it is larger than `max_bytes`
  /// or not to be had, base::TransientError where it may be later, base::Stopped.
  virtual void fetch(const std::string& handle, std::uint64_t max_bytes,
                     const std::function<void(std::string_view)>& sink, std::stop_token stop);

  /// Stores a message; throws what the database throws.
  using Inbox = std::function<void(const IncomingMessage&)>;
  /// What the program knows of the time before its start.
  struct Past {
    std::vector<std::string> chats;  ///< the chat ids of the conversations that were used lately
    base::Timestamp last_received;   ///< of any message of this section; the epoch where there was none
  };
  /// Called once when the program is ready: begins to ask the service for messages, where it does that, and
  /// for those that were missed. Does not block.
  virtual void start(const Inbox& /*inbox*/, const Past& /*past*/) {}
  /// Ends what start() began. Idempotent.
  virtual void stop() {}

  /// Asks the service whether everything is set up, for `frontdesk doctor`. With Repair::yes it first sets up
  /// what the program can (webhooks, commands).
  enum class Repair { no, yes };
  virtual std::vector<CheckResult> check(Repair repair);
};

/// "d-17", the form in which a dispatch is named to people and platforms.
std::string dispatch_name(store::DispatchId id);

}  // namespace bot::chat
