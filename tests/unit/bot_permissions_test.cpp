// Who may answer, stop and admit: turns of several people in one group, without a model.
#include <SQLiteCpp/SQLiteCpp.h>
#include <doctest/doctest.h>

#include "bot/access/permissions.h"
#include "bot/runs/approval_desk.h"
#include "bot/turns/console_thresholds.h"
#include "bot/turns/turn.h"
#include "store/job_queue.h"
#include "tests/support/services_fixture.h"
#include "tests/support/text.h"

namespace {

using bot::access::Role;
using bot::runtime::Access;
using dispatch::Reply;
using dispatch::Request;
using store::ButtonKind;
using support::contains;

/// A group of section "tg" with Ann, an approver, Bert, an admin, and the users Uma and Udo.
struct Fixture : support::ServicesFixture {
  store::Conversations conversations{db};
  store::People people{db};
  store::Approvals approvals{db};
  store::JobQueue queue{db};
  store::Conversation group = open("-100/7");
  store::Conversation chat = conversations.open("tg", "c-ann", clock.now());
  store::Person ann = people.remember("tg", "u-ann", "Ann", clock.now());
  store::Person bert = people.remember("tg", "u-bert", "Bert", clock.now());
  store::Person uma = people.remember("tg", "u-uma", "Uma", clock.now());
  store::Person udo = people.remember("tg", "u-udo", "Udo", clock.now());
  bot::runs::ApprovalDesk desk{services, db};
  int next = 0;

  Fixture() {
    Access access{Access::Mode::allowlist, {"u-uma", "u-udo"}};
    permit("tg2", access);
    permit("tg3", access);
    access.approvers = {"u-ann"};
    access.admins = {"u-bert"};
    permit("tg", access);
  }

  store::Conversation open(const std::string& id) {
    const auto c = store::Conversations(db).open("tg", id, clock.now());
    store::Conversations(db).mark_as_group(c.id);
    return store::Conversations(db).get(c.id);
  }
  /// Without approvers and admins.
  void without_roles() { permit("tg", {Access::Mode::allowlist, {"u-ann", "u-bert", "u-uma", "u-udo"}}); }

  std::string turn(const store::Conversation& where, const store::Person& who, const std::string& text,
                   const std::optional<std::string>& button) {
    const auto id = conversations.add_incoming(where.id, who.id, "in-" + std::to_string(++next), text, button,
                                               clock.now());
    return run(where, id);
  }
  /// Runs the turn of a stored message and returns what was answered.
  std::string run(const store::Conversation& where, store::MessageId message) {
    queue.enqueue(bot::runtime::kQuickTurnJob, where.id.value, message.value, clock.now());
    const auto job = queue.claim(bot::runtime::kQuickTurnJob, clock.now());
    REQUIRE(job);
    bot::turns::Turn(services, db, *job).run({});
    const auto last = conversations.history(where.id, std::nullopt, 1).back();
    return last.author == store::Author::assistant && message < last.id ? last.text : "";
  }
  std::string say(const store::Person& who, const std::string& text) { return turn(group, who, text, {}); }
  store::MessageId say_in_group(const store::Person& who, const std::string& text) {
    return conversations.add_incoming(group.id, who.id, "in-" + std::to_string(++next), text, {},
                                      clock.now());
  }
  std::string click(const store::Person& who, const std::string& button) {
    return turn(group, who, "", button);
  }

