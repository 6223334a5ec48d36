// A picture that a person sends at the page, on its way to the secretary's model and to the specialist.
#include "tests/support/pictures.h"

#include <fstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <signal.h>

#include "base/crypto.h"
#include "base/file.h"
#include "base/json.h"
#include "tests/support/json_of.h"
#include "tests/support/models/model_dialects.h"
#include "tests/support/models/model_fakes.h"
#include "tests/support/program/desk.h"
#include "tests/support/text.h"

using nlohmann::json;
using support::contains;
using support::Desk;
using support::json_of;
using support::ModelRequest;
using support::say;

namespace {

/// A person at the page, signed in as admin.
class PictureDesk : public Desk {
 public:
  PictureDesk() : Desk(Claude::fake) { config.set("chat.web", "platform", "\"web\""); }
  void start() {
    Desk::start();
    const auto login = call("POST", "/login", std::string("password=") + kAdminPassword, {{"Origin", url()}});
    cookie_ = login.headers.get("Set-Cookie").value_or("");
    cookie_ = cookie_.substr(0, cookie_.find(';'));
  }
  std::string upload(const std::string& name, const std::string& type, const std::string& bytes) {
    const auto taken =
        call("POST", "/api/files?name=" + name + "&type=" + type, bytes,
             {{"Origin", url()}, {"Cookie", cookie_}, {"Content-Type", "application/octet-stream"}});
    REQUIRE(taken.status == 200);
    return json_of(taken.body)["file"].get<std::string>();
  }
  void write(const std::string& text, const json& files = json::array()) {
    const json body = {
        {"id", "m" + std::to_string(++sent_)}, {"chat", "main"}, {"text", text}, {"files", files}};
    REQUIRE(call("POST", "/api/messages", body.dump(), {{"Origin", url()}, {"Cookie", cookie_}}).status ==
            200);
  }
  /// The text of the newest message that holds `part`, once it is there.
  std::string message(const std::string& part) {
    std::string found;
    REQUIRE(support::wait_until([&] {
      const auto listed = json_of(call("GET", "/api/messages?chat=main", {}, {{"Cookie", cookie_}}).body);
      for (const auto& one : listed["messages"]) {
        const auto text = one["text"].get<std::string>();
        found = contains(text, part) ? text : found;
      }
      return !found.empty();
    }));
    return found;
  }
  std::vector<json> pictures_in_last_request() const {
    std::vector<json> pictures;
    const auto body = model.requests(ModelRequest::From::secretary).back().body;
    for (const auto& message : (*body)["messages"]) {
      for (const auto& block : message["content"]) {
        if (block["type"] == "image") {
          pictures.push_back(block);
        }
      }
    }
    return pictures;
  }

 private:
  std::string cookie_;
  int sent_ = 0;
};

}  // namespace

TEST_CASE("the secretary's model sees a picture that a person sends at the page, then and two turns later") {
  PictureDesk desk;
  desk.model.secretary("error say", {say("It says: disk full.")});
  desk.model.secretary("below it", {say("Below it stands: try again.")});
  desk.start();
  const auto photo = support::with_exif(support::jpeg_file(3136, 200), 1, "N 47.3769 E 8.5417");
  desk.write("what does this error say?", {desk.upload("shot.jpg", "image/jpeg", photo)});
  desk.message("disk full");
  const auto pictures = desk.pictures_in_last_request();
  REQUIRE(pictures.size() == 1);
  CHECK(pictures[0]["source"]["media_type"] == "image/jpeg");
  const auto sent = base::base64_decode(pictures[0]["source"]["data"].get<std::string>());
  REQUIRE(sent);
  CHECK(sent->starts_with("\xff\xd8\xff"));
  CHECK_FALSE(contains(*sent, "47.3769"));
  CHECK(contains(desk.model.requests(ModelRequest::From::secretary).back().user_text, "[Attached: shot.jpg"));

  desk.write("thanks");
  desk.message("Answer to: ");
  desk.write("and what is written below it?");
  desk.message("try again");
  CHECK(desk.pictures_in_last_request().size() == 1);

  // Of the picture, nothing is kept anywhere but the file that was uploaded.
  const auto base64 = pictures[0]["source"]["data"].get<std::string>().substr(200, 60);
  CHECK_FALSE(contains(desk.program->log(), base64));
  for (const auto* file : {"frontdesk.db", "frontdesk.db-wal"}) {
    CHECK_FALSE(contains(base::read_file_if_exists(desk.folder() / file).value_or(""), base64));
  }
}

