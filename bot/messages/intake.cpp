#include "bot/messages/intake.h"

#include <algorithm>
#include <iterator>
#include <stdexcept>

#include <fmt/core.h>

#include "base/log.h"
#include "base/utf8.h"
#include "bot/access/permissions.h"
#include "bot/chat/commands.h"
#include "store/attachments.h"
#include "store/conversations.h"
#include "store/job_queue.h"
#include "store/people.h"

namespace bot::messages {
namespace {

constexpr std::chrono::hours kTellAgain{24};
constexpr std::chrono::hours kTellAgainInGroup{1};
constexpr std::chrono::minutes kPairingCodeLife{60};

/// After they have expired: a delivery that is tried again, for three days, has to know how it was tried
/// before.
constexpr std::chrono::hours kTicketsKept{4 * 24};

/// Within so long after its first message an album may turn out to be meant for the bot.
constexpr std::chrono::minutes kAlbumLife{10};
/// Services call in any order; an edit is not long before its message.
constexpr std::chrono::minutes kEditWaits{10};

constexpr std::size_t kMostAttachments = 20;
constexpr std::size_t kLongestName = 255;
constexpr std::size_t kLongestMediaType = 100;

/// What a sender calls something, fit to stand in a line of text.
std::string shown_name(const std::string& name, std::size_t max_bytes) {
  return std::string(base::truncate_utf8(base::one_line(name), max_bytes));
}

store::Attachment row_of(const chat::Attachment& attachment) {
  store::Attachment row;
  row.handle = attachment.handle;
  row.name = shown_name(attachment.name, kLongestName);
  row.media_type = shown_name(attachment.media_type, kLongestMediaType);
  row.size = attachment.size;
  return row;
}

/// What each message of an album that one person sent at once has in common; empty where there is no album.
std::string album_of(const chat::IncomingMessage& incoming) {
  return incoming.album.empty()
             ? std::string()
             : fmt::format("album:{}:{}:{}", incoming.chat_id, incoming.user_id, incoming.album);
}

void add_attachments(store::Database& db, store::MessageId message, std::vector<store::Attachment> list) {
  if (list.size() > kMostAttachments) {
    base::log_warning("message {}: it has {} attachments; the first {} are taken", message.value, list.size(),
                      kMostAttachments);
    list.resize(kMostAttachments);
  }
  store::Attachments attachments(db);
  for (auto& row : list) {
    row.message = message;
    attachments.add(row);
  }
}

void add_attachments(store::Database& db, store::MessageId message,
                     const std::vector<chat::Attachment>& list) {
  std::vector<store::Attachment> rows;
  std::transform(list.begin(), list.end(), std::back_inserter(rows), row_of);
  add_attachments(db, message, std::move(rows));
}

std::string pairing_text(const runtime::Access& access, const std::string& code) {
  return fmt::format(
      "I do not know you yet. Ask the operator to run `frontdesk pair {}`{}; the code is good for one hour.",
      code, access.admins.empty() ? "" : fmt::format(", or an admin to send me `/pair {}`", code));
}

/// The conversation in which that button is, where it is one of that chat.
std::string chat_of_button(store::Conversations& conversations, const std::string& section,
                           const std::string& button, const std::string& chat_id) {
  const auto found = conversations.find_button(button);
  if (!found) {
    return chat_id;
  }
  const auto conversation = conversations.get(conversations.message(found->message).conversation);
  const auto chat = [](const std::string& id) { return id.substr(0, id.find('/')); };
  return conversation.section == section && chat(conversation.chat_id) == chat(chat_id) ? conversation.chat_id
                                                                                        : chat_id;
}

}  // namespace

Intake::Admission Intake::admit(store::Database& db, const store::Conversation& conversation,
                                const store::Person& person, const chat::IncomingMessage& incoming) {
  const auto policy = services_.policy();
  const auto it = policy->access.find(conversation.section);
  if (it == policy->access.end()) {
    throw std::runtime_error("there are no rules of access for the chat section " + conversation.section);
  }
  const auto& access = it->second;
  store::People people(db);
  // Who was admitted to direct messages was not admitted to a group with them, nor the other way round.
  const auto place = store::place_of(conversation);
  const bool pairing = access.mode == runtime::Access::Mode::pairing;
  if (access.mode == runtime::Access::Mode::open || access::is_listed(access, person.user_id, place) ||
      (pairing && people.is_admitted(person.id, place))) {
    return Admission::granted;
  }
  // What people say to each other in a group is none of the bot's business, also where it reads along.
  if (conversation.in_group && incoming.addressed != chat::IncomingMessage::Addressed::always) {
    return Admission::refused;
  }
  const auto now = services_.clock.now();
  const std::chrono::milliseconds patience = pairing                 ? kPairingCodeLife
                                             : conversation.in_group ? kTellAgainInGroup
                                                                     : kTellAgain;
  if (people.note_refusal(person.id, place, now, now - patience)) {
    const auto text =
        pairing
            ? pairing_text(access, people.new_pairing_code(person.id, place, now + kPairingCodeLife))
            : fmt::format(
                  "You are not on the list of people who may write to me here. The operator can add `{}`.",
                  person.user_id);
    store::Outbox(db).post(conversation, {text, {}, incoming.own_id()}, now);
    return Admission::refused_and_told;
  }
  return Admission::refused;
}

Intake::Taken Intake::take_edit(store::Database& db, const std::string& section,
                                const chat::IncomingMessage& incoming) {
  store::Conversations conversations(db);
  const auto conversation = conversations.find(section, incoming.chat_id);
  const auto message =
      conversation ? conversations.find_incoming(conversation->id, incoming.own_id()) : std::nullopt;
  if (!message) {
    const auto now = services_.clock.now();
    conversations.hold_edit({section, incoming.chat_id, incoming.own_id(), incoming.user_id, incoming.text},
                            now, now - kEditWaits);
    return {.ignored = true};
  }
  store::JobQueue queue(db);
  // While its turn is open nothing of an answer has been said; the turn begins anew with the new words.
  if (store::People(db).get(message->person.value()).user_id != incoming.user_id ||
      !(queue.is_open(runtime::kTurnJob, message->id.value) ||
        queue.is_open(runtime::kQuickTurnJob, message->id.value))) {
    return {.ignored = true};
  }
  conversations.replace_text(message->id, incoming.text, services_.clock.now());
  return {.message = message->id};
}

Intake::Taken Intake::take_more_files(store::Database& db, store::MessageId message,
                                      const chat::IncomingMessage& incoming) {
  store::Conversations conversations(db);
  if (message.value == 0) {
    return {.ignored = true};  // the message that they belong to was refused
  }
  auto files = incoming.attachments;
  // All messages of an album may be replies to the same file.
  for (const auto& known : store::Attachments(db).of(message)) {
    std::erase_if(files, [&](const chat::Attachment& file) { return file.handle == known.handle; });
  }
  add_attachments(db, message, files);
  if (!incoming.text.empty() && conversations.message(message).text.empty()) {
    conversations.replace_text(message, incoming.text, services_.clock.now());
  }
  return {.message = message};
}

Intake::Taken Intake::take(const std::string& section, const chat::IncomingMessage& told) {
  const auto taken = db_.with([&](store::Database& db) -> Taken {
    const auto now = services_.clock.now();
    auto incoming = told;
    store::Transaction transaction(db, services_.notifier);
    store::Conversations conversations(db);
    if (!conversations.first_time(section, incoming.external_id, now)) {
      return {.repeated = true, .message = conversations.stored_as(section, incoming.external_id)};
    }
    if (incoming.addressed == chat::IncomingMessage::Addressed::in_own_conversation &&
        !conversations.find(section, incoming.chat_id)) {
      return {.ignored = true};
    }
    if (!incoming.twin_id.empty() && !conversations.first_time(section, incoming.twin_id, now)) {
      const auto message = conversations.stored_as(section, incoming.twin_id);
      // Of the two reports only one may name the files.
      if (message.value != 0 && store::Attachments(db).of(message).empty()) {
        add_attachments(db, message, incoming.attachments);
      }
      transaction.commit();
      return {.repeated = true, .message = message};
    }
    const auto album = album_of(incoming);
    if (incoming.addressed == chat::IncomingMessage::Addressed::in_album &&
        conversations.stored_as(section, album).value == 0) {
      for (const auto& file : incoming.attachments) {
        store::Attachments(db).hold(section, album, row_of(file), now, now - kAlbumLife);
      }
      transaction.commit();
      return {.ignored = true};
    }
    if (!album.empty() && !conversations.first_time(section, album, now)) {
      const auto result = take_more_files(db, conversations.stored_as(section, album), incoming);
      transaction.commit();
      return result;
    }
    if (incoming.button) {
      // Not every service says in which thread a button was pressed.
      incoming.chat_id = chat_of_button(conversations, section, *incoming.button, incoming.chat_id);
    }
    if (incoming.kind == chat::IncomingMessage::Kind::moved) {
      conversations.move_chat(section, incoming.chat_id, incoming.text);
      store::People(db).move_place(section, incoming.chat_id, incoming.text);
      transaction.commit();
      return {.ignored = true};
    }
    if (incoming.kind == chat::IncomingMessage::Kind::edit) {
      const auto changed = take_edit(db, section, incoming);
      transaction.commit();
      return changed;
    }
    const auto person = store::People(db).remember(section, incoming.user_id, incoming.user_name, now);
    auto conversation = conversations.open(section, incoming.chat_id, now, incoming.room);
    if (incoming.place == chat::IncomingMessage::Place::group && !conversation.in_group) {
      conversations.mark_as_group(conversation.id);
      conversation.in_group = true;
    }
    Taken result;
    if (const auto admission = admit(db, conversation, person, incoming); admission == Admission::granted) {
      if (auto newer =
              conversations.take_held_edit(section, incoming.chat_id, incoming.own_id(), incoming.user_id)) {
        incoming.text = *std::move(newer);
      }
      result.message = conversations.add_incoming(conversation.id, person.id, incoming.own_id(),
                                                  incoming.text, incoming.button, now);
      auto files =
          album.empty() ? std::vector<store::Attachment>() : store::Attachments(db).take_held(section, album);
      std::transform(incoming.attachments.begin(), incoming.attachments.end(), std::back_inserter(files),
                     row_of);
      add_attachments(db, result.message, std::move(files));
      for (const auto& id : {incoming.external_id, incoming.twin_id, album}) {
        conversations.on_stored(section, id, result.message);
      }
      if (!incoming.ticket.empty() && incoming.ticket_life.count() > 0) {
        conversations.drop_tickets(now - kTicketsKept);
        conversations.keep_ticket(result.message, incoming.ticket, now + incoming.ticket_life);
      }
      const auto command = chat::parse_command(incoming.text);
      bool quick = command && is_quick(*command);
      if (incoming.button) {
        // After a "no" the secretary answers itself, which takes a model.
        const auto button = conversations.find_button(*incoming.button);
        quick = !button || button->button.kind != store::ButtonKind::no;
      }
      store::JobQueue(db).enqueue(quick ? runtime::kQuickTurnJob : runtime::kTurnJob, conversation.id.value,
                                  result.message.value, now);
    } else {
      result.refused = true;
      result.told = admission == Admission::refused_and_told;
    }
    transaction.commit();
    return result;
  });
  if (!taken.repeated && !taken.ignored) {
    services_.metrics.message_received(section);
  }
  return taken;
}

}  // namespace bot::messages
