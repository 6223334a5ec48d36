// The chat page's own API, as a browser calls it: files out and in, chats, and what nobody else may have.
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "tests/support/json_of.h"
#include "tests/support/program/git_desk.h"
#include "tests/support/text.h"
#include "tests/support/wait.h"

using nlohmann::json;
using support::contains;
using support::Desk;
using support::json_of;
using support::say;

namespace {

namespace fs = std::filesystem;

/// A person at the page, signed in as admin, who is web:local.
class PageDesk : public support::GitDesk {
 public:
  void start() {
    config.set("chat.web", "platform", "\"web\"");
    Desk::start();
    const auto login = call("POST", "/login", std::string("password=") + kAdminPassword, {{"Origin", url()}});
    cookie_ = login.headers.get("Set-Cookie").value_or("");
    cookie_ = cookie_.substr(0, cookie_.find(';'));
  }
  base::HttpResponse api(const std::string& method, const std::string& path, const json& body = {}) {
    return call(method, "/api/" + path, body.is_null() ? "" : body.dump(),
                {{"Origin", url()}, {"Cookie", cookie_}});
  }
  const std::string& api_cookie() const { return cookie_; }
  base::HttpResponse get(const std::string& path) { return api("GET", path); }
  void write(const std::string& text, const std::string& chat = "main", const json& files = json::array()) {
    REQUIRE(api("POST", "messages",
                {{"id", "m" + std::to_string(++sent_)}, {"chat", chat}, {"text", text}, {"files", files}})
                .status == 200);
  }
  json messages(const std::string& chat = "main") {
    return json_of(get("messages?chat=" + chat).body)["messages"];
  }
  /// The newest message that holds the text, once it is there.
  json message(const std::string& text, const std::string& chat = "main") {
    json found;
    REQUIRE(support::wait_until([&] {
      for (const auto& m : messages(chat)) {
        if (contains(m["text"].get<std::string>(), text)) {
          found = m;
        }
      }
      return !found.is_null();
    }));
    return found;
  }
  void press(const json& message, const std::string& label, const std::string& text = {}) {
    for (const auto& action : message["actions"]) {
      if (action["label"] == label) {
        REQUIRE(api("POST", "actions",
                    {{"id", "a" + std::to_string(++sent_)},
                     {"chat", "main"},
                     {"action", action["id"]},
                     {"text", text}})
                    .status == 200);
        return;
      }
    }
    FAIL("there is no button " << label << " in " << message.dump());
  }

 private:
  std::string cookie_;
  int sent_ = 0;
};

/// The log names the command that ran, and the one that was asked for.
void check_log_of_change(const PageDesk& desk) {
  const auto log = [&](std::vector<std::string> what) {
    what.insert(what.begin(), "log");
    what.insert(what.end(), {"--config", desk.config_file().string()});
    return support::run_frontdesk(what, desk.folder()).output;
  };
  CHECK(contains(log({"approvals", "--grep", "made-by-git"}),
                 "permission allowed by web:local: Bash git init changed-by-me (changed by a person; asked"));
  CHECK(contains(log({"show", "d-1"}), " s  Bash git init changed-by-me\n"));
  CHECK_FALSE(contains(log({"show", "d-1"}), " s  Bash git init made-by-git\n"));
  const auto entry = support::json_of(log({"show", "d-1", "--json"}));
  CHECK(entry["approvals"][0]["allowed_instead"] == "git init changed-by-me");
  std::string commands;
  for (const auto& step : entry["timeline"]) {
    commands += step["kind"] == "command" ? step["title"].get<std::string>() + "; " : "";
  }
  CHECK(commands == "git init changed-by-me; ");
}

/// Whoever sees the log gets from there what the run made, and no other file of the project.
void check_file_of_log(PageDesk& desk) {
  const auto page = desk.get("v1/decisions/d-1/file?path=page.html");
  CHECK(page.body == "<script>alert(1)</script>");
  CHECK(page.headers.get("Content-Type") == std::optional<std::string>("text/plain; charset=utf-8"));
  CHECK(contains(page.headers.get("Content-Disposition").value_or(""), "attachment"));
  for (const char* other : {"CLAUDE.md", "..%2F..%2Ffrontdesk.toml", "link.txt", "out%2Ffrontdesk.toml"}) {
    CAPTURE(std::string(other));
    CHECK(desk.get(std::string("v1/decisions/d-1/file?path=") + other).status == 404);
  }
}

/// The file that the run made, by the run and by its decision, as it is.
void check_made_file_of_log(PageDesk& desk) {
  for (const char* entry : {"d-1", "1"}) {
    CAPTURE(std::string(entry));
    const auto file = desk.get(std::string("v1/decisions/") + entry + "/file?path=to%20do%2Fa%2Bb.txt");
    CHECK(file.status == 200);
    CHECK(file.body == "made by the run\n");
    CHECK(contains(file.headers.get("Content-Type").value_or(""), "text/plain"));
    CHECK(contains(file.headers.get("Content-Security-Policy").value_or(""), "sandbox"));
    CHECK(desk.call("GET", std::string("/api/v1/decisions/") + entry + "/file?path=to%20do%2Fa%2Bb.txt")
              .status == 401);
  }
  CHECK(desk.get("v1/decisions/d-1/file?path=attachments%2Fa_b_.txt").status == 404);
}

}  // namespace