TEST_CASE("what stands in a picture orders nothing: a dispatch is asked first, and gets the file itself") {
  PictureDesk desk;
  desk.model.secretary("build", {support::propose("high", "site")});
  desk.start();
  const auto png = support::png_file(40, 20);
  desk.write("build this page as a program, with tests", {desk.upload("mockup.png", "image/png", png)});
  desk.message("?");
  CHECK(desk.query("SELECT action || ' ' || cause FROM decisions") == "ask rule:foreign-text");
  CHECK(contains(desk.query("SELECT reason FROM decisions"), "pictures that the model saw: 1"));
  desk.write("yes");
  REQUIRE(support::wait_until(
      [&] { return std::filesystem::exists(desk.projects() / "site/attachments/mockup.png"); }));
  CHECK(base::read_file(desk.projects() / "site/attachments/mockup.png") == png);
  desk.write("/why");
  CHECK(contains(desk.message("p = 0."), "The secretary's model saw the picture."));
}

TEST_CASE("a server that takes no pictures is asked without, and the person is told") {
  PictureDesk desk;
  const support::ScriptedModel blind(
      {support::status(404,
                       R"({"error":{"message":"No endpoints found that support image input","code":404}})"),
       support::event_stream(support::OpenAiDialect::stream("I see no picture.")),
       support::event_stream(support::OpenAiDialect::stream("Still none."))});
  desk.config.set("secretary", "provider", "\"openai\"");
  desk.config.set("secretary", "base_url", support::toml_text(blind.url()));
  desk.start();
  const json files = {desk.upload("shot.png", "image/png", support::png_file(40, 20))};
  desk.write("what does this error say?", files);
  const auto answer = desk.message("I see no picture.");
  CHECK(contains(answer, "cannot look at pictures"));
  CHECK(desk.query("SELECT cause FROM decisions") != "rule:foreign-text");
  desk.write("and this one?", {desk.upload("next.png", "image/png", support::png_file(40, 20))});
  CHECK(contains(desk.message("Still none."), "cannot look at pictures"));
  const auto requests = blind.requests();
  REQUIRE(requests.size() == 3);  // it was asked with a picture once
  CHECK(contains(requests[0].body, "image_url"));
  CHECK_FALSE(contains(requests[1].body, "image_url"));
  CHECK(contains(requests[1].body, "a picture (shot.png) is here, which you cannot see"));
  CHECK_FALSE(contains(requests[2].body, "image_url"));
}

TEST_CASE("a picture goes on to the model that stands in, where that takes pictures, else it is said") {
  PictureDesk desk;
  const bool sees = [] {
    bool sees = false;
    SUBCASE("it takes them") {
      sees = true;
    }
    SUBCASE("its server refuses them") {}
    return sees;
  }();
  std::vector<base::HttpResponse> answers;
  if (!sees) {
    answers.push_back(support::status(
        400, support::OpenAiDialect::error("api_error", "this model does not support image input")));
  }
  answers.push_back(support::event_stream(support::OpenAiDialect::stream("I stand in.")));
  const support::ScriptedModel other(answers);
  desk.config.set("secretary", "base_url", support::toml_text(support::refusing_url()))
      .set(
          "secretary", "fallback",
          "[{provider = \"openai\", model = \"qwen3\", base_url = " + support::toml_text(other.url()) + "}]");
  desk.start();
  desk.write("what does this error say?", {desk.upload("shot.png", "image/png", support::png_file(40, 20))});
  const auto answer = desk.message("I stand in.");
  CHECK(contains(answer, "The model that stands in at the moment cannot look at pictures") == !sees);
  const auto requests = other.requests();
  REQUIRE(requests.size() == (sees ? 1 : 2));
  CHECK(contains(requests.front().body, "image_url"));
  CHECK(contains(requests.back().body, "image_url") == sees);
  CHECK(desk.query("SELECT DISTINCT model FROM ledger") == "qwen3");
}

