#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "store/database.h"
#include "store/ids.h"
#include "store/states.h"

namespace store {

/// The section of what was ordered from a shell. No chat section has this name.
inline constexpr const char* kShellSection = "shell";
/// The section of those who act in the console, by the name they signed in with. No chat section has it.
inline constexpr const char* kConsoleSection = "console";

struct Conversation {
  ConversationId id;
  std::string section;
  std::string chat_id;
  MessageId context_from;  ///< messages before this one are no longer shown to the model (/new)
  bool in_group = false;   ///< others read along; once it was one, it stays one
  std::string room = {};   ///< the chat that it is a thread of, else chat_id; the projects belong to that
};

/// Where rights are given: kDirect, or the id of the group, whatever the thread in it.
std::string place_of(const Conversation& conversation);

/// What a click does is fixed when the button is made: a kind and the row it is about.
struct Button {
  ButtonKind kind = ButtonKind::yes;
  /// The decision for yes, no, give, raise, good and bad; the dispatch for resume, cancel and just_answer;
  /// the offered file for file; the note for remember, leave and forget; else the approval.
  std::int64_t ref = 0;
  std::string label;
  std::string id = {};  ///< made when the button is stored
};

struct Message {
  MessageId id;
  ConversationId conversation;
  Author author = Author::user;
  std::optional<PersonId> person;
  std::string external_id;  ///< the platform's id of an incoming message
  std::string text;
  std::optional<std::string> button;  ///< an incoming click: the id of the button
  std::optional<DispatchId> dispatch;
  base::Timestamp created;
  std::optional<base::Timestamp> edited;
  std::vector<Button> buttons;  ///< those that are shown now
};

/// Chats and what was said in them. Thread rule: that of the Database.
class Conversations {
 public:
  explicit Conversations(Database& db) : db_(db) {}

  /// Whether this is the first time that the section received that id; remembered for ever.
  bool first_time(const std::string& section, const std::string& external_id, base::Timestamp now);

  /// Which message came of the id; 0 where it was not stored.
  void on_stored(const std::string& section, const std::string& external_id, MessageId message);
  MessageId stored_as(const std::string& section, const std::string& external_id);
  /// Whether first_time() remembers it.
  bool knows_id(const std::string& section, const std::string& external_id);

  /// `room` where the chat is a thread of it.
  Conversation open(const std::string& section, const std::string& chat_id, base::Timestamp now,
                    const std::string& room = {});
  std::optional<Conversation> find(const std::string& section, const std::string& chat_id);
  Conversation get(ConversationId id);
  /// The last one, no group and not `except`, in which that person wrote.
  std::optional<Conversation> last_alone_with(PersonId person,
                                              std::optional<ConversationId> except = std::nullopt);
  /// The chats of the section in which a person wrote since `since`, and when they did so last.
  struct Use {
    std::string chat_id;
    base::Timestamp last;
  };
  std::vector<Use> used_since(const std::string& section, base::Timestamp since);
  /// A person's message is a reply to another one of its conversation, as its service says.
  struct Reply {
    std::optional<MessageId> to;  ///< nothing: one that is not known here
  };
  void keep_reply(MessageId message, std::optional<MessageId> to);
  /// Nothing where its service named none.
  std::optional<Reply> reply_of(MessageId message);
  /// Whether that message of ours ever had such a button.
  bool had_button(MessageId message, ButtonKind kind);

  /// What stands for the chat and all its threads: the first of its conversations, whatever the service calls
  /// it later.
  ConversationId room_of(const Conversation& conversation);
  void mark_as_group(ConversationId id);
  /// The service gave a chat another id: its conversations, threads too, go on under it, where that is free.
  void move_chat(const std::string& section, const std::string& from, const std::string& to);

  MessageId add_incoming(ConversationId conversation, PersonId person, const std::string& external_id,
                         const std::string& text, const std::optional<std::string>& button,
                         base::Timestamp now);
  Message message(MessageId id);

  /// The message of a person that the platform calls `external_id`.
  std::optional<Message> find_incoming(ConversationId conversation, const std::string& external_id);
  /// What a person wrote is replaced by what they made of it.
  void replace_text(MessageId message, const std::string& text, base::Timestamp now);

  /// An edit of a message that is not known yet.
  struct HeldEdit {
    std::string section, chat_id, external_id, user_id, text;
  };
  /// Keeps it, instead of an earlier one of that message, and forgets those kept since before
  /// `forget_before`.
  void hold_edit(const HeldEdit& edit, base::Timestamp now, base::Timestamp forget_before);
  /// What hold_edit() kept of that message of that person, and keeps no longer.
  std::optional<std::string> take_held_edit(const std::string& section, const std::string& chat_id,
                                            const std::string& external_id, const std::string& user_id);

  /// What the platform gave along with that message to answer it with; good until `expires`.
  void keep_ticket(MessageId message, const std::string& ticket, base::Timestamp expires);
  /// Forgets the tickets that were good until before then.
  void drop_tickets(base::Timestamp expired_before);

  /// The newest `limit` messages before `before` (or of all), oldest first; clicks are left out.
  std::vector<Message> history(ConversationId conversation, std::optional<MessageId> before, int limit);
  /// What the model is shown: messages from the conversation's context start up to and including `until`,
  /// oldest first, the newest `limit` of them.
  std::vector<Message> context(const Conversation& conversation, MessageId until, int limit);
  /// The same for the turn of `asked`, which stands last: what was answered to earlier messages while `asked`
  /// waited is shown, too, so that the model does not answer them again.
  std::vector<Message> context_of_turn(const Conversation& conversation, MessageId asked, int limit);
  /// Whether that person wrote in the conversation after `after` and before `before`.
  bool wrote_between(ConversationId conversation, PersonId person, MessageId after, MessageId before);

  /// The last thing that person wrote or clicked in the conversation before `before`.
  std::optional<Message> last_of(ConversationId conversation, PersonId person, MessageId before);

  /// The model sees nothing before `from` any more.
  void start_context_at(ConversationId conversation, MessageId from);

  /// A button that is or was shown, with the message it belongs to and whether it is shown now.
  struct FoundButton {
    Button button;
    MessageId message;
    bool shown = false;
  };
  std::optional<FoundButton> find_button(const std::string& id);
  std::vector<Button> buttons(MessageId message);
  /// The newest message in its conversation that is a click on the button.
  std::optional<MessageId> last_click(const std::string& button);
  /// The message that shows a button of that kind and row now.
  std::optional<MessageId> message_with_button(ButtonKind kind, std::int64_t ref);

 private:
  std::vector<Message> context(const Conversation& conversation, MessageId until, MessageId answers_until,
                               int limit);

  Database& db_;
};

}  // namespace store
