#include "bot/messages/intake.h"

#include <algorithm>
#include <iterator>

#include <fmt/core.h>

#include "base/crash_point.h"
#include "bot/chat/commands.h"
#include "bot/messages/admission.h"
#include "bot/messages/cut_texts.h"
#include "bot/messages/enclosures.h"
#include "bot/messages/reactions.h"
#include "bot/messages/waiting.h"
#include "bot/texts/access.h"
#include "bot/texts/files.h"
#include "store/attachments.h"
#include "store/conversations.h"
#include "store/cursors.h"
#include "store/job_queue.h"
#include "store/outbox.h"
#include "store/people.h"
#include "store/quotations.h"
#include "store/retention.h"

namespace bot::messages {
namespace {

constexpr std::chrono::hours kTellAgain{1};

/// After they have expired: a delivery that is tried for three days has to know how it was tried before.
constexpr std::chrono::hours kTicketsKept{4 * 24};

/// Within so long after its first message an album may turn out to be meant for the bot.
constexpr std::chrono::minutes kAlbumLife{10};
/// Services call in any order; an edit is not long before its message.
constexpr std::chrono::minutes kEditWaits{10};

/// What each message of an album that one person sent at once has in common; empty where there is no album.
std::string album_of(const chat::IncomingMessage& incoming) {
  return incoming.album.empty()
             ? std::string()
             : fmt::format("album:{}:{}:{}", incoming.chat_id, incoming.user_id, incoming.album);
}

/// The conversation in which that button is, where it is one of that chat.
std::string chat_of_button(store::Conversations& conversations, const std::string& section,
                           const std::string& button, const std::string& chat_id) {
  const auto found = conversations.find_button(button);
  if (!found) {
    return chat_id;
  }
  const auto conversation = conversations.get(conversations.message(found->message).conversation);
  const auto chat = [](const std::string& id) { return store::ChatAddress::parse(id).chat; };
  return conversation.section == section && chat(conversation.chat_id) == chat(chat_id) ? conversation.chat_id
                                                                                        : chat_id;
}

/// The message of that conversation, ours or a person's, that the service calls so.
std::optional<store::MessageId> message_called(store::Database& db, store::ConversationId conversation,
                                               const std::string& id) {
  if (const auto ours = store::Outbox(db).message_called(conversation, id)) {
    return ours->message;
  }
  const auto theirs = edited_message(db, conversation, id);
  return theirs ? std::optional(theirs->id) : std::nullopt;
}

/// One message on its way into the database, in a transaction of the caller's. Thread rule: one thread.
class Arrival {
 public:
  Arrival(runtime::Services& services, store::Database& db, const std::string& section,
          const chat::IncomingMessage& incoming)
      : services_(services), db_(db), section_(section), incoming_(incoming), now_(services.clock.now()) {}

  Intake::Taken run();

 private:
  using Taken = Intake::Taken;
  /// What came of the message where it is such a case, else nothing.
  using Case = std::optional<Taken> (Arrival::*)();

  std::optional<Taken> of_others();
  bool is_of_others();
  std::optional<Taken> repeat();
  std::optional<Taken> twin();
  std::optional<Taken> waiting_for_album();
  std::optional<Taken> more_of_album();
  std::optional<Taken> unheeded();
  std::optional<Taken> move();
  std::optional<Taken> edit();
  std::optional<Taken> said();

  Taken refuse(const store::Conversation& conversation, const store::Person& person, const char* sentence);
  void append_rest(store::MessageId to);
  /// Whatever comes again under one of its ids is this message.
  void note_ids(store::MessageId message);
  store::MessageId keep(const store::Conversation& conversation, const store::Person& person);
  void enqueue(const store::Conversation& conversation, const store::Person& person,
               store::MessageId message);

