#include <doctest/doctest.h>

#include "store/approvals.h"
#include "store/outbox.h"
#include "store/page_chats.h"
#include "tests/support/store_fixture.h"

namespace {

using Waits = store::PageChats::Waits;

struct Fixture : support::StoreFixture {
  store::PageChats chats{db};
  store::PageOwner local{"web", ""};
  store::PageOwner ada{"web", "ada/"};

  store::Conversation open(const std::string& chat) {
    return store::Conversations(db).open("web", chat, clock.now());
  }
  std::string listed(const store::PageOwner& owner) {
    std::string text;
    for (const auto& chat : chats.list(owner, 10)) {
      text += chat.chat_id + "=" + chat.title + ";";
    }
    return text;
  }
  std::string found(const store::PageOwner& owner, const std::string& query) {
    std::string text;
    for (const auto& hit : chats.search(owner, query, 10)) {
      text += hit.chat_id + "=" + hit.text + ";";
    }
    return text;
  }
};

TEST_CASE_FIXTURE(Fixture, "the list says which message is the last, unless it is the person's own") {
  say("hello");
  CHECK_FALSE(chats.list(local, 10).at(0).said_last);
  const auto answer = store::Outbox(db).post(conversation, {"Hello."}, clock.now());
  CHECK(chats.list(local, 10).at(0).said_last == answer);
  say("bye");
  CHECK_FALSE(chats.list(local, 10).at(0).said_last);
}

TEST_CASE_FIXTURE(Fixture, "a chat of the page is called by what was first asked in it, not by a command") {
  say("/projects");
  CHECK(listed(local) == "c-1=;");
  say("/dispatch build a page\nin two lines");
  say("and then this");
  CHECK(listed(local) == "c-1=build a page;");
  chats.rename(conversation.id, "My page");
  CHECK(listed(local) == "c-1=My page;");
  chats.rename(conversation.id, "");
  CHECK(listed(local) == "c-1=build a page;");
}

TEST_CASE_FIXTURE(Fixture, "nobody lists or searches the chats of another person") {
  say("milk for me");
  say("milk for Ada", open("ada/main"), person);
  say("milk of an imposter", open("adam/main"), person);
  CHECK(listed(local) == "c-1=milk for me;");
  CHECK(listed(ada) == "ada/main=milk for Ada;");
  CHECK(found(local, "milk") == "c-1=milk for me;");
  CHECK(found(ada, "MILK ada") == "ada/main=milk for Ada;");
  CHECK(found(ada, "  ").empty());
  CHECK(found(local, "100%").empty());
}

TEST_CASE_FIXTURE(Fixture, "what was said in a deleted chat is gone, and the chain holds") {
  const auto decision = decide(store::DecisionAction::ask);
  say("secret");
  CHECK(chats.remove(conversation.id, clock.now()));
  CHECK(listed(local).empty());
  CHECK(found(local, "secret").empty());
  CHECK(store::Conversations(db).history(conversation.id, std::nullopt, 9).empty());
  CHECK(store::DispatchLog(db).decision(decision).question == store::QuestionState::expired);
  CHECK(chats.waiting(local).empty());
  say("new words");
  CHECK(listed(local) == "c-1=new words;");
  CHECK(chats.deleted_through(conversation.id).value == 2);
}

TEST_CASE_FIXTURE(Fixture, "a chat in which a specialist works is not deleted") {
  say("keep me");
  dispatch(project("site"));
  CHECK_FALSE(chats.remove(conversation.id, clock.now()));
  CHECK(found(local, "keep") == "c-1=keep me;");
}

TEST_CASE_FIXTURE(Fixture, "a chat tells what waits in it, an approval before a question before a run") {
  CHECK_FALSE(chats.waits_in(conversation.id));
  const auto run = dispatch(project("site"));
  CHECK(chats.waits_in(conversation.id) == Waits::run);
  decide(store::DecisionAction::ask);
  CHECK(chats.waits_in(conversation.id) == Waits::question);
  store::Approval approval;
  approval.dispatch = run;
  approval.request_id = "r-1";
  store::Approvals(db).add(approval, clock.now());
  CHECK(chats.waits_in(conversation.id) == Waits::approval);
  REQUIRE(chats.waiting(local).size() == 1);
  CHECK(chats.waiting(local)[0].waits == Waits::approval);
  CHECK(chats.waiting(local)[0].chat_id == "c-1");
  CHECK(chats.waiting(ada).empty());
}

TEST_CASE_FIXTURE(Fixture, "the chats of one person share their projects, and no other person's") {
  const auto made = project("site");
  const auto second = open("c-2");
  CHECK_FALSE(store::is_of(made, second));
  open("ada/main");
  chats.share_room(local, "main");
  chats.share_room(ada, "ada/main");
  store::Conversations conversations(db);
  CHECK(store::is_of(store::Projects(db).get(made.id), conversations.get(second.id)));
  CHECK_FALSE(store::is_of(store::Projects(db).get(made.id), open("ada/other")));
}

}  // namespace
