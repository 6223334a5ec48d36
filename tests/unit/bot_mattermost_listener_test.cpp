// How the posts of Mattermost are found: by a webhook's call, by looking, and after a downtime.
#include <algorithm>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>

#include <doctest/doctest.h>

#include "tests/support/chat_services/capabilities.h"
#include "tests/support/chat_services/mattermost_fixture.h"
#include "tests/support/wait.h"

namespace {

using bot::chat::IncomingMessage;
using nlohmann::json;
using support::MattermostService;

/// Keeps what it gets, as the store does: repeats are dropped.
class Kept final : public bot::chat::Receiver {
 public:
  void take(const IncomingMessage& incoming) override {
    const std::lock_guard lock(mutex_);
    ++calls_;
    if (std::none_of(taken_.begin(), taken_.end(),
                     [&](const auto& known) { return known.external_id == incoming.external_id; })) {
      taken_.push_back(incoming);
    }
    changed_.notify_all();
  }
  void advance(const bot::chat::Cursor& cursor) override {
    const std::lock_guard lock(mutex_);
    cursors_[cursor.name] = cursor.value;
    changed_.notify_all();
  }
  std::optional<std::string> cursor(const std::string& name) override {
    const std::lock_guard lock(mutex_);
    const auto known = cursors_.find(name);
    return known == cursors_.end() ? std::nullopt : std::optional(known->second);
  }
  std::vector<store::Conversations::Use> chats_used_since(base::Timestamp) override { return {}; }

  std::vector<std::string> texts() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> texts;
    for (const auto& incoming : taken_) {
      texts.push_back((incoming.kind == IncomingMessage::Kind::edit ? "edit: " : "") + incoming.text);
    }
    return texts;
  }
  int calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
  }
  bool wait_until(const std::function<bool()>& condition) const {
    return support::wait_until(condition, mutex_, changed_, support::kPatience);
  }
  bool wait_for(const std::string& text) const {
    return wait_until([&] {
      const auto all = texts();
      return std::find(all.begin(), all.end(), text) != all.end();
    });
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<IncomingMessage> taken_;
  std::map<std::string, std::string> cursors_;
  int calls_ = 0;
};

struct Fixture : support::MattermostFixture {
  ~Fixture() { stop(); }
  void start() { support::as<bot::chat::Listens>(*platform).start(kept); }
  void stop() { support::as<bot::chat::Listens>(*platform).stop(); }
  void tell(const json& post, const std::string& trigger_word = "@frontdesk") {
    support::receive(*platform, MattermostService::notice(post, false, trigger_word), clock.now());
  }
  /// Everything that was written so far is read when this one is.
  void say_last(const std::string& text) {
    tell(mattermost.write("c1", "u1", "@frontdesk " + text));
    REQUIRE(kept.wait_for(text));
  }
  Kept kept;
};

TEST_CASE_FIXTURE(Fixture, "a post of which a webhook told is read with its thread and its files") {
  start();
  const auto file = mattermost.keep_file("plan.txt", "the plan", "text/plain");
  tell(mattermost.write("c1", "u1", "@frontdesk see there",
                        {{"root_id", root()}, {"metadata", {{"files", {file}}}}}));
  REQUIRE(kept.wait_for("see there"));
  // A webhook for a whole channel has no trigger word.
  tell(mattermost.write("c1", "u1", "anything at all"), "");
  REQUIRE(kept.wait_for("anything at all"));
  CHECK(kept.texts().size() == 2);
}

TEST_CASE_FIXTURE(Fixture, "a post that its channel tells of late is looked for again") {
  mattermost.be_late(3);
  start();
  tell(mattermost.write("c1", "u1", "@frontdesk hello"));
  CHECK(kept.wait_for("hello"));
}

TEST_CASE_FIXTURE(Fixture, "a direct post, and a reply without a trigger word, are found by looking") {
  start();
  say_last("first");
  mattermost.write("d1", "u1", "in private");
  mattermost.write("c1", "u1", "a reply", {{"root_id", root()}});
  mattermost.write("c1", "u1", "among people");
  REQUIRE(kept.wait_for("in private"));
  REQUIRE(kept.wait_for("a reply"));
  say_last("last");
  const auto texts = kept.texts();
  CHECK(std::find(texts.begin(), texts.end(), "among people") == texts.end());
}