  runtime::Services& services_;
  store::Database& db_;
  const std::string& section_;
  chat::IncomingMessage incoming_;
  const base::Timestamp now_;
  const std::string album_ = album_of(incoming_);
  store::Conversations conversations_{db_};
};

Intake::Taken Arrival::run() {
  // The first that applies ends it; each counts on those before it not applying.
  constexpr Case kCases[] = {
      // Before its id is remembered: the thread may become the bot's, and the service may tell of it again.
      &Arrival::of_others,
      &Arrival::repeat,
      // Under its second id; from here on the message is a new one.
      &Arrival::twin,
      &Arrival::waiting_for_album,
      &Arrival::more_of_album,
      // What is not said but happened, before anybody is asked whether they may write.
      &Arrival::unheeded,
      &Arrival::move,
      &Arrival::edit,
      // Whatever is left.
      &Arrival::said,
  };
  for (const auto is_it : kCases) {
    if (const auto taken = (this->*is_it)()) {
      return *taken;
    }
  }
  return {.ignored = true};
}

std::optional<Intake::Taken> Arrival::of_others() {
  if (is_of_others() && !conversations_.knows_id(section_, incoming_.external_id)) {
    return Taken{.ignored = true};
  }
  return std::nullopt;
}

bool Arrival::is_of_others() {
  using Addressed = chat::IncomingMessage::Addressed;
  if (incoming_.addressed != Addressed::in_own_conversation && incoming_.addressed != Addressed::as_rest) {
    return false;
  }
  const auto conversation = conversations_.find(section_, incoming_.chat_id);
  if (!conversation || incoming_.addressed == Addressed::in_own_conversation) {
    return !conversation;
  }
  if (incoming_.kind == chat::IncomingMessage::Kind::edit) {
    return !edited_message(db_, conversation->id, incoming_.own_id());
  }
  const auto person = store::People(db_).find(section_, incoming_.user_id);
  return !person || !cut_message(db_, incoming_, *conversation, *person, now_);
}

std::optional<Intake::Taken> Arrival::repeat() {
  if (conversations_.first_time(section_, incoming_.external_id, now_)) {
    return std::nullopt;
  }
  return Taken{.repeated = true, .message = conversations_.stored_as(section_, incoming_.external_id)};
}

std::optional<Intake::Taken> Arrival::twin() {
  // An edit has none of its own: its twin is the message.
  if (incoming_.twin_id.empty() || incoming_.kind == chat::IncomingMessage::Kind::edit ||
      conversations_.first_time(section_, incoming_.twin_id, now_)) {
    return std::nullopt;
  }
  const auto message = conversations_.stored_as(section_, incoming_.twin_id);
  // Of the two reports only one may name the files.
  if (message.value != 0 && store::Attachments(db_).of(message).empty()) {
    add_attachments(db_, message, incoming_.attachments);
  }
  if (message.value != 0 && store::Quotations(db_).of(message).empty()) {
    keep_quotations(db_, message, incoming_.quotations);
  }
  return Taken{.repeated = true, .message = message};
}

std::optional<Intake::Taken> Arrival::waiting_for_album() {
  if (incoming_.addressed != chat::IncomingMessage::Addressed::in_album ||
      conversations_.stored_as(section_, album_).value != 0) {
    return std::nullopt;
  }
  for (const auto& file : incoming_.attachments) {
    store::Attachments(db_).hold(section_, album_, row_of(file), now_, now_ - kAlbumLife);
  }
  return Taken{.ignored = true};
}

/// Further files of a message that is stored already.
std::optional<Intake::Taken> Arrival::more_of_album() {
  if (album_.empty() || conversations_.first_time(section_, album_, now_)) {
    return std::nullopt;
  }
  const auto message = conversations_.stored_as(section_, album_);
  if (message.value == 0) {
    return Taken{.ignored = true};  // the message that they belong to was refused
  }
  auto files = incoming_.attachments;
  // All messages of an album may be replies to the same file.
  for (const auto& known : store::Attachments(db_).of(message)) {
    std::erase_if(files, [&](const chat::Attachment& file) { return file.handle == known.handle; });
  }
  add_attachments(db_, message, files);
  if (!incoming_.text.empty() && conversations_.message(message).text.empty()) {
    conversations_.replace_text(message, incoming_.text, now_);
  }
  if (!incoming_.quotations.empty() && store::Quotations(db_).of(message).empty()) {
    keep_quotations(db_, message, incoming_.quotations);
  }
  return Taken{.message = message};
}

std::optional<Intake::Taken> Arrival::unheeded() {
  if (incoming_.kind == chat::IncomingMessage::Kind::deleted) {
    return Taken{.ignored = true};
  }
  if (incoming_.kind == chat::IncomingMessage::Kind::reaction) {
    take_reaction(services_, db_, section_, incoming_, now_);
    return Taken{.ignored = true};
  }
  return std::nullopt;
}

std::optional<Intake::Taken> Arrival::move() {
  if (incoming_.kind != chat::IncomingMessage::Kind::moved) {
    return std::nullopt;
  }
  conversations_.move_chat(section_, incoming_.chat_id, incoming_.text);
  store::People(db_).move_place(section_, incoming_.chat_id, incoming_.text);
  return Taken{.ignored = true};
}

/// What was edited before it is answered is answered as it is now; afterwards its new words are kept.
std::optional<Intake::Taken> Arrival::edit() {
  if (incoming_.kind != chat::IncomingMessage::Kind::edit) {
    return std::nullopt;
  }
  const auto conversation = conversations_.find(section_, incoming_.chat_id);
  const auto message =
      conversation ? edited_message(db_, conversation->id, incoming_.own_id()) : std::nullopt;
  if (!message && incoming_.addressed == chat::IncomingMessage::Addressed::by_edit) {
    if (!incoming_.twin_id.empty() && !conversations_.first_time(section_, incoming_.twin_id, now_)) {
      return Taken{.ignored = true};
    }
    return std::nullopt;  // for the bot it is a new message
  }
  if (!message && incoming_.addressed == chat::IncomingMessage::Addressed::as_rest) {
    return Taken{.ignored = true};  // of what people say to each other
  }
  if (!message) {
    conversations_.hold_edit(
        {section_, incoming_.chat_id, incoming_.own_id(), incoming_.user_id, incoming_.text}, now_,
        now_ - kEditWaits);
    return Taken{.ignored = true};
  }
  if (store::People(db_).standing(message->person.value()).blocked) {
    return Taken{.refused = true};
  }
  if (store::People(db_).get(message->person.value()).user_id != incoming_.user_id) {
    return Taken{.ignored = true};
  }
  // While its turn is open nothing of an answer has been said; the turn begins anew with the new words. Later
  // they take the place of the old ones, which somebody may not want to be kept, and nothing else comes of
  // it.
  store::JobQueue queue(db_);
  const bool is_answered = !queue.is_open(runtime::kTurnJob, message->id.value) &&
                           !queue.is_open(runtime::kQuickTurnJob, message->id.value);
  const auto text = edited_text(db_, *message, incoming_.own_id(), incoming_.text);
  if (!is_answered || text != message->text) {  // services also tell of a preview that they put below a link
    conversations_.replace_text(message->id, text, now_);
    store::Retention(db_).forget_judged_words(message->id);
  }
  if (!incoming_.quotations.empty()) {
    keep_quotations(db_, message->id, incoming_.quotations);
  }
  return is_answered ? Taken{.ignored = true} : Taken{.message = message->id};
}

std::optional<Intake::Taken> Arrival::said() {
  if (incoming_.button) {
    // Not every service says in which thread a button was pressed.
    incoming_.chat_id = chat_of_button(conversations_, section_, *incoming_.button, incoming_.chat_id);
  }
  const auto person = store::People(db_).remember(section_, incoming_.user_id, incoming_.user_name, now_);
  auto conversation = conversations_.open(section_, incoming_.chat_id, now_, incoming_.room);
  if (incoming_.place == chat::IncomingMessage::Place::group && !conversation.in_group) {
    conversations_.mark_as_group(conversation.id);
    conversation.in_group = true;
  }
  if (incoming_.kind == chat::IncomingMessage::Kind::nameless) {
    return refuse(conversation, person, texts::kWhoWrites);
  }
  const auto admission = admit(services_, db_, conversation, person, incoming_, now_);
  if (admission != Admission::granted) {
    return Taken{.refused = true, .told = admission == Admission::refused_and_told};
  }
  if (incoming_.kind == chat::IncomingMessage::Kind::unreadable) {
    store::Outbox(db_).post(conversation, {texts::kUnreadable, {}, incoming_.own_id()}, now_);
    return Taken{};
  }
  if (const auto first = cut_message(db_, incoming_, conversation, person, now_)) {
    append_rest(*first);
    return Taken{.message = *first};
  }
  if (has_enough_waiting(services_, db_, section_, person.id, incoming_)) {
    turn_away(services_, db_, section_, conversation, incoming_, now_);
    return Taken{.refused = true, .told = true};
  }
  const auto message = keep(conversation, person);
  enqueue(conversation, person, message);
  return Taken{.message = message};
}

Intake::Taken Arrival::refuse(const store::Conversation& conversation, const store::Person& person,
                              const char* sentence) {
  const bool tell =
      store::People(db_).note_refusal(person.id, store::place_of(conversation), now_, now_ - kTellAgain);
  if (tell) {
    store::Outbox(db_).post(conversation, {sentence, {}, incoming_.own_id()}, now_);
  }
  return {.refused = true, .told = tell};
}

void Arrival::note_ids(store::MessageId message) {
  for (const std::string& id : {incoming_.external_id, incoming_.twin_id, album_}) {
    if (!id.empty()) {
      conversations_.on_stored(section_, id, message);
    }
  }
}

void Arrival::append_rest(store::MessageId to) {
  if (auto newer =
          conversations_.take_held_edit(section_, incoming_.chat_id, incoming_.own_id(), incoming_.user_id)) {
    incoming_.text = *std::move(newer);
  }
  add_part(db_, conversations_.message(to), incoming_.own_id(), incoming_.text, now_);
  add_attachments(db_, to, incoming_.attachments);
  note_ids(to);
  store::JobQueue(db_).put_off(runtime::kTurnJob, to.value, now_, now_ + incoming_.rest_within);
}

store::MessageId Arrival::keep(const store::Conversation& conversation, const store::Person& person) {
  if (auto newer =
          conversations_.take_held_edit(section_, incoming_.chat_id, incoming_.own_id(), incoming_.user_id)) {
    incoming_.text = *std::move(newer);
  }
  const auto message = conversations_.add_incoming(conversation.id, person.id, incoming_.own_id(),
                                                   incoming_.text, incoming_.button, now_);
  if (!incoming_.quotations.empty()) {
    keep_quotations(db_, message, incoming_.quotations);
  }
  if (!incoming_.reply_to.empty()) {
    conversations_.keep_reply(message, message_called(db_, conversation.id, incoming_.reply_to));
  }
  auto files =
      album_.empty() ? std::vector<store::Attachment>() : store::Attachments(db_).take_held(section_, album_);
  std::transform(incoming_.attachments.begin(), incoming_.attachments.end(), std::back_inserter(files),
                 row_of);
  add_attachments(db_, message, std::move(files));
  note_ids(message);
  if (!incoming_.ticket.empty() && incoming_.ticket_life.count() > 0) {
    conversations_.drop_tickets(now_ - kTicketsKept);
    conversations_.keep_ticket(message, incoming_.ticket, now_ + incoming_.ticket_life);
  }
  return message;
}

void Arrival::enqueue(const store::Conversation& conversation, const store::Person& person,
                      store::MessageId message) {
  const bool quick =
      is_quick_turn(conversations_, incoming_) || answers_request(db_, conversation.id, person.id, incoming_);
  const bool waits = !quick && incoming_.rest_within.count() > 0;
  const auto from = waits ? now_ + incoming_.rest_within : base::Timestamp();
  store::JobQueue(db_).enqueue(quick ? runtime::kQuickTurnJob : runtime::kTurnJob, conversation.id.value,
                               message.value, now_, {.not_before = from, .owner = person.id.value});
}

}  // namespace

Intake::Taken Intake::arrive(store::Database& db, const std::string& section,
                             const chat::IncomingMessage& incoming) {
  backlog_.make_room(db);
  const auto taken = Arrival(services_, db, section, incoming).run();
  if (incoming.cursor) {
    store::Cursors(db).save(section, *incoming.cursor);
  }
  base::crash_point(base::CrashPoint::message_storing, taken.message.value);
  return taken;
}

}  // namespace bot::messages
