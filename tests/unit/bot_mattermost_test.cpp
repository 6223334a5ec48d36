// What is said on Mattermost: posts, edits, files, and what became of a post that nobody confirmed.
#include <algorithm>

#include <doctest/doctest.h>

#include "bot/chat/errors.h"
#include "bot/chat/message_parts.h"
#include "bot/platforms/mattermost/api.h"
#include "tests/support/chat_services/capabilities.h"
#include "tests/support/chat_services/mattermost_fixture.h"

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using support::MattermostService;
using Fixture = support::MattermostFixture;

store::OutgoingCall edit_of(store::OutgoingCall call, const std::string& text) {
  call.key += "-edit";
  call.kind = store::CallKind::edit;
  call.post.text = text;
  call.post.buttons.clear();
  return call;
}

TEST_CASE_FIXTURE(Fixture, "a post names its thread, and its key twice") {
  const auto made = call("**Hello**, @all");
  const auto id = deliver(made);
  const auto posted = mattermost.bodies_of("POST", "/posts").at(0);
  CHECK(posted.at("channel_id") == channel());
  CHECK(posted.at("root_id") == root());
  CHECK(posted.at("pending_post_id") == made.key);
  CHECK(posted.at("props").at("outbox_id") == made.key);
  CHECK(posted.at("message") == "**Hello**, @\u200Ball");
  const auto shown = mattermost.shown().at(0);
  CHECK(shown.id == id);
  CHECK(shown.chat == thread());
  // Again is nothing new.
  CHECK(deliver_in_pace(made) == id);
  CHECK(mattermost.shown().size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "a button leads to the section's webhook, with a proof that only we can make") {
  auto made = call("Shall I?");
  made.post.buttons = {{store::ButtonKind::yes, 5, "Yes", "b01"}, {store::ButtonKind::no, 5, "No", "b02"}};
  deliver(made);
  const auto actions =
      mattermost.bodies_of("POST", "/posts").at(0).at("props").at("attachments").at(0).at("actions");
  REQUIRE(actions.size() == 2);
  CHECK(actions.at(0).at("id") == "b01");
  CHECK(actions.at(0).at("name") == "Yes");
  CHECK(actions.at(0).at("type") == "button");
  const auto& integration = actions.at(0).at("integration");
  CHECK(integration.at("url") == "https://frontdesk.example/webhooks/svc");
  CHECK(integration.at("context").at("button") == "b01");
  const auto proof = integration.at("context").at("proof").get<std::string>();
  CHECK(proof.size() == 64);
  CHECK(proof != actions.at(1).at("integration").at("context").at("proof"));
  CHECK(proof.find(MattermostService::kToken) == std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "without an address to click at there are no buttons, and the words arrive") {
  platform = make({.public_url = ""});
  auto made = call("Shall I?");
  made.post.buttons = {{store::ButtonKind::yes, 5, "Yes", "b01"}};
  deliver(made);
  CHECK(mattermost.shown().at(0).text == "Shall I?");
  CHECK(mattermost.shown().at(0).actions.empty());
}

TEST_CASE_FIXTURE(Fixture, "an edit changes the post, and takes its buttons away where it has none") {
  auto made = call("one");
  made.post.buttons = {{store::ButtonKind::yes, 5, "Yes", "b01"}};
  const auto id = deliver(made);
  REQUIRE(mattermost.shown().at(0).action("Yes") == "b01");
  CHECK(deliver_in_pace(edit_of(made, "two")) == id);
  const auto shown = mattermost.shown();
  REQUIRE(shown.size() == 1);
  CHECK(shown[0].text == "two");
  CHECK(shown[0].actions.empty());
}

TEST_CASE_FIXTURE(Fixture, "what somebody deleted is said anew, and may be deleted again") {
  auto made = call("one");
  mattermost.drop(deliver(made));
  CHECK(mattermost.shown().empty());
  deliver_in_pace(edit_of(made, "two"));
  REQUIRE(mattermost.shown().size() == 1);
  CHECK(mattermost.shown()[0].text == "two");

  // A long post becomes a short one; of its parts one is gone already.
  std::string text;
  for (int i = 0; i < 2'500; ++i) {
    text += "word" + std::to_string(i) + (i % 20 == 19 ? "\n\n" : " ");
  }
  made = call(text);
  deliver_in_pace(made);
  const auto of_two = mattermost.shown();
  REQUIRE(of_two.size() == 3);
  mattermost.drop(of_two[2].id);
  deliver_in_pace(edit_of(made, "short"));
  REQUIRE(mattermost.shown().size() == 2);
  CHECK(mattermost.shown()[1].text == "short");
}

TEST_CASE_FIXTURE(Fixture,
                  "what may no longer be edited is said anew, and what may not be at all is refused") {
  auto made = call("one");
  deliver(made);
  mattermost.fail("/posts/p", 400, "api.post.update_post.permissions_time_limit.app_error");
  deliver_in_pace(edit_of(made, "two"));
  REQUIRE(mattermost.shown().size() == 2);
  CHECK(mattermost.shown()[1].text == "two");
  mattermost.fail("/posts/p", 400, "api.post.some_other.app_error");
  CHECK_THROWS_AS(deliver_in_pace(edit_of(made, "three")), base::PermanentError);
}

TEST_CASE_FIXTURE(Fixture, "a post that was sent without an answer is found by its key") {
  for (const bool arrived : {true, false}) {
    CAPTURE(arrived);
    const auto before = mattermost.shown().size();
    const auto made = call("only once");
    mattermost.behave({.times = 1, .status = 502, .accepts = arrived});
    CHECK_THROWS_AS(deliver_in_pace(made), base::TransientError);
    if (!arrived) {
      // It may be on its way still, for five seconds in all.
      clock.advance(seconds(3));
      std::optional<milliseconds> wait;
      try {
        deliver_in_pace(made);
      } catch (const base::TransientError& e) {
        wait = e.retry_after;
      }
      CHECK(wait.value_or(seconds(0)) > seconds(0));
      CHECK(wait.value_or(seconds(9)) <= seconds(2));
      CHECK(mattermost.shown().size() == before);
    }
    clock.advance(seconds(6));
    platform = make();
    deliver_in_pace(made);
    CHECK(mattermost.shown().size() == before + 1);
    CHECK_FALSE(parts.of(made.message).at(0).external_id.empty());
    CHECK(parts.doubtful_count() == 0);
  }
}

TEST_CASE_FIXTURE(Fixture, "where the channel cannot be read, a doubtful post is not sent again") {
  const auto made = call("only once");
  mattermost.behave({.times = 1, .status = 502, .accepts = true});
  CHECK_THROWS_AS(deliver(made), base::TransientError);
  mattermost.fail("/channels/", 403, "api.context.permissions.app_error");
  clock.advance(seconds(6));
  deliver_in_pace(made);
  CHECK(mattermost.shown().size() == 1);
  CHECK(parts.doubtful_count() == 1);
}

TEST_CASE_FIXTURE(Fixture, "a file is uploaded unseen and then posted, once") {
  auto made = call("see there");
  made.post.file = {{}, "report.txt", "report ü&.txt", "0123456789"};
  // The second post is the file's.
  int posts = 0;
  mattermost.behave({.times = 1, .status = 502, .accepts = true, .applies = [&](const auto& told) {
                       return told.request.path == "/api/v4/posts" && ++posts == 2;
                     }});
  CHECK_THROWS_AS(deliver_in_pace(made), base::TransientError);
  clock.advance(seconds(6));
  deliver_in_pace(made);
  const auto shown = mattermost.shown();
  REQUIRE(shown.size() == 2);
  CHECK(shown[1].text == "[file] report ü&.txt");
  CHECK(mattermost.bodies_of("POST", "/posts").at(1).at("file_ids").size() == 1);
  const auto calls = mattermost.calls();
  const auto upload = std::find_if(calls.begin(), calls.end(),
                                   [](const auto& told) { return told.request.path == "/api/v4/files"; });
  REQUIRE(upload != calls.end());
  CHECK(upload->request.body == "0123456789");
  CHECK(upload->request.query.get("channel_id") == channel());
}

TEST_CASE_FIXTURE(Fixture, "a file that is refused is told from a channel that is closed") {
  auto made = call("see there");
  made.post.file = {{}, "report.txt", "report.txt", "0123456789"};
  mattermost.fail("/files", 413, "api.file.upload_file.too_large_detailed.app_error");
  CHECK_THROWS_AS(deliver_in_pace(made), bot::chat::FileRefused);
  mattermost.fail("/files", 403, "api.context.permissions.app_error");
  try {
    deliver_in_pace(made);
    FAIL("nothing was thrown");
  } catch (const bot::chat::FileRefused&) {
    FAIL("it is not about the file");
  } catch (const base::PermanentError& e) {
    CHECK(std::string(e.what()).find("add it to the channel") != std::string::npos);
  }
  // An upload that fails for now shows nothing, so it is simply made again.
  mattermost.fail("/files", 503, "");
  CHECK_THROWS_AS(deliver_in_pace(made), bot::chat::NotSent);
}

TEST_CASE_FIXTURE(Fixture, "an answer of Mattermost's says whether and when to try again") {
  const bot::mattermost::Api api(mattermost.url(), MattermostService::kToken);
  const auto told = [&](int status, const std::string& wait) -> std::optional<milliseconds> {
    mattermost.behave(
        {.times = 1, .status = status, .retry_after = wait, .applies = [](const auto&) { return true; }});
    try {
      api.get("/users/me", {});
      FAIL("nothing was thrown");
    } catch (const bot::chat::NotSent& e) {
      CHECK(status == 429);
      return e.retry_after;
    } catch (const base::TransientError& e) {
      CHECK(status >= 500);
      return e.retry_after;
    }
    return std::nullopt;
  };
  CHECK(told(429, "7") == seconds(7));
  CHECK(told(429, "") == seconds(5));
  CHECK(told(503, "") == std::nullopt);
  CHECK(told(503, "4") == seconds(4));
  CHECK_THROWS_AS(bot::mattermost::Api("http://127.0.0.1:1", "t").get("/users/me", {}), bot::chat::NotSent);

  mattermost.fail("/users/me", 403, "api.context.permissions.app_error");
  try {
    api.get("/users/me", {});
    FAIL("nothing was thrown");
  } catch (const bot::mattermost::Refusal& e) {
    CHECK(e.id == "api.context.permissions.app_error");
    CHECK_FALSE(e.is_about_access());
  }
  // Only names of errors are shown: what else answers may say anything.
  mattermost.fail("/users/me", 404, "<b>Not here</b>");
  try {
    api.get("/users/me", {});
    FAIL("nothing was thrown");
  } catch (const bot::mattermost::Refusal& e) {
    CHECK(e.id.empty());
    CHECK(e.is_about_access());
    CHECK(std::string(e.what()).find("Not here") == std::string::npos);
    CHECK(std::string(e.what()).find("`url`") != std::string::npos);
  }
}

TEST_CASE_FIXTURE(Fixture, "while the token is refused nothing is tried, and what was to be said waits") {
  platform = make({.token = "revoked"});
  const auto made = call("hello");
  CHECK_THROWS_AS(deliver(made), bot::chat::NotSent);
  const auto calls = mattermost.calls().size();
  CHECK_THROWS_AS(deliver(made), bot::chat::RateLimited);
  CHECK(mattermost.calls().size() == calls);
  auto& pace = support::as<bot::chat::HasRateLimit>(*platform);
  CHECK(pace.ready_at(thread(), clock.now()) >= clock.now() + seconds(60));
  clock.advance(seconds(61));
  CHECK_THROWS_AS(deliver(made), bot::chat::NotSent);
  CHECK(mattermost.calls().size() > calls);
}

TEST_CASE_FIXTURE(Fixture, "a pause that Mattermost asks for holds every channel") {
  mattermost.behave({.times = 1, .status = 429, .retry_after = "9"});
  CHECK_THROWS_AS(deliver(call("hello")), bot::chat::NotSent);
  auto& pace = support::as<bot::chat::HasRateLimit>(*platform);
  CHECK(pace.ready_at(MattermostService::id_of("c2"), clock.now()) >= clock.now() + milliseconds(8'900));
}

TEST_CASE_FIXTURE(Fixture, "a file of a person is fetched with the token, within its limit") {
  const auto file = mattermost.keep_file("plan.txt", "the plan", "text/plain");
  auto& files = support::as<bot::chat::FetchesFiles>(*platform);
  std::string read;
  const auto fetch = [&](const std::string& handle, std::uint64_t most) {
    read.clear();
    files.fetch(handle, most, [&](std::string_view bytes) { read += bytes; }, {});
  };
  fetch(file.at("id"), 1'000);
  CHECK(read == "the plan");
  CHECK_THROWS_AS(fetch(file.at("id"), 3), base::PermanentError);
  CHECK_THROWS_AS(fetch(MattermostService::id_of("f99"), 1'000), base::PermanentError);
  CHECK_THROWS_AS(fetch("../users/me", 1'000), base::PermanentError);
}

TEST_CASE_FIXTURE(Fixture, "a person is known by nickname, else name, else user name") {
  auto& names = support::as<bot::chat::KnowsNames>(*platform);
  CHECK(names.name_of(MattermostService::id_of("u1"), {}) == "Ada");
  mattermost.fail("/users/", 404, "app.user.missing_account.const");
  CHECK(names.name_of(MattermostService::id_of("u1"), {}).empty());
}

TEST_CASE_FIXTURE(Fixture, "commands are written behind the first trigger word") {
  CHECK(platform->features().command_prefix == "@frontdesk ");
  CHECK(platform->features().sends_files);
  platform = make({.more = "trigger_words = [\"desk\", \"@helper\"]\n"});
  CHECK(platform->features().command_prefix == "desk ");
  CHECK_THROWS_AS(make({.more = "trigger_words = \"two words\"\n"}), base::ConfigError);
  CHECK_THROWS_AS(make({.more = "trigger = \"desk\"\n"}), base::ConfigError);
}

}  // namespace
