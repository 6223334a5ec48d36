#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "store/conversations.h"
#include "store/database.h"
#include "store/ids.h"
#include "store/states.h"

namespace store {

/// A message of ours, as the chat sees it.
struct Post {
  std::string text;  ///< Markdown
  std::vector<Button> buttons = {};
  std::string reply_to = {};  ///< the platform's id of the message that this answers
  std::optional<DispatchId> dispatch = std::nullopt;
  /// A file of a project that is sent along; an edit takes it away.
  struct File {
    ProjectId project;
    std::string path;          ///< relative to the project folder
    std::string name;          ///< as the chat shows it
    std::string content = {};  ///< not stored: read when the call is made
  };
  std::optional<File> file = std::nullopt;
  /// The service did not take the text, which is too long for messages, as a file.
  bool rest_refused = false;
};

/// One call to a chat platform: what to say, under which key. What is here never changes once it was
/// attempted.
struct OutgoingCall {
  OutboxId id;
  std::string key;         ///< the same for every attempt
  std::string target_key;  ///< of an edit: the key of the message it changes
  std::string target_external_id;
  ConversationId conversation;
  std::string chat_id;
  MessageId message;
  CallKind kind = CallKind::message;
  Post post;
  base::Timestamp created;
  DeliveryState state = DeliveryState::unattempted;
  /// The platform's id of the message that this message answers, also of an edit; empty where there is none.
  std::string answers;
  /// Whether the message is the oldest of ours that answers it.
  bool answers_first = false;
  /// That message, where it is stored here, and since when.
  struct Answered {
    MessageId message;
    base::Timestamp stored;
  };
  std::optional<Answered> answered = {};
  /// What the platform gave along with that message to answer it with.
  struct Ticket {
    std::string value;
    base::Timestamp expires;
  };
  std::optional<Ticket> ticket;
};

/// Every call to the chat platforms, in the order in which they are made. Writing to it also writes the job
/// that delivers it: call it inside the transaction that stores the reason. Thread rule: that of the
/// Database.
class Outbox {
 public:
  explicit Outbox(Database& db) : db_(db) {}

  /// Says something new in the conversation.
  MessageId post(const Conversation& conversation, const Post& post, base::Timestamp now);

  /// Changes what a message of ours says. An edit that nobody tried to send yet, with nothing after it in
  /// this conversation, is replaced instead of adding a call.
  void edit(MessageId message, const std::string& text, const std::vector<Button>& buttons,
            base::Timestamp now);

  /// Whether the message's newest call still waits to be made: then a further progress edit can wait, too.
  bool is_pending(MessageId message);

  /// A message of ours that the platform, or a receiver of the generic one, calls `id`.
  struct Called {
    MessageId message;
    std::optional<DispatchId> dispatch = {};
    std::string reply_to = {};  ///< the platform's id of the message that it answers
  };
  std::optional<Called> message_called(ConversationId conversation, const std::string& id);
  /// The platform's id of the message that this one of ours answers; empty: it answers none.
  std::string answered(MessageId message);

  OutgoingCall get(OutboxId id);
  /// What is known of a call before it is read: none of it changes but the state.
  struct Head {
    std::string key;
    ConversationId conversation;
    std::string section;
    std::string chat_id;
    base::Timestamp created;
    DeliveryState state = DeliveryState::unattempted;
  };
  Head head(OutboxId id);
  /// The service refused the call's file: from now on the call is without it, and its text says why.
  void drop_file(OutboxId id, const std::string& why);
  /// The service refused a file of the text, which is too long for messages: from now on the call is without.
  void note_rest_refused(OutboxId id);
  /// Before the first byte is sent.
  void mark_attempted(OutboxId id);
  void mark_delivered(OutboxId id, const std::string& external_id, base::Timestamp now);
  void mark_dead(OutboxId id, const std::string& error, base::Timestamp now);
  /// The dead call of the message, the last of several, is made again. False where there is none.
  bool revive(MessageId message, base::Timestamp now);
  /// The last call of the message is made again, whatever became of it: what was sent of it is known by its
  /// parts, and one that was forgotten goes out under its key. False while it waits, or where its words were
  /// taken out.
  bool repeat(MessageId message, base::Timestamp now);
  /// The dead call is looked at no more, until it was made again and is dead once more. False where it is not
  /// dead, or was put away before.
  bool put_away(OutboxId id, base::Timestamp now);
  /// Of the dead calls, those that nobody has put away.
  int dead_count();

  /// A call as an admin wants to see it.
  struct Listed {
    OutboxId id;
    std::string key;
    std::string section;
    std::string chat_id;
    MessageId message;
    CallKind kind = CallKind::message;
    DeliveryState state = DeliveryState::unattempted;
    std::string error;
    std::string text;
    base::Timestamp created;
  };
  enum class Which { dead, waiting, all };  ///< dead: that nobody has put away
  /// The newest calls with an id below `before`, newest first; an empty section is any.
  std::vector<Listed> list(Which which, const std::string& section, std::int64_t before, int limit);
  std::optional<Listed> listed(const std::string& key);
  /// What became of the calls of one section since then.
  struct Counts {
    std::int64_t delivered = 0, dead = 0, waiting = 0;
  };
  std::map<std::string, Counts> counts_since(base::Timestamp since);
  /// The chat sections in which anything was ever said.
  std::vector<std::string> sections();

  /// The kind of the jobs that deliver to that chat section.
  static std::string job_kind(const std::string& section);

 private:
  void read_answered(OutgoingCall& call);
  bool is_first_answer(ConversationId conversation, const std::string& to, MessageId answer);
  std::vector<Button> store_buttons(MessageId message, std::vector<Button> buttons);
  void add(const Conversation& conversation, MessageId message, CallKind kind, const std::string& body,
           base::Timestamp now);
  Database& db_;
};

}  // namespace store