TEST_CASE("the usual model is shown the picture when it answers again, and the next question is about it") {
  PictureDesk desk;
  const support::ScriptedModel other(
      {support::status(400,
                       support::OpenAiDialect::error("api_error", "this model does not support image input")),
       support::event_stream(support::OpenAiDialect::stream("I stand in."))});
  desk.config.set(
      "secretary", "fallback",
      "[{provider = \"openai\", model = \"qwen3\", base_url = " + support::toml_text(other.url()) + "}]");
  // Not a failure that the provider rests for: it answers the next one.
  desk.model.fail(
      ModelRequest::From::secretary,
      support::status(529, R"({"type":"error","error":{"type":"overloaded_error","message":"no"}})"));
  desk.start();
  desk.write("what does this error say?", {desk.upload("shot.png", "image/png", support::png_file(40, 20))});
  CHECK(contains(desk.message("I stand in."), "Ask again when the usual one answers"));
  desk.model.fail(ModelRequest::From::secretary, std::nullopt);
  desk.stop(SIGTERM);
  desk.start();  // as if the time for which it rests were over
  desk.write("and now?");
  desk.message("Answer to: ");
  CHECK(desk.pictures_in_last_request().size() == 1);
}

TEST_CASE(
    "of a person who is erased no picture is left, neither the one that was sent nor what was made of it") {
  PictureDesk desk;
  desk.model.secretary("build", {support::propose("high", "site")});
  desk.start();
  const std::string mark = "canary-of-the-camera-4711";
  const auto photo = support::with_exif(support::jpeg_file(1200, 900), 1, mark);
  desk.write("what does this say?", {desk.upload("shot.jpg", "image/jpeg", photo)});
  desk.message("Answer to: ");
  const auto shown = desk.pictures_in_last_request();
  REQUIRE(shown.size() == 1);
  const auto base64 = shown[0]["source"]["data"].get<std::string>();
  const auto made = base::base64_decode(base64).value_or("");
  desk.write("build it", {desk.upload("again.jpg", "image/jpeg", photo)});
  desk.message("?");
  desk.write("yes");
  REQUIRE(support::wait_until(
      [&] { return std::filesystem::exists(desk.projects() / "site/attachments/again.jpg"); }));
  REQUIRE(support::wait_until([&] { return desk.query("SELECT state FROM dispatches") == "finished"; }));
  REQUIRE(desk.stop(SIGTERM) == 0);
  const auto files_with = [&](const std::string& bytes) {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(desk.folder())) {
      if (entry.is_regular_file() && contains(base::read_file(entry.path()), bytes)) {
        found.push_back(entry.path().filename().string());
      }
    }
    return found;
  };
  REQUIRE(files_with(mark).size() >= 2);  // what was uploaded, and the specialist's copy
  const auto erased = support::run_frontdesk(
      {"people", "erase", "web:local", "--yes", "--config", desk.config_file().string()}, desk.folder());
  CHECK_MESSAGE(erased.status == 0, erased.errors);
  for (const auto& bytes : {mark, base64.substr(200, 60), made.substr(made.size() / 2, 40),
                            std::string("shot.jpg"), std::string("again.jpg")}) {
    CHECK(files_with(bytes) == std::vector<std::string>{});
  }
  CHECK_FALSE(std::filesystem::exists(desk.projects() / "site/attachments/again.jpg"));
}

TEST_CASE("a picture that nobody can look at is told, and the words are answered") {
  PictureDesk desk;
  desk.start();
  desk.write("what is this?", {desk.upload("bomb.png", "image/png", support::png_header(30'000, 30'000))});
  CAPTURE(desk.message("Answer to: "));
  CHECK(contains(desk.message("Answer to: "), "I could not look at `bomb.png`: it has too many pixels."));
  CHECK(desk.pictures_in_last_request().empty());
}

TEST_CASE("doctor says whether a model takes pictures") {
  Desk desk(Desk::Claude::fake);
  const support::ScriptedModel blind(
      {support::status(400,
                       support::OpenAiDialect::error("api_error", "this model does not support image input")),
       support::event_stream(support::OpenAiDialect::stream("OK"))});
  desk.config.set(
      "secretary", "fallback",
      "[{provider = \"openai\", model = \"qwen3\", base_url = " + support::toml_text(blind.url()) + "}]");
  desk.write_config();
  const auto doctor =
      support::run_frontdesk({"doctor", "--config", desk.config_file().string()}, desk.folder());
  CHECK(
      contains(doctor.output, "scripted-secretary answers at " + desk.model.url() + ", and takes pictures"));
  CHECK(contains(doctor.output, "qwen3 answers at " + blind.url() + ", but looks at no pictures"));
}

TEST_CASE("the demo says how to get a model that looks at pictures") {
  PictureDesk desk;
  desk.config.drop("secretary");
  desk.config.set("secretary", "provider", "\"demo\"");
  desk.start();
  desk.write("what does this error say?", {desk.upload("shot.png", "image/png", support::png_file(40, 20))});
  CHECK(contains(desk.message("scripted demo model cannot look at pictures"), "ANTHROPIC_API_KEY"));
}
