#pragma once

#include <string>

#include "base/clock.h"
#include "store/conversations.h"
#include "store/database.h"
#include "store/dispatch_log.h"
#include "store/outbox.h"
#include "store/people.h"
#include "store/projects.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temporary_folder.h"

namespace support {

/// A real database in a folder of its own, with one chat and one person in it.
class StoreFixture {
 public:
  StoreFixture()
      : db(folder.path() / "frontdesk.db"),
        conversation(store::Conversations(db).open("web", "c-1", clock.now())),
        person(store::People(db).remember("web", "u-1", "Ada", clock.now())) {}

  store::MessageId say(const std::string& text) { return say(text, conversation, person); }
  store::MessageId say(const std::string& text, const store::Conversation& where, const store::Person& who) {
    return store::Conversations(db).add_incoming(where.id, who.id, "m-" + std::to_string(++messages_), text,
                                                 std::nullopt, clock.now());
  }

  /// A message and the decision about it.
  store::DecisionId decide(store::DecisionAction action = store::DecisionAction::dispatch) {
    return store::DispatchLog(db).add_decision(decision(say("please"), conversation, person, action),
                                               clock.now());
  }
  static store::DecisionRecord decision(store::MessageId message, const store::Conversation& where,
                                        const store::Person& who, store::DecisionAction action) {
    store::DecisionRecord d;
    d.message = message;
    d.conversation = where.id;
    d.person = who.id;
    d.action = action;
    d.p = 0.6;
    d.ask_at = 0.35;
    d.dispatch_at = 0.75;
    d.layer = "global";
    d.cause = "policy";
    d.reason = "because";
    return d;
  }

  store::Project project(const std::string& slug, const std::string& description = "") {
    return store::Projects(db).create(slug, conversation.id, description, clock.now());
  }

  /// A queued dispatch for that project, under a decision of its own.
  store::DispatchId dispatch(const store::Project& project,
                             store::DispatchAction action = store::DispatchAction::run) {
    store::DispatchRecord d;
    d.decision = decide();
    d.conversation = conversation.id;
    d.person = person.id;
    d.project = project.id;
    d.action = action;
    d.prompt = "do it";
    d.specialist = "claude-code";
    return store::DispatchLog(db).add_dispatch(d, clock.now());
  }

  /// The first call for a new message of ours in that chat of [chat.svc], as the outbox hands it to the
  /// platform.
  store::OutgoingCall outgoing(const std::string& text, const std::string& chat_id) {
    const auto where = store::Conversations(db).open("svc", chat_id, clock.now());
    store::OutgoingCall made;
    made.message = store::Outbox(db).post(where, {text}, clock.now());
    made.key = made.target_key = "msg_" + std::to_string(made.message.value);
    made.chat_id = chat_id;
    made.conversation = where.id;
    made.post.text = text;
    made.created = clock.now();
    return made;
  }

  TemporaryFolder folder;
  FakeClock clock;
  store::Database db;
  store::Conversation conversation;
  store::Person person;

 private:
  int messages_ = 0;
};

}  // namespace support