TEST_CASE("the page hands out the files of its person's tasks, and nothing else") {
  PageDesk desk;
  desk.wants_git();
  desk.start();
  desk.write("build it");
  const auto asked = desk.message("wants to run");
  CHECK(asked["dispatch"]["asks"] == "open");
  CHECK(asked["dispatch"]["editable"] == true);
  std::ofstream(desk.projects() / "site" / "page.html") << "<script>alert(1)</script>";
  std::ofstream(desk.projects() / "site" / "two words.txt") << "hello";
  fs::create_symlink(desk.config_file(), desk.projects() / "site" / "link.txt");
  fs::create_directory_symlink(desk.folder(), desk.projects() / "site" / "out");
  desk.press(asked, "Allow once", "git init changed-by-me");
  const auto result = desk.message("**Done: site.**\n\nReady.");

  SUBCASE("the result stands below what was asked, and the changed command is what ran") {
    CHECK(result["id"].get<int>() > asked["id"].get<int>());
    CHECK(contains(desk.message("changed to:")["text"].get<std::string>(), "git init changed-by-me"));
    CHECK(fs::exists(desk.projects() / "site" / "changed-by-me"));
    CHECK_FALSE(desk.made());
    CHECK(desk.query("SELECT state || ' ' || comment FROM approvals") == "allowed git init changed-by-me");
    CHECK_FALSE(contains(result["text"].get<std::string>(), "projects/site"));
    check_log_of_change(desk);
  }
  SUBCASE("a file is shown as text that no browser runs") {
    const auto page = desk.get("files/d-1/page.html");
    CHECK(page.status == 200);
    CHECK(page.content_type == "text/plain; charset=utf-8");
    CHECK(contains(page.headers.get("Content-Security-Policy").value_or(""), "sandbox"));
    CHECK(contains(page.headers.get("Content-Disposition").value_or(""), "attachment"));
    CHECK(page.headers.get("X-Content-Type-Options") == std::optional<std::string>("nosniff"));
    CHECK(desk.get("files/d-1/two%20words.txt").body == "hello");
    check_file_of_log(desk);
    // Our client decodes what it reads there.
    CHECK(desk.get("files/d-1/two%20words.txt?download=1").headers.get("Content-Disposition").value_or("") ==
          "attachment; filename*=UTF-8''two words.txt");
    const auto zip = desk.get("files/d-1.zip");
    CHECK(zip.status == 200);
    CHECK(zip.body.starts_with("PK\x03\x04"));
    CHECK(contains(zip.body, "two words.txt"));
    CHECK_FALSE(contains(zip.body, "link.txt"));
  }
  SUBCASE("nothing outside the folder, hidden, linked or of another chat service") {
    desk.say({"build it", "c-1", "u-1"});  // d-2, of the generic platform
    REQUIRE(support::wait_until([&] { return desk.query("SELECT count(*) FROM dispatches") == "2"; }));
    for (const char* path :
         {"files/d-1/../../frontdesk.toml", "files/d-1/%2e%2e/%2e%2e/frontdesk.toml", "files/d-1//etc/passwd",
          "files/d-1/.dispatch-logs/project.json", "files/d-1/link.txt", "files/d-1/out/frontdesk.toml",
          "files/d-1/missing.txt", "files/d-1/", "files/d-1", "files/d-2/CLAUDE.md", "files/d-2.zip",
          "files/d-99.zip", "files/d-x/a", "files/", "diff/d-2/CLAUDE.md", "diff/d-1/../x"}) {
      CAPTURE(std::string(path));
      CHECK(desk.get(path).status == 404);
    }
    CHECK(desk.call("GET", "/api/files/d-1.zip").status == 401);
  }
}

