#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "bot/markup/markup_dialect.h"
#include "store/conversations.h"
#include "store/message_parts.h"
#include "store/outbox.h"

namespace bot::chat {

/// What one of the service's own messages shows.
struct MessagePart {
  std::string text;  ///< in the service's own form
  std::vector<store::Button> buttons = {};
  std::string reply_to = {};
  struct File {
    enum class Of {
      post,  ///< the post's own file
      text   ///< its text, which is too long for messages
    };
    std::string name;
    std::string content;
    Of of = Of::post;
  };
  std::optional<File> file = {};
};

/// The service does not take the file of a part; what was shown before it stays.
class FileRefused : public base::PermanentError {
 public:
  FileRefused(const std::string& what, MessagePart::File::Of refused)
      : base::PermanentError(what), of(refused) {}
  MessagePart::File::Of of;
};

/// The calls of one service that show a part, for one outgoing call. Thread rule: one thread.
class PartCalls {
 public:
  virtual ~PartCalls() = default;

  /// Sends it and returns the service's id. `key` is the same at every attempt. Throws NotSent where it
  /// certainly did not arrive, base::TransientError where nobody knows, base::PermanentError where it was
  /// refused, RateLimited, base::Stopped.
  virtual std::string send(const MessagePart& part, const std::string& key) = 0;
  /// Makes the message show the part; the same again is no error. Throws as send(), and Gone where the
  /// message is not there any more.
  virtual void edit(const std::string& external_id, const MessagePart& part) = 0;
  /// Takes the message away; one that is gone is no error. Throws as send().
  virtual void remove(const std::string& external_id) = 0;

  /// What became of a send() whose answer never came.
  struct DeliveryStatus {
    enum class Kind {
      arrived,    ///< it is there, as external_id
      absent,     ///< sending it again shows it once
      harmless,   ///< sending it again may leave an empty placeholder behind
      unknowable  ///< must not be sent again
    };
    Kind kind = Kind::unknowable;
    std::string external_id = {};
  };
  virtual DeliveryStatus delivery_status(const MessagePart& part, const std::string& key,
                                         base::Timestamp attempted) = 0;

  /// Whether a refusal by send() may be one of the part's file, so that words may arrive.
  virtual bool may_be_about_file(const base::PermanentError& /*refusal*/) const { return true; }

  /// Whether send() shows a placeholder that edit() must fill.
  virtual bool sends_placeholder(const MessagePart& /*part*/) const { return false; }
};

/// How far the attempt to send each part of a call came, for services where it takes several calls: kept in
/// the store when note() returns, and there until the part is sent or shows something else. Thread rule:
/// that of the MessageParts, which must outlive it.
class PartSteps {
 public:
  PartSteps(const store::OutgoingCall& call, store::MessageParts& parts);
  /// Of the part with that key; empty where nothing was noted.
  std::string of(const std::string& key);
  void note(const std::string& key, const std::string& step);

 private:
  std::optional<store::MessagePart> find(const std::string& key);

  const store::MessageId message_;
  const std::string target_key_;
  store::MessageParts& parts_;
};

/// Makes the message of `call` show exactly these parts: sends what is missing, edits what differs, takes
/// away what is too much, and reconciles what an earlier attempt left in doubt. Returns the id of the first
/// part. Throws what the calls throw, and FileRefused. May be called again at any time after it threw or the
/// program died.
std::string deliver_parts(const store::OutgoingCall& call, const std::vector<MessagePart>& wanted,
                          store::MessageParts& parts, PartCalls& calls, base::Timestamp now);

/// Whether the call shows how a run is going: what can still be cancelled still changes.
bool is_progress(const store::OutgoingCall& call);

/// The parts of a post whose text has been rendered: buttons below the last, the reply on the first. More
/// than `most` parts become the first and the whole Markdown as a file, or a sentence where the service
/// refused that file. The post's own file comes last.
std::vector<MessagePart> parts_of(const store::Post& post, std::vector<std::string> texts, std::size_t most);

/// A draft as a message of the service: the beginning of the text, in as much as one message holds, and that
/// it is still being written.
std::string draft_text(const std::string& text, const markup::Dialect& dialect, std::size_t limit);

}  // namespace bot::chat