  /// Work that `who` ordered in the group, and that runs.
  store::DispatchId order(const store::Person& who, const std::string& slug) {
    const auto p = store::Projects(db).create(slug, group.id, "", clock.now());
    store::DispatchLog log(db);
    store::DispatchRecord d;
    d.decision = decide();
    d.conversation = group.id;
    d.person = who.id;
    d.project = p.id;
    d.action = store::DispatchAction::run;
    d.prompt = "do it";
    d.specialist = "fake";
    d.id = log.add_dispatch(d, clock.now());
    log.set_note(d.id, store::Outbox(db).post(group, {"On it", {}, {}, d.id}, clock.now()));
    return d.id;
  }
  store::Approval ask(store::DispatchId dispatch, Request::Kind kind = Request::Kind::permission) {
    Request request;
    request.kind = kind;
    request.id = "r-" + std::to_string(++next);
    request.hash = "hash-of-" + request.id;
    request.tool = "Bash";
    request.detail = "run this";
    request.scope = "every command that begins with `ls`";
    if (kind == Request::Kind::question) {
      request.questions = {{"Which?", {"this", "that"}, false}};
    }
    desk.ask(dispatch, group, "site", "m-1", request);
    return *approvals.find(dispatch, request.id);
  }
  std::string button(const store::Approval& approval, ButtonKind kind) {
    for (const auto& b : conversations.buttons(approval.message)) {
      if (b.kind == kind) {
        return b.id;
      }
    }
    return "";
  }
  std::string state(const store::Approval& approval) { return to_string(approvals.get(approval.id).state); }
  std::string shown(const store::Approval& approval) { return conversations.message(approval.message).text; }
  /// What the specialist was told of that request, which must be named by its hash.
  static Reply told(const bot::runtime::RunRegistry::Run& run, const store::Approval& approval) {
    const auto mail = run.mailbox->take();
    REQUIRE(mail);
    auto reply = std::get<Reply>(*mail);
    CHECK(reply.request == approval.request_id);
    CHECK(reply.hash == approval.hash);
    return reply;
  }
};

TEST_CASE("a role is what the lists of the section say") {
  Access access;
  access.approvers = {"a", "both"};
  access.admins = {"b", "both"};
  CHECK(bot::access::role_of(access, "a") == Role::approver);
  CHECK(bot::access::role_of(access, "b") == Role::admin);
  CHECK(bot::access::role_of(access, "both") == Role::admin);
  CHECK(bot::access::role_of(access, "c") == Role::user);
  CHECK(bot::access::role_of(access, "") == Role::user);
}

TEST_CASE_FIXTURE(Fixture, "the same id in another section has no role") {
  const bot::access::Permissions permissions(services, db, "tg");
  CHECK(permissions.role(ann) == Role::approver);
  CHECK(permissions.role(people.remember("tg2", "u-ann", "Ann", clock.now())) == Role::user);
  CHECK(bot::access::Permissions(services, db, "gone").role(ann) == Role::user);
}

TEST_CASE_FIXTURE(Fixture,
                  "where there are approvers a user cannot give leave to their own work, by no path") {
  const auto dispatch = order(uma, "site");
  const auto run = runs.enter(dispatch);
  const auto request = ask(dispatch);
  CHECK(contains(shown(request), "it is denied. Only Ann or Bert can allow it."));
  for (const auto kind : {ButtonKind::allow, ButtonKind::allow_for_task}) {
    CHECK(click(uma, button(request, kind)) == "You can deny this, but only Ann or Bert can allow it.");
  }
  CHECK(contains(say(uma, "yes"), "only Ann or Bert can allow it."));
  CHECK(state(request) == "open");
  CHECK_FALSE(run.mailbox->take());
  SUBCASE("but they can deny it by the button") {
    click(uma, button(request, ButtonKind::deny));
  }
  SUBCASE("but they can deny it in words") {
    CHECK(say(uma, "no") == "Passed on to the specialist.");
  }
  CHECK(state(request) == "denied");
  CHECK(told(run, request).verdict == Reply::Verdict::deny);
  CHECK_FALSE(contains(shown(request), "can allow it"));
}

TEST_CASE_FIXTURE(Fixture, "an approver and an admin give leave to anybody's work, and are noted for it") {
  for (const auto& who : {ann, bert}) {
    for (const char* way : {"once", "for the task", "in words"}) {
      CAPTURE(who.name + " " + way);
      const auto dispatch = order(uma, std::string("site-") + who.user_id + std::to_string(++next));
      const auto run = runs.enter(dispatch);
      const auto request = ask(dispatch);
      auto verdict = Reply::Verdict::allow;
      if (way == std::string("in words")) {
        CHECK(say(who, "yes") == "Passed on to the specialist.");
      } else if (way == std::string("once")) {
        click(who, button(request, ButtonKind::allow));
      } else {
        click(who, button(request, ButtonKind::allow_for_task));
        verdict = Reply::Verdict::allow_for_task;
      }
      const auto reply = told(run, request);
      CHECK(reply.verdict == verdict);
      CHECK(approvals.get(request.id).by == who.id);
      CHECK(contains(shown(request), "by " + who.name + ".**"));
    }
  }
}

TEST_CASE_FIXTURE(Fixture, "another user can neither allow nor deny, with and without approvers") {
  const auto dispatch = order(uma, "site");
  const auto run = runs.enter(dispatch);
  const auto request = ask(dispatch);
  std::string who_can = "Only Uma, Ann or Bert can answer this.";
  SUBCASE("with approvers") {}
  SUBCASE("without") {
    without_roles();
    who_can = "Only Uma can answer this.";
  }
  for (const auto kind : {ButtonKind::allow, ButtonKind::allow_for_task, ButtonKind::deny}) {
    CHECK(click(udo, button(request, kind)) == who_can);
  }
  for (const char* word : {"yes", "no"}) {
    model.will_say("Yes what?");
    CHECK(say(udo, word) == "Yes what?");
  }
  CHECK(state(request) == "open");
  CHECK_FALSE(run.mailbox->take());
}

TEST_CASE_FIXTURE(Fixture,
                  "without approvers and admins whoever ordered the work gives leave, and nobody else") {
  without_roles();
  const auto dispatch = order(uma, "site");
  const auto run = runs.enter(dispatch);
  const auto request = ask(dispatch);
  CHECK_FALSE(contains(shown(request), "can allow"));
  CHECK(click(ann, button(request, ButtonKind::allow)) == "Only Uma can answer this.");
  model.will_say("Yes what?");
  CHECK(say(ann, "yes") == "Yes what?");
  CHECK(say(uma, "yes") == "Passed on to the specialist.");
  CHECK(told(run, request).verdict == Reply::Verdict::allow);
}

TEST_CASE_FIXTURE(Fixture, "an approver gives leave to their own work, and nothing is said of others") {
  const auto dispatch = order(ann, "site");
  const auto run = runs.enter(dispatch);
  const auto request = ask(dispatch);
  CHECK_FALSE(contains(shown(request), "can allow"));
  click(ann, button(request, ButtonKind::allow));
  CHECK(told(run, request).verdict == Reply::Verdict::allow);
}

TEST_CASE_FIXTURE(Fixture, "who lost the role cannot allow what was asked before") {
  const auto request = ask(order(uma, "site"));
  Access access{Access::Mode::allowlist, {"u-ann", "u-uma"}};
  access.admins = {"u-bert"};
  permit("tg", access);
  CHECK(click(ann, button(request, ButtonKind::allow)) == "Only Uma or Bert can answer this.");
  CHECK(state(request) == "open");
}

TEST_CASE_FIXTURE(Fixture, "an approver of another section can allow nothing here") {
  Access access{Access::Mode::allowlist, {"u-uma"}};
  access.approvers = {"u-zoe"};
  permit("tg3", access);
  const auto zoe = people.remember("tg3", "u-zoe", "Zoe", clock.now());
  const auto request = ask(order(uma, "site"));
  const auto there = conversations.open("tg3", group.chat_id, clock.now());
  CHECK(turn(there, zoe, "", button(request, ButtonKind::allow)) == "I don't know this button.");
  // Also if a platform mixed up the chats.
  CHECK(click(zoe, button(request, ButtonKind::allow)) == "Only Uma, Ann or Bert can answer this.");
  CHECK(state(request) == "open");
}

TEST_CASE_FIXTURE(Fixture, "a button counts in its own chat only, also for an approver") {
  const auto request = ask(order(uma, "site"));
  CHECK(turn(chat, ann, "", button(request, ButtonKind::allow)) == "I don't know this button.");
  CHECK(turn(open("-100/8"), ann, "", button(request, ButtonKind::allow)) == "I don't know this button.");
  model.will_say("Yes what?");
  CHECK(turn(chat, ann, "yes", {}) == "Yes what?");
  CHECK(state(request) == "open");
}

TEST_CASE_FIXTURE(Fixture, "an old button allows nothing") {
  const auto dispatch = order(uma, "site");
  const auto run = runs.enter(dispatch);
  const auto request = ask(dispatch);
  const auto allow = button(request, ButtonKind::allow);
  click(uma, button(request, ButtonKind::deny));
  REQUIRE(told(run, request).verdict == Reply::Verdict::deny);
  CHECK(contains(click(ann, allow), "already been settled"));
  CHECK_FALSE(run.mailbox->take());
  // A later request of the same run does not give the old button its meaning back.
  const auto second = ask(dispatch);
  CHECK(contains(click(ann, allow), "already been settled"));
  CHECK(state(second) == "open");
  desk.close(dispatch, "No longer needed.");
  CHECK(contains(click(ann, button(second, ButtonKind::allow)), "don't know this button"));
  CHECK(state(second) == "expired");
}

TEST_CASE_FIXTURE(Fixture, "an approver's yes counts only where exactly one request is open") {
  const auto first = ask(order(uma, "site"));
  const auto second = ask(order(udo, "shop"));
  CHECK(contains(say(ann, "yes"), "Please use the buttons"));
  CHECK(state(first) == "open");
  CHECK(state(second) == "open");
  click(ann, button(second, ButtonKind::deny));
  CHECK(say(ann, "yes") == "Passed on to the specialist.");
  CHECK(state(first) == "allowed");
}

TEST_CASE_FIXTURE(Fixture, "beside a question to somebody else an approver's yes is not taken for leave") {
  const auto request = ask(order(uma, "site"));
  const auto question = ask(order(udo, "shop"), Request::Kind::question);
  CHECK(contains(say(ann, "yes"), "Please use the buttons"));
  CHECK(state(request) == "open");
  CHECK(state(question) == "open");
}

TEST_CASE_FIXTURE(Fixture, "an approver's yes of before the request was shown does not allow it") {
  const auto dispatch = order(uma, "site");
  const auto yes = conversations.add_incoming(group.id, ann.id, "early", "yes", {}, clock.now());
  const auto request = ask(dispatch);
  model.will_say("Yes what?");
  run(group, yes);
  CHECK(state(request) == "open");
  CHECK(model.requests.size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "an approver's yes to the secretary's own question is not taken for leave") {
  auto d = decision(say_in_group(ann, "build it"), group, ann, store::DecisionAction::ask);
  d.proposal =
      R"({"action":"run","slug":"tower","description":"","prompt":"x","confidence":"medium","reason":""})";
  d.id = store::DispatchLog(db).add_decision(d, clock.now());
  store::Outbox(db).post(group, {"Shall I?", {{ButtonKind::yes, d.id.value, "Yes"}}}, clock.now());
  const auto request = ask(order(uma, "site"));
  say(ann, "yes");
  CHECK(state(request) == "open");
  CHECK(store::Projects(db).find("tower"));
}

TEST_CASE_FIXTURE(Fixture, "what an approver says besides yes and no is nobody else's answer") {
  const auto plan = ask(order(uma, "site"), Request::Kind::plan);
  model.will_say("I see.");
  CHECK(say(ann, "that looks nice") == "I see.");
  CHECK(state(plan) == "open");
  SUBCASE("unless they pressed Change") {
    CHECK(click(ann, button(plan, ButtonKind::change)) == "Write what should be different.");
    model.will_say("Who are you?");
    CHECK(say(udo, "make it red") == "Who are you?");
    CHECK(state(plan) == "open");
    CHECK(say(ann, "make it blue") == "Passed on to the specialist.");
    CHECK(state(plan) == "denied");
    CHECK(contains(shown(plan), "To be changed."));
  }
}

TEST_CASE_FIXTURE(Fixture,
                  "a plan may be changed and stopped by whoever ordered it, but goes on by an approver") {
  const auto dispatch = order(uma, "site");
  const auto run = runs.enter(dispatch);
  const auto plan = ask(dispatch, Request::Kind::plan);
  CHECK(contains(shown(plan), "Only Ann or Bert can say Go."));
  CHECK(contains(click(uma, button(plan, ButtonKind::allow)), "only Ann or Bert can allow it."));
  CHECK(contains(say(uma, "go ahead"), "only Ann or Bert can allow it."));
  CHECK(state(plan) == "open");
  SUBCASE("changed") {
    CHECK(say(uma, "make it blue") == "Passed on to the specialist.");
    CHECK(contains(told(run, plan).text, "make it blue"));
  }
  SUBCASE("stopped") {
    click(uma, button(plan, ButtonKind::deny));
    CHECK(state(plan) == "denied");
    CHECK(run.stop.stop_requested());
  }
  SUBCASE("gone on with") {
    click(ann, button(plan, ButtonKind::allow));
    CHECK(contains(shown(plan), "**Go, says Ann.**"));
    CHECK(told(run, plan).verdict == Reply::Verdict::allow);
  }
}

TEST_CASE_FIXTURE(Fixture, "a question is answered by whoever ordered the work, or by an approver's click") {
  const auto dispatch = order(uma, "site");
  const auto run = runs.enter(dispatch);
  const auto question = ask(dispatch, Request::Kind::question);
  CHECK(click(udo, button(question, ButtonKind::option)) == "Only Uma, Ann or Bert can answer this.");
  model.will_say("What is?");
  CHECK(say(ann, "this one") == "What is?");
  CHECK(state(question) == "open");
  SUBCASE("in words") {
    CHECK(say(uma, "something else") == "Passed on to the specialist.");
    CHECK(told(run, question).answers.at("Which?") == "something else");
  }
  SUBCASE("by a click") {
    click(ann, button(question, ButtonKind::option));
    CHECK(told(run, question).answers.at("Which?") == "this");
  }
}

TEST_CASE_FIXTURE(Fixture, "in a group work is stopped by whoever ordered it and by approvers alone") {
  const auto dispatch = order(uma, "site");
  const auto run = runs.enter(dispatch);
  const auto note = store::Outbox(db).post(
      group, {"On it", {{ButtonKind::cancel, dispatch.value, "Cancel"}}, {}, dispatch}, clock.now());
  const auto cancel = conversations.buttons(note).front().id;
  const auto refusal = "Only Uma, Ann or Bert can stop this.";
  CHECK(click(udo, cancel) == refusal);
  CHECK(say(udo, "/cancel") == std::string("*site* was not stopped. ") + refusal);
  CHECK(contains(say(udo, "/cancel site"), refusal));
  model.will_call("cancel_dispatch", R"({"slug":"site"})");
  model.will_say("I must not.");
  CHECK(say(udo, "stop the work on site") == "I must not.");
  CHECK_FALSE(run.stop.stop_requested());
  CHECK_FALSE(store::DispatchLog(db).cancel_requested(dispatch));
  SUBCASE("the orderer, by the button") {
    click(uma, cancel);
  }
  SUBCASE("the orderer, by the command") {
    CHECK(say(uma, "/cancel") == "Stopping *site*.");
  }
  SUBCASE("an approver, by the button") {
    click(ann, cancel);
  }
  SUBCASE("an admin, by the command") {
    CHECK(say(bert, "/cancel site") == "Stopping *site*.");
  }
  SUBCASE("an approver, through the secretary") {
    model.will_call("cancel_dispatch", R"({"slug":"site"})");
    model.will_say("Done.");
    CHECK(say(ann, "stop the work on site") == "Done.");
  }
  CHECK(store::DispatchLog(db).cancel_requested(dispatch));
}

TEST_CASE_FIXTURE(Fixture, "a cancellation that is refused beside a proposal is told above the question") {
  bot::turns::change_thresholds(db, {"global", 0.0, 1.0}, clock.now());
  policy.routing = bot::turns::with_console({}, db);
  permit("tg4", {});
  order(uma, "site");
  model.will_answer(
      {"",
       {{"a", "dispatch",
         R"({"action":"run","slug":"shop","prompt":"Build a shop","confidence":"low","reason":"files"})"},
        {"b", "cancel_dispatch", R"({"slug":"site"})"}},
       llm::Ending::complete,
       {}});
  model.will_say("I must not stop site.");
  const auto text = say(udo, "could we have a shop, and stop the work on site?");
  CHECK(text.starts_with("I must not stop site.\n\nThis looks like a task"));
}

TEST_CASE_FIXTURE(Fixture, "/cancel in a group stops one's own work and says what goes on") {
  order(uma, "hers");
  order(udo, "his");
  const auto answer = say(udo, "/cancel");
  CHECK(contains(answer, "Stopping *his*."));
  CHECK(contains(answer, "*hers* was not stopped. Only Uma, Ann or Bert can stop this."));
}

TEST_CASE_FIXTURE(Fixture, "in direct messages whoever may write may stop the work") {
  db.handle().exec("UPDATE conversations SET in_group = 0");
  group = conversations.get(group.id);
  order(uma, "site");
  CHECK(say(udo, "/cancel") == "Stopping *site*.");
}

TEST_CASE_FIXTURE(Fixture, "an admin admits a person by their code, in a direct message") {
  const auto stranger = people.remember("tg", "u-eve", "Eve", clock.now());
  const auto code = people.new_pairing_code(stranger.id, store::kDirect, clock.now() + std::chrono::hours(1));
  const auto pair = [&](const store::Conversation& where, const store::Person& who, const std::string& word) {
    return turn(where, who, "/pair " + word, {});
  };
  const auto admitted = [&] { return people.is_admitted(stranger.id, store::kDirect); };
  // Whether the code exists makes no difference to what the others are told.
  for (const auto& who : {uma, ann, stranger}) {
    CHECK(pair(chat, who, code) == "Only an admin can do this.");
    CHECK(pair(chat, who, "AAAA-AAAA") == "Only an admin can do this.");
    CHECK(pair(chat, who, "") == "Only an admin can do this.");
    CHECK(pair(group, who, code) == "Only an admin can do this.");
  }
  CHECK(pair(group, bert, code) == "Please send me this in a direct message.");
  CHECK(contains(pair(chat, bert, ""), "`/pair ABCD-EFGH`"));
  CHECK(contains(pair(chat, bert, "AAAA-AAAA"), "unknown or has expired"));
  CHECK_FALSE(admitted());
  SUBCASE("once") {
    CHECK(pair(chat, bert, code) == "tg:u-eve (Eve) is admitted.");
    CHECK(admitted());
    CHECK_FALSE(people.is_admitted(stranger.id, "-100"));
    CHECK(contains(pair(chat, bert, code), "unknown or has expired"));
  }
  SUBCASE("within its hour") {
    clock.advance(std::chrono::hours(1));
    CHECK(contains(pair(chat, bert, code), "unknown or has expired"));
    CHECK_FALSE(admitted());
  }
}

TEST_CASE_FIXTURE(Fixture, "in what the bot says names are text, whatever their owners put into them") {
  for (auto* who : {&ann, &uma}) {
    *who = people.remember("tg", who->user_id, "*A*\n`b`\u202E", clock.now());
  }
  const std::string name = "\\*A\\* \\`b\\`";
  const auto request = ask(order(uma, "site"));
  CHECK(contains(shown(request), "Only " + name + " or Bert can allow it."));
  CHECK(click(udo, button(request, ButtonKind::allow)) ==
        "Only " + name + ", " + name + " or Bert can answer this.");
  CHECK(click(ann, button(request, ButtonKind::allow)).empty());
  CHECK(contains(shown(request), "**Allowed once by " + name + ".**"));
  CHECK(contains(say(ann, "/whoami"), "`tg:u-ann` (" + name + ") in"));
  const auto code = people.new_pairing_code(uma.id, store::kDirect, clock.now() + std::chrono::hours(1));
  CHECK(turn(chat, bert, "/pair " + code, {}) == "tg:u-uma (" + name + ") is admitted.");
}

TEST_CASE_FIXTURE(Fixture, "an admin of one section admits nobody to another") {
  const auto stranger = people.remember("tg2", "u-eve", "Eve", clock.now());
  const auto code = people.new_pairing_code(stranger.id, store::kDirect, clock.now() + std::chrono::hours(1));
  CHECK(contains(turn(chat, bert, "/pair " + code, {}), "unknown or has expired"));
  CHECK_FALSE(people.is_admitted(stranger.id, store::kDirect));
  // The code is still good for who may use it.
  CHECK(people.admit(code, clock.now()));
}

TEST_CASE_FIXTURE(Fixture, "/whoami tells the role and the place") {
  CHECK(
      say(uma, "/whoami") ==
      "You are `tg:u-uma` (Uma) in the chat `tg:-100/7`, which is in the group `-100`. Your role here: user.");
  CHECK(contains(say(ann, "/whoami"), "Your role here: approver."));
  CHECK(contains(turn(chat, bert, "/whoami", {}), "a direct chat. Your role here: admin."));
}

}  // namespace
