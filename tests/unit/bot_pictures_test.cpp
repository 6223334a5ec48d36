// Pictures of a conversation, with a chat service played by the test.
#include <map>

#include <doctest/doctest.h>

#include "base/error.h"
#include "bot/messages/pictures.h"
#include "bot/turns/turn.h"
#include "store/attachments.h"
#include "store/job_queue.h"
#include "tests/support/pictures.h"
#include "tests/support/services_fixture.h"
#include "tests/support/text.h"

using support::contains;

namespace {

class PicturePlatform final : public bot::chat::Platform, public bot::chat::FetchesFiles {
 public:
  std::string deliver(const store::OutgoingCall&, store::MessageParts&, base::Timestamp,
                      std::stop_token) override {
    return "ext";
  }
  bot::chat::Features features() const override { return {}; }
  void fetch(const std::string& handle, std::uint64_t, const std::function<void(std::string_view)>& sink,
             std::stop_token) override {
    ++fetched;
    if (failures > 0) {
      --failures;
      sink("half of");
      throw base::TransientError("503");
    }
    sink(files.at(handle));
  }
  std::map<std::string, std::string> files;
  int fetched = 0;
  int failures = 0;
};

struct Fixture : support::ServicesFixture {
  PicturePlatform* platform = nullptr;
  bot::messages::Pictures pictures{base::Sandbox(), clock};
  store::Attachments attachments{db};
  store::JobQueue queue{db};

  Fixture() {
    auto owned = std::make_unique<PicturePlatform>();
    platform = owned.get();
    platforms["web"] = std::move(owned);
    services.pictures = &pictures;
  }
  store::MessageId send(const std::string& words, const std::vector<std::string>& names = {},
                        const std::string& content = support::png_file(30, 20)) {
    const auto message = say(words);
    for (const auto& name : names) {
      platform->files[name] = content;
      attachments.add({{}, message, name, name, "image/png", static_cast<std::int64_t>(content.size())});
    }
    return message;
  }
  /// The secretary's answer to that message, which the model is to give.
  std::string turn(store::MessageId message, const std::string& says, bool blind = false) {
    llm::Completion completion;
    completion.text = says;
    completion.without_images = blind;
    model.will_answer(std::move(completion));
    queue.enqueue(bot::runtime::kTurnJob, conversation.id.value, message.value, clock.now());
    bot::turns::Turn(services, db, *queue.claim(bot::runtime::kTurnJob, clock.now())).run({});
    return store::Conversations(db).context(conversation, {1'000'000}, 100).back().text;
  }
  std::size_t pictures_asked_with() const {
    std::size_t count = 0;
    for (const auto& message : model.requests.back().messages) {
      for (const auto& part : message.content) {
        count += std::holds_alternative<llm::Image>(part) ? 1U : 0U;
      }
    }
    return count;
  }
  const std::string& asked() const {
    return std::get<llm::Text>(model.requests.back().messages.back().content.front()).text;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "what is a picture goes by its type, else by its name") {
  const auto is_picture = [](const std::string& name, const std::string& type) {
    return bot::messages::is_picture({{}, {}, "h", name, type});
  };
  CHECK(is_picture("a", "image/png"));
  CHECK(is_picture("a", "Image/JPEG"));
  CHECK(is_picture("IMG_1.JPG", ""));
  CHECK(is_picture("a.webp", "application/octet-stream"));
  CHECK_FALSE(is_picture("a.svg", "image/svg+xml"));
  CHECK_FALSE(is_picture("a.png", "text/plain"));
  CHECK_FALSE(is_picture("a.pdf", ""));
}

TEST_CASE_FIXTURE(Fixture, "a picture stands behind its message, and is fetched once for several turns") {
  turn(send("what does it say?", {"shot.png"}), "It says stop.");
  REQUIRE(model.requests.back().messages.back().content.size() == 2);
  const auto& image = std::get<llm::Image>(model.requests.back().messages.back().content[1]);
  CHECK(image.name == "shot.png");
  CHECK(image.width == 30);
  CHECK(contains(asked(), "[Attached: shot.png (image/png"));
  turn(send("thanks"), "Welcome.");
  turn(send("and below it?"), "Go.");
  CHECK(pictures_asked_with() == 1);
  CHECK(platform->fetched == 1);
  clock.advance(std::chrono::hours(25));
  turn(send("and now?"), "I no longer see it.");
  CHECK(pictures_asked_with() == 0);
}

TEST_CASE_FIXTURE(Fixture, "a picture without words is a turn, too") {
  turn(send("", {"shot.png"}), "It says stop.");
  CHECK(pictures_asked_with() == 1);
}

TEST_CASE_FIXTURE(Fixture, "what was sent last counts most, and no more than five go at once") {
  turn(send("old", {"a.png", "b.png", "c.png"}), "Three.");
  turn(send("new", {"d.png", "e.png", "f.png"}), "Six.");
  CHECK(pictures_asked_with() == 5);
  const auto answer = turn(send("many", {"1.png", "2.png", "3.png", "4.png", "5.png", "6.png"}), "Five.");
  CHECK(pictures_asked_with() == 5);
  CHECK(contains(answer, "*I could not look at `6.png`: 5 pictures at once are the most that I look at.*"));
}

TEST_CASE_FIXTURE(Fixture, "a picture that cannot be looked at is said to model and person, once") {
  const auto answer =
      turn(send("what is it?", {"bomb.png"}, support::png_header(30'000, 30'000)), "I do not know.");
  CHECK(contains(asked(), "you cannot see the picture bomb.png: it has too many pixels"));
  CHECK(contains(answer, "I do not know.\n\n*I could not look at `bomb.png`: it has too many pixels.*"));
  CHECK_FALSE(contains(turn(send("well?"), "Still not."), "bomb.png"));
  CHECK(platform->fetched == 1);
}

TEST_CASE_FIXTURE(Fixture,
                  "a service that stumbles is asked again, and one that is down holds up no answer") {
  platform->failures = 1;
  turn(send("look", {"a.png"}), "Seen.");
  CHECK(pictures_asked_with() == 1);
  platform->failures = 2;
  CHECK(contains(turn(send("look", {"b.png"}), "Hm."), "`b.png`: it could not be looked at just now"));
  turn(send("and now?"), "Seen.");
  CHECK(pictures_asked_with() == 2);  // it was only late
}

TEST_CASE_FIXTURE(Fixture, "a model that saw none of it is told of in one sentence") {
  const auto answer = turn(send("look", {"a.png"}), "I cannot.", true);
  CHECK(contains(answer, "I cannot.\n\n*The model that answers here cannot look at pictures."));
  CHECK_FALSE(contains(turn(send("thanks"), "Welcome.", true), "cannot look"));
}

TEST_CASE_FIXTURE(Fixture, "where no model takes pictures none is fetched") {
  settings.secretary.images = llm::Endpoint::Images::none;
  turn(send("look", {"a.png"}), "I cannot.", true);
  CHECK(platform->fetched == 0);
}

TEST_CASE_FIXTURE(Fixture, "files that are not accepted are not looked at either") {
  settings.dispatch.max_attachment_bytes = 0;
  CHECK(contains(turn(send("look", {"a.png"}), "Hm."), "files are not accepted here"));
  CHECK(platform->fetched == 0);
}
