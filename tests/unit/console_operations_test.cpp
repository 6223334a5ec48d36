// /api/v1 about the program's operation: what waits for a person, deliveries, people, the day's numbers.
#include <algorithm>
#include <chrono>
#include <mutex>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "bot/console/events.h"
#include "bot/messages/admission.h"
#include "bot/runs/approval_desk.h"
#include "bot/turns/turn.h"
#include "store/approvals.h"
#include "store/chain_check.h"
#include "store/erasure.h"
#include "store/quotations.h"
#include "store/section_troubles.h"
#include "store/tool_calls.h"
#include "tests/support/columns_with.h"
#include "tests/support/console_fixture.h"
#include "tests/support/files.h"
#include "tests/support/text.h"
#include "tests/support/wait.h"

namespace {

using nlohmann::json;
using support::contains;

struct Fixture : support::ConsoleFixture {
  store::Outbox outbox{db};
  store::People people{db};

  Fixture() { permit("web", {bot::runtime::Access::Mode::pairing}); }

  /// A call of a tool with those words that our person is asked about there.
  std::int64_t ask_about_call(store::MessageId message, const store::Conversation& where,
                              const std::string& words) {
    store::ToolCallRecord call;
    call.message = message;
    call.conversation = where.id;
    call.person = person.id;
    call.server = "mail";
    call.tool = "send";
    call.arguments = words;
    call.expires = clock.now() + std::chrono::hours(1);
    store::ToolCalls calls(db);
    const auto id = calls.add(call, clock.now());
    calls.set_shown(id, outbox.post(where, {"Shall I do this? " + words}, clock.now()));
    return id;
  }
  /// A message of ours of which nobody can tell whether it arrived.
  store::MessageId uncertain(const std::string& text) {
    const auto message = outbox.post(conversation, {text}, clock.now());
    const auto call = outbox.list(store::Outbox::Which::all, "", INT64_MAX, 1).at(0);
    const auto job = store::JobQueue(db).claim(store::Outbox::job_kind("web"), clock.now());
    outbox.mark_delivered(call.id, "", clock.now());
    store::JobQueue(db).complete(*job);
    store::MessageParts parts(db);
    parts.mark_attempted(message, 0, clock.now());
    parts.mark_uncertain(message, 0);
    return message;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "what nobody can tell of is settled as arrived, once") {
  const auto message = uncertain("Your figures");
  const auto waits = item("uncertain");
  CHECK(waits.at("detail") == "Your figures");
  CHECK(items("/deliveries?state=uncertain").at(0).at("id") == waits.at("id"));
  CHECK(get("/overview").at("inbox").at("uncertain") == 1);
  const auto path = "/deliveries/" + waits.at("id").get<std::string>() + "/arrived";
  CHECK(send("POST", path, json::object(), Role::editor).status == 403);
  CHECK(send("POST", path, json::object()).status == 204);
  CHECK(item("uncertain").is_null());
  CHECK(store::MessageParts(db).of(message).at(0).uncertain);  // still not sent by an edit
  CHECK(last_change() == "ada delivery.arrived delivery " + waits.at("id").get<std::string>());
  CHECK(send("POST", path, json::object()).status == 409);
  CHECK(send("POST", "/deliveries/msg_none/arrived", json::object()).status == 404);
}

TEST_CASE_FIXTURE(Fixture, "what nobody can tell of is sent again under the same key") {
  const auto message = uncertain("Your figures");
  const auto id = item("uncertain").at("id").get<std::string>();
  CHECK(settle("uncertain", id, "send_again") == 204);
  CHECK(store::MessageParts(db).of(message).empty());
  const auto job = store::JobQueue(db).claim(store::Outbox::job_kind("web"), clock.now());
  REQUIRE(job);
  const auto again = outbox.get({job->ref});
  CHECK(again.key == id);
  CHECK(again.post.text == "Your figures");
  CHECK(settle("uncertain", id, "send_again") == 409);
  CHECK(last_change() == "ada delivery.send_again delivery " + id);
}

TEST_CASE_FIXTURE(Fixture, "a delivery that was given up is put away, until it is given up once more") {
  outbox.post(conversation, {"The figures"}, clock.now());
  const auto call = outbox.list(store::Outbox::Which::all, "", INT64_MAX, 1).at(0);
  const auto path = "/deliveries/" + call.key + "/put_away";
  CHECK(send("POST", path, json::object()).status == 409);  // it still waits
  outbox.mark_dead(call.id, "the bot was removed from the group", clock.now());
  CHECK(items("/deliveries?state=dead").size() == 1);
  CHECK(send("POST", path, json::object(), Role::editor).status == 403);
  CHECK(send("POST", path, json::object()).status == 204);
  CHECK(last_change() == "ada delivery.put_away delivery " + call.key);
  CHECK(items("/deliveries?state=dead").empty());
  CHECK(items("/deliveries?state=all").at(0).at("state") == "dead");
  CHECK(outbox.dead_count() == 0);
  CHECK(send("POST", path, json::object()).status == 409);
  CHECK(send("POST", "/deliveries/msg_none/put_away", json::object()).status == 404);
  CHECK(send("POST", "/deliveries/" + call.key + "/send_again", json::object()).status == 204);
  outbox.mark_dead(call.id, "the bot was removed from the group", clock.now());
  CHECK(items("/deliveries?state=dead").size() == 1);
  CHECK(outbox.dead_count() == 1);
}

TEST_CASE_FIXTURE(Fixture, "a request to be paired is settled once, and admits") {
  const auto uma = people.remember("web", "u-2", "Uma", clock.now());
  people.new_pairing_code(uma.id, store::kDirect, clock.now() + std::chrono::hours(1));
  CHECK(items("/pairing").at(0).at("person") == "web:u-2");
  CHECK_FALSE(contains(send("GET", "/pairing").body, "code"));
  CHECK(send("POST", "/pairing/web:u-2", {{"admit", true}}, Role::editor).status == 403);
  CHECK(send("POST", "/pairing/web:u-2", {{"admit", true}}).status == 204);
  CHECK(people.is_admitted(uma.id, store::kDirect));
  CHECK(send("POST", "/pairing/web:u-2", {{"admit", true}}).status == 409);
  CHECK(send("POST", "/pairing/web:nobody", {{"admit", true}}).status == 404);
  CHECK(last_change() == "ada pairing.admit person web:u-2");
  const auto listed = items("/people?q=uma").at(0);
  CHECK(listed.at("admitted_from") == "pairing");
  CHECK(items("/people?q=nobody").empty());
}

TEST_CASE_FIXTURE(Fixture, "of two of one name who wait the id says which is admitted") {
  for (const char* id : {"stranger", "colleague"}) {
    const auto bo = people.remember("web", id, "Bo", clock.now());
    people.new_pairing_code(bo.id, store::kDirect, clock.now() + std::chrono::hours(1));
  }
  std::string colleagues;
  const auto waiting = items("/inbox");
  REQUIRE(waiting.size() == 2);
  for (const auto& one : waiting) {
    CHECK(one.at("kind") == "pairing");
    CHECK(one.at("name") == "Bo");
    if (one.at("person") == "web:colleague") {
      colleagues = one.at("id").get<std::string>();
    }
  }
  CHECK(settle("pairing", colleagues, "admit", "", Role::editor) == 403);
  CHECK(settle("pairing", colleagues, "admit") == 204);
  CHECK(last_change() == "ada pairing.admit person web:colleague");
  CHECK(people.is_admitted(people.find("web", "colleague")->id, store::kDirect));
  CHECK_FALSE(people.is_admitted(people.find("web", "stranger")->id, store::kDirect));
  CHECK(item("pairing").at("person") == "web:stranger");
  CHECK(settle("pairing", colleagues, "admit") == 409);
}

TEST_CASE_FIXTURE(Fixture, "what the file says of a person is not overridden in silence") {
  permit("web", {.mode = bot::runtime::Access::Mode::pairing, .allow = {"u-1"}, .admins = {"u-9"}});
  people.remember("web", "u-9", "Boss", clock.now());
  const auto refused = send("PUT", "/people/web:u-1", {{"blocked", true}});
  CHECK(refused.status == 409);
  CHECK(contains(refused.body, "chat.web.allow"));
  CHECK(send("PUT", "/people/web:u-9", {{"role", "user"}}).status == 409);
  CHECK(send("PUT", "/people/web:u-1", {{"role", "king"}}).status == 400);
  const auto made = json::parse(send("PUT", "/people/web:u-1", {{"role", "approver"}}).body);
  CHECK(made.at("role") == "approver");
  CHECK(made.at("role_from") == "console");
  CHECK(made.at("admitted_from") == "file");
  CHECK(bot::access::Permissions(services, db, "web").is_approver(person));
  CHECK(send("PUT", "/people/web:u-1", {{"role", "user"}}).status == 200);
  CHECK_FALSE(bot::access::Permissions(services, db, "web").is_approver(person));
}

TEST_CASE_FIXTURE(Fixture, "somebody who is blocked is refused as if not admitted, and gets no code") {
  permit("web", {bot::runtime::Access::Mode::open});
  const auto admission = [&] {
    store::Transaction transaction(db);
    const auto result = bot::messages::admit(services, db, conversation, person, {}, clock.now());
    transaction.commit();
    return result;
  };
  CHECK(admission() == bot::messages::Admission::granted);
  CHECK(send("PUT", "/people/web:u-1", {{"blocked", true}}).status == 200);
  CHECK(admission() == bot::messages::Admission::refused_and_told);
  CHECK(people.pairing_requests(clock.now()).empty());
  CHECK(send("PUT", "/people/web:u-1", {{"blocked", false}}).status == 200);
  CHECK(admission() == bot::messages::Admission::granted);
}

TEST_CASE_FIXTURE(Fixture, "a question is answered in the console for the person it was put to") {
  auto asked =
      support::StoreFixture::decision(say("please"), conversation, person, store::DecisionAction::ask);
  asked.question = store::QuestionState::open;
  asked.proposal = R"({"action":"run","slug":"site","prompt":"do it","confidence":"high","reason":"long"})";
  const auto decision = store::DispatchLog(db).add_decision(asked, clock.now());
  outbox.post(
      conversation,
      {"Shall a specialist do it?",
       {{store::ButtonKind::yes, decision.value, "Yes"}, {store::ButtonKind::no, decision.value, "No"}}},
      clock.now());
  const auto id = std::to_string(decision.value);
  CHECK(item("question").at("person") == "web:u-1");
  CHECK(settle("question", id, "perhaps") == 400);
  CHECK(settle("question", "999", "yes") == 404);
  CHECK(settle("question", id, "yes") == 204);
  CHECK(settle("question", id, "yes") == 409);
  const auto job = store::JobQueue(db).claim(bot::runtime::kQuickTurnJob, clock.now());
  REQUIRE(job);
  bot::turns::Turn(services, db, *job).run({});
  CHECK(store::DispatchLog(db).question_of(decision) == store::QuestionState::yes);
  const auto ordered = store::DispatchLog(db).open(conversation.id);
  REQUIRE(ordered.size() == 1);
  CHECK(ordered[0].person == person.id);
  CHECK(contains(store::DispatchLog(db).decision(ordered[0].decision).reason, "ada in the console"));
  CHECK(settle("question", id, "no") == 409);
}

TEST_CASE_FIXTURE(Fixture, "an approval is given in the console, and the log says by whom") {
  const auto dispatch = this->dispatch(project("site"));
  store::DispatchLog(db).begin(dispatch, "s-1", false, "r-1", clock.now());
  const auto run = runs.enter(dispatch);
  bot::runs::ApprovalDesk(services, db)
      .ask(dispatch, conversation, "site", "",
           {.kind = dispatch::Request::Kind::permission,
            .id = "q-1",
            .hash = "h",
            .tool = "Bash",
            .detail = "make"});
  const auto waits = item("approval");
  REQUIRE_FALSE(waits.is_null());
  const auto id = waits.at("id").get<std::string>();
  CHECK(send("POST", "/inbox/approval/" + id, {{"action", "allow_once"}}, Role::editor).status == 403);
  CHECK(settle("approval", id, "allow_once") == 204);
  CHECK(settle("approval", id, "deny") == 409);
  const auto approval = store::Approvals(db).get(std::stoll(id));
  CHECK(approval.state == store::ApprovalState::allowed);
  const auto by = people.get(approval.by.value());
  CHECK(by.section + ":" + by.user_id == "console:ada");
  CHECK(run.mailbox->take().has_value());
  CHECK(last_change() == "ada approval.allow_once approval " + id);
}

TEST_CASE_FIXTURE(Fixture, "erasing takes a person's words out of all tables, and the chain holds") {
  const std::string secret = "my-secret-plan";
  const auto message = say(secret);
  const auto decision = store::DispatchLog(db).add_decision(
      support::StoreFixture::decision(message, conversation, person, store::DecisionAction::dispatch),
      clock.now());
  store::Quotations(db).replace(message,
                                {{store::QuotationKind::quote, store::WordsOf::others, "Boris", secret}});
  outbox.post(conversation, {"You said " + secret}, clock.now());
  const auto dispatch = this->dispatch(project("site", secret));
  store::DispatchLog log(db);
  CHECK(store::Erasure(db).hindered_by(person.id) == "d-1");
  CHECK(send("POST", "/people/web:u-1/erase", {{"confirm", "web:u-1"}}).status == 409);
  log.begin(dispatch, "s-1", false, "r-1", clock.now());
  store::Approval approval;
  approval.dispatch = dispatch;
  approval.detail = secret;
  store::Approvals(db).add(approval, clock.now());
  log.finish(dispatch, store::DispatchOutcome::success, secret, "{\"files\":[\"" + secret + "\"]}", 0.5,
             clock.now());
  CHECK(send("POST", "/decisions/" + std::to_string(decision.value) + "/verdict",
             {{"verdict", "should_answer"}, {"note", "about " + secret}})
            .status == 200);
  const auto group = store::Conversations(db).open("web", "c-9", clock.now());
  say("hello", group, people.remember("web", "u-9", "Boris", clock.now()));
  const auto asked = ask_about_call(say(secret, group, person), group, secret);
  CHECK(support::contains(support::read_text(db.path().string() + "-wal"), secret));
  CHECK(send("POST", "/people/web:u-1/erase", {{"confirm", "web:u-2"}}).status == 400);
  CHECK(send("POST", "/people/web:u-1/erase", {{"confirm", "web:u-1"}}, Role::editor).status == 403);
  const auto erased = send("POST", "/people/web:u-1/erase", {{"confirm", "web:u-1"}});
  REQUIRE_MESSAGE(erased.status == 200, erased.body);
  CHECK(json::parse(erased.body).at("decisions") == 2);
  CHECK_FALSE(store::ChainCheck(db).verify().first);
  CHECK(people.get(person.id).name.empty());
  CHECK(log.dispatch(dispatch).result.empty());
  CHECK(log.decision(decision).reason.empty());
  CHECK(support::columns_with(db, secret) == std::vector<std::string>());
  CHECK(store::ToolCalls(db).find(asked)->state == store::ToolCallState::expired);
  // Nor is it in what the files hold beside the rows.
  CHECK_FALSE(contains(support::read_text(db.path()), secret));
  CHECK_FALSE(contains(support::read_text(db.path().string() + "-wal"), secret));
  CHECK(json::parse(erased.body).at("projects") == json::array({"site"}));
}

TEST_CASE_FIXTURE(Fixture, "the numbers of the day are of the day") {
  const auto asked = say("How far is the moon?");
  store::DispatchLog(db).add_decision(decision(asked, conversation, person, store::DecisionAction::answer),
                                      clock.now());
  outbox.post(conversation, {.text = "Far.", .reply_to = "m-1"}, clock.now());
  const auto call = outbox.list(store::Outbox::Which::all, "", INT64_MAX, 1).at(0);
  clock.advance(std::chrono::seconds(3));
  outbox.mark_delivered(call.id, "x", clock.now());
  const auto overview = get("/overview");
  const auto& today = overview.at("today");
  CHECK(today.at("turns") == 1);
  CHECK(today.at("answered") == 1);
  CHECK(today.at("p50_answer_s") == 3.0);
  CHECK(today.at("p95_answer_s") == 3.0);
  clock.advance(std::chrono::hours(48));
  CHECK(get("/overview").at("today").at("turns") == 0);
  CHECK(get("/overview").at("today").at("p50_answer_s").is_null());
}

TEST_CASE_FIXTURE(Fixture, "a section's last trouble is known after a restart, and the last event") {
  settings.chats.push_back({"web", "web", config::parse_config("", "frontdesk.toml", "/")});
  say("hello");
  store::SectionTroubles(db).note("web", {clock.now(), "the service answered 502"});
  const auto section = items("/platforms").at(0);
  CHECK(section.at("last_error").at("text") == "the service answered 502");
  CHECK(section.at("last_event").is_string());
}

TEST_CASE_FIXTURE(Fixture, "a viewer changes nothing, and nonsense is refused") {
  CHECK(send("POST", "/inbox/question/1", {{"action", "yes"}}, Role::viewer).status == 403);
  CHECK(send("GET", "/people", nullptr, Role::viewer).status == 200);
  CHECK(send("GET", "/people?colour=red").status == 400);
  CHECK(send("GET", "/people?limit=-1").status == 400);
  CHECK(send("GET", "/deliveries?state=lost").status == 400);
  CHECK(send("POST", "/inbox/nothing/1", {{"action", "yes"}}).status == 404);
  CHECK(send("PUT", "/people/web:u-1", {{"colour", "red"}}).status == 400);
}

TEST_CASE_FIXTURE(Fixture, "what is committed is told to open pages, together and without words") {
  std::mutex mutex;
  std::vector<std::string> told;
  {
    const bot::console::Events events(commits, [&](const std::string& topic, std::string_view line) {
      CHECK(topic == bot::console::Events::kTopic);
      const std::lock_guard lock(mutex);
      told.emplace_back(line);
    });
    const auto has = [&](const std::string& line) {
      return support::wait_until([&] {
        const std::lock_guard lock(mutex);
        return std::find(told.begin(), told.end(), line) != told.end();
      });
    };
    store::Database grouped(commits);
    {
      store::Transaction transaction(grouped);
      store::Outbox(grouped).post(conversation, {"a secret"}, clock.now());
      transaction.commit();
    }
    CHECK(has(R"({"type":"delivery"})"));
    // Another process writes past the group.
    store::Database shell(db.path());
    store::DispatchLog(shell).add_decision(
        decision(say("x"), conversation, person, store::DecisionAction::answer), clock.now());
    CHECK(has(R"({"type":"review"})"));
  }
  for (const auto& line : told) {
    CHECK_FALSE(contains(line, "secret"));
  }
  CHECK(bot::console::events_of({{"dispatches", 7}}) ==
        std::vector<std::string>{R"({"id":"d-7","type":"dispatch"})"});
}