TEST_CASE_FIXTURE(Fixture, "a mention that an edit adds is found although nobody posts any more") {
  start();
  const auto post = mattermost.write("c1", "u1", "what is a mutex?");
  say_last("first");
  mattermost.change(post.at("id"), "@frontdesk what is a mutex?");
  clock.advance(std::chrono::seconds(31));
  CHECK(kept.wait_for("what is a mutex?"));
}

TEST_CASE_FIXTURE(Fixture, "what was written while the program was away is read once it is back") {
  start();
  say_last("first");
  stop();
  mattermost.write("c1", "u1", "@frontdesk meanwhile");
  mattermost.write("c2", "u2", "@frontdesk elsewhere");
  mattermost.write("c1", "u1", "@frontdesk from a robot", {{"props", {{"from_bot", "true"}}}});
  platform = make();
  start();
  REQUIRE(kept.wait_for("meanwhile"));
  REQUIRE(kept.wait_for("elsewhere"));
  say_last("last");
  CHECK(kept.texts() == std::vector<std::string>{"first", "meanwhile", "elsewhere", "last"});
}

TEST_CASE_FIXTURE(Fixture, "of a channel in which very much was written nothing is left out") {
  start();
  say_last("first");
  stop();
  mattermost.write("c1", "u1", "@frontdesk the oldest");
  for (int i = 0; i < 1'100; ++i) {
    mattermost.write("c1", "u2", "among people");
  }
  mattermost.write("c1", "u1", "@frontdesk the newest");
  platform = make();
  start();
  REQUIRE(kept.wait_for("the newest"));
  CHECK(kept.texts() == std::vector<std::string>{"first", "the oldest", "the newest"});
}

TEST_CASE_FIXTURE(
    Fixture, "what was written before the section existed is left alone, whatever Mattermost's clock says") {
  clock.advance(std::chrono::hours(1));
  mattermost.write("c1", "u1", "@frontdesk long ago");
  mattermost.write("d1", "u1", "in private, long ago");
  start();
  REQUIRE(kept.wait_until([&] { return kept.cursor("beginning").has_value(); }));
  mattermost.write("d1", "u1", "in private");
  say_last("last");
  REQUIRE(kept.wait_for("in private"));
  CHECK(kept.texts().size() == 2);
}

TEST_CASE_FIXTURE(
    Fixture, "what is written after Mattermost's clock was put back is found by its webhook and by looking") {
  start();
  say_last("first");
  mattermost.write("d1", "u1", "in private");
  REQUIRE(kept.wait_for("in private"));
  const auto earlier = base::to_unix_ms(base::SystemClock().now() - std::chrono::minutes(3));
  const json back = {{"create_at", earlier}, {"update_at", earlier}};
  mattermost.write("d1", "u1", "in private again", back);
  tell(mattermost.write("c1", "u1", "@frontdesk second", back));
  CHECK(kept.wait_for("in private again"));
  CHECK(kept.wait_for("second"));
  say_last("last");
  CHECK(kept.texts().size() == 5);
}

TEST_CASE_FIXTURE(Fixture, "an overlap is read again and taken once") {
  start();
  say_last("first");
  const auto calls = kept.calls();
  say_last("second");
  CHECK(kept.calls() == calls + 1);
}

TEST_CASE_FIXTURE(Fixture, "an edit is taken when its channel is read") {
  start();
  const auto post = mattermost.write("c1", "u1", "@frontdesk firts");
  tell(post);
  REQUIRE(kept.wait_for("firts"));
  mattermost.change(post.at("id"), "@frontdesk first");
  say_last("second");
  CHECK(kept.wait_for("edit: first"));
}

TEST_CASE_FIXTURE(Fixture,
                  "a call that fails is made again, and a channel that is closed holds up no other") {
  mattermost.behave({.times = 1, .status = 502, .applies = [](const support::ServiceCall& call) {
                       return call.request.path.ends_with("/channels");
                     }});
  mattermost.write("c2", "u1", "nothing");
  mattermost.fail("/channels/" + MattermostService::id_of("c2"), 403, "api.context.permissions.app_error");
  start();
  say_last("first");
  CHECK(kept.texts() == std::vector<std::string>{"first"});
}

}  // namespace