TEST_CASE("files that the page sends go along with a message into the project") {
  PageDesk desk;
  desk.config.set("dispatch", "max_attachment_mb", "1");
  const auto made = desk.projects() / "site" / "to do" / "a+b.txt";
  desk.model.specialist("build", {support::write_file(made.string(), "made by the run\n"), say("Ready.")});
  desk.start();
  const auto upload = [&](const std::string& query, const std::string& bytes) {
    return desk.call("POST", "/api/files?" + query, bytes,
                     {{"Origin", desk.url()},
                      {"Cookie", desk.api_cookie()},
                      {"Content-Type", "application/octet-stream"}});
  };
  const auto begun =
      json_of(upload("name=..%2Fa%3Cb%3E.txt&type=text/plain", std::string(600'000, 'a')).body);
  const auto id = begun["file"].get<std::string>();
  CHECK(begun["size"] == 600'000);
  CHECK(json_of(upload("file=" + id + "&at=600000", "bc").body)["size"] == 600'002);
  CHECK(json_of(upload("file=" + id + "&at=600000", "bc").body)["size"] == 600'002);  // its answer was lost
  CHECK(upload("file=" + id + "&at=7", "x").status == 409);
  CHECK(upload("file=" + id + "&at=600002", std::string(600'000, 'x')).status == 413);
  CHECK(upload("file=../../frontdesk.toml&at=0", "x").status == 404);
  CHECK(desk.api("POST", "messages", {{"id", "x"}, {"text", "hi"}, {"files", {"../key"}}}).status == 400);
  // Two of one name and with the same words in them are two.
  const auto twin =
      json_of(upload("name=..%2Fa%3Cb%3E.txt&type=text/plain", std::string(600'000, 'a')).body)["file"];
  CHECK(json_of(upload("file=" + twin.get<std::string>() + "&at=600000", "bc").body)["size"] == 600'002);
  const auto unsent = json_of(upload("name=c.txt", "c").body)["file"].get<std::string>();
  CHECK(desk.api("DELETE", "files?file=" + unsent).status == 204);
  CHECK(desk.api("DELETE", "files?file=" + unsent).status == 404);
  desk.write("build it", "main", json::array({id, twin}));
  CHECK(desk.api("DELETE", "files?file=" + id).status == 204);  // the message keeps it
  desk.message("**Done: site.**");
  CHECK(fs::exists(desk.projects() / "site" / "attachments" / "a_b_-2.txt"));
  CHECK_FALSE(fs::exists(desk.projects() / "site" / "attachments" / "a_b_-3.txt"));
  std::ifstream placed(desk.projects() / "site" / "attachments" / "a_b_.txt");
  CHECK(std::string(std::istreambuf_iterator<char>(placed), {}) == std::string(600'000, 'a') + "bc");
  check_made_file_of_log(desk);
}

TEST_CASE("a person's files that wait are bounded, and an id of a message holds no slash") {
  PageDesk desk;
  desk.start();
  const auto upload = [&](const std::string& bytes) {
    return desk.call("POST", "/api/files?name=a.txt", bytes,
                     {{"Origin", desk.url()}, {"Cookie", desk.api_cookie()}});
  };
  std::string id;
  for (int i = 0; i < 200; ++i) {
    const auto taken = upload("a");
    REQUIRE(taken.status == 200);
    id = json_of(taken.body)["file"].get<std::string>();
  }
  const auto refused = upload("a");
  CHECK(refused.status == 429);
  CHECK(contains(json_of(refused.body)["error"].get<std::string>(), "Please take some back"));
  CHECK(desk.api("DELETE", "files?file=" + id).status == 204);
  CHECK(upload("a").status == 200);
  // "ada/m1" would be what a message "m1" of the person ada is stored under.
  CHECK(desk.api("POST", "messages", {{"id", "ada/m1"}, {"text", "hi"}}).status == 400);
  CHECK(desk.api("POST", "actions", {{"id", "ada/m1"}, {"action", "x"}}).status == 400);
}

TEST_CASE("chats of the page are renamed, searched and deleted, and share their projects") {
  PageDesk desk;
  desk.model.specialist("build", {say("Ready.")});
  desk.start();
  desk.write("build it", "one");
  const auto done = desk.message("**Done: site.**", "one");
  const auto state = json_of(desk.get("state?chat=two").body);
  CHECK(state["projects"][0]["slug"] == "site");
  CHECK(state["chats"][0]["title"] == "build it");
  desk.write("/projects", "two");
  CHECK(contains(desk.message("site", "two")["text"].get<std::string>(), "site"));
  CHECK(desk.api("PATCH", "chats/one", {{"title", "My site"}}).status == 204);
  CHECK(desk.api("PATCH", "chats/none", {{"title", "x"}}).status == 404);
  CHECK(json_of(desk.get("chats/one").body)["reminders"] == 0);
  CHECK(desk.get("chats/none").status == 404);
  const auto hits = json_of(desk.get("search?q=BUILD").body);
  REQUIRE(hits.size() == 1);
  CHECK(hits[0]["title"] == "My site");
  CHECK(desk.get("search?q=").status == 400);
  CHECK(contains(json_of(desk.get("why?message=" + done["id"].dump()).body)["text"].get<std::string>(),
                 "p = "));
  CHECK(desk.api("POST", "feedback", {{"message", done["id"]}, {"good", false}}).status == 200);
  REQUIRE(support::wait_until([&] {
    return desk.query("SELECT group_concat(verdict) FROM verdicts WHERE source = 'button'") == "bad_result";
  }));
  // What the thumb changed may be on its way to the page still.
  CHECK(support::wait_until([&] { return desk.api("DELETE", "chats/one").status == 204; }));
  CHECK(json_of(desk.get("search?q=build").body).empty());
  CHECK(desk.messages("one").empty());
  CHECK(support::run_frontdesk({"log", "verify", "--config", desk.config_file().string()}, desk.folder())
            .status == 0);
}
