// Situations from public reports of other assistants: what tools by MCP do in a chat that is used all day.
#include <filesystem>
#include <set>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "tests/support/checkout.h"
#include "tests/support/program/desk.h"
#include "tests/support/text.h"
#include "tests/support/wait.h"

using nlohmann::json;
using support::contains;
using support::count_of;
using support::Desk;
using support::ModelRequest;
using support::say;
using support::use;

namespace {

json tool(const std::string& name, json properties = json::object(), const json& required = json::array()) {
  return {
      {"name", name},
      {"description", "Does " + name},
      {"inputSchema", {{"type", "object"}, {"properties", std::move(properties)}, {"required", required}}}};
}

/// A desk with the server of tests/fakes/mcp_by_file.mjs, for everybody.
class FieldDesk : public Desk {
 public:
  FieldDesk(const json& server, const std::string& allow, const std::string& ask) : Desk(Claude::fake) {
    std::filesystem::create_directories(folder() / "field");
    is_now(server);
    const auto script = support::source_dir() + "/tests/fakes/mcp_by_file.mjs";
    config.set("mcp_servers.field", "command", "\"node\"")
        .set("mcp_servers.field", "args", "[\"" + script + "\", \"" + file() + "\"]")
        .set("mcp_servers.field", "allow", allow)
        .set("mcp_servers.field", "ask", ask)
        .set("mcp_servers.field", "people", "[\"*\"]")
        .set("mcp_servers.field", "state", "[\"" + (folder() / "field").string() + "\"]");
  }
  std::string file() const { return (folder() / "field/server.json").string(); }
  void is_now(const json& server) const { support::write_text(file(), server.dump()); }
  std::size_t calls() const {
    return count_of(base::read_file_if_exists(file() + ".log").value_or(""), "\"tools/call\"");
  }
  support::Shown asked() const {
    return callbacks.wait_for([](const auto& shown) { return !shown.action("Do it").empty(); });
  }
  ModelRequest last_request() const { return model.requests(ModelRequest::From::secretary).back(); }
  std::string raw_of_last() const { return last_request().raw; }
};

}  // namespace

TEST_CASE("a tool that the server has gained meanwhile is known in the next turn, and off") {
  const json both = {tool("login"), tool("fetch")};
  FieldDesk desk({{"tools", {tool("login")}}, {"after", {{"login", {{"tools", both}}}}}}, R"(["*"])", "[]");
  desk.model.secretary("log in", {use("field__login", json::object()), say("I am in.")});
  desk.start();
  desk.answer_to(desk.say({"log in"}));
  CHECK_FALSE(desk.last_request().offers("field__fetch"));
  desk.answer_to(desk.say({"hello"}));
  CHECK(contains(desk.raw_of_last(), "The tool field/fetch is switched off"));
}

TEST_CASE("tools that a server shows only after a login are named by doctor, and taken by --accept") {
  const auto run = [](const FieldDesk& desk, std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--config", desk.config_file().string()});
    return support::run_frontdesk(arguments, desk.folder(), desk.environment);
  };
  const json first = {{"tools", {tool("login")}},
                      {"after", {{"login", {{"tools", {tool("login"), tool("fetch"), tool("other")}}}}}}};
  FieldDesk desk(first, R"(["login", "fetch"])", "[]");
  desk.model.secretary("log in", {use("field__login", json::object()), say("I am in.")});
  desk.start();
  desk.answer_to(desk.say({"log in"}));
  desk.is_now(first);  // whoever starts it is not logged in
  CHECK(contains(run(desk, {"doctor"}).output, "off until you look: fetch (seen while serve ran)"));
  const auto listed = run(desk, {"tools", "field"}).output;
  CHECK_MESSAGE(contains(listed, "says nothing of what it does; not shown now, but seen while serve ran"),
                listed);
  CHECK(contains(listed, "\"other\""));
  CHECK(contains(run(desk, {"tools", "field", "--accept"}).errors, "1 had changed"));
  CHECK(contains(run(desk, {"doctor"}).output,
                 "ok    mcp_servers.field: protocol 2025-06-18, 3 tools, 2 of them on"));
  desk.is_now({{"tools", {tool("login"), tool("fetch"), tool("other")}}});
  desk.answer_to(desk.say({"hello"}));
  CHECK(desk.last_request().offers("field__fetch"));
  CHECK_FALSE(desk.last_request().offers("field__other"));
}

TEST_CASE("what was changed in a turn is seen when it is read again") {
  FieldDesk desk({{"tools", {tool("list"), tool("create")}},
                  {"answers", {{"list", "no events"}}},
                  {"after", {{"create", {{"answers", {{"list", "1 event: lunch"}}}}}}}},
                 R"(["*"])", "[]");
  desk.model.secretary("lunch", {use("field__list", json::object()), use("field__create", json::object()),
                                 use("field__list", json::object()), say("It is in.")});
  desk.start();
  desk.answer_to(desk.say({"add lunch"}));
  CHECK(desk.model.saw("1 event: lunch"));
  CHECK(desk.calls() == 3);
}

TEST_CASE("a call that does not fit its schema goes back to the model, and nobody is asked") {
  const json properties = {{"to", {{"type", "array"}, {"items", {{"type", "string"}}}}},
                           {"body", {{"type", "string"}}}};
  FieldDesk desk({{"tools", {tool("send", properties, {"to", "body"})}}}, "[]", R"(["send"])");
  desk.model.secretary("mail", {use("field__send", {{"to", "ann@example.org"}}), say("I need more.")});
  desk.start();
  desk.answer_to(desk.say({"mail Ann"}));
  CHECK(desk.query("SELECT count(*) FROM messages WHERE text LIKE '%Shall I do this?%'") == "0");
  CHECK_FALSE(contains(desk.raw_of_last(), "Not done yet"));
}

TEST_CASE("times are shown in the zone of the person, however deep they stand") {
  FieldDesk desk({{"tools", {tool("create")}}}, "[]", R"(["create"])");
  desk.config.set("secretary", "timezone", "\"Europe/Zurich\"");
  desk.model.secretary(
      "lunch", {use("field__create", {{"start", {{"dateTime", "2026-12-01T11:00:00Z"}}}}), say("Prepared.")});
  desk.start();
  desk.answer_to(desk.say({"lunch at noon"}));
  CHECK(contains(desk.asked().text, "2026-12-01 12:00"));
}

TEST_CASE("a typed yes is Do it, and a typed no is No") {
  FieldDesk desk({{"tools", {tool("send")}}}, "[]", R"(["send"])");
  desk.model.secretary("mail", {use("field__send", {{"text", "Hi"}}), say("Prepared.")});
  desk.start();
  desk.answer_to(desk.say({"mail Ann"}));
  desk.asked();
  SUBCASE("yes") {
    CHECK(contains(desk.answer_to(desk.say({"yes"})).text, "It says"));
    CHECK(desk.calls() == 1);
  }
  SUBCASE("yes of somebody else") {
    desk.answer_to(desk.say({"yes", "c-1", "u-2"}));
    CHECK(desk.calls() == 0);
    CHECK(desk.query("SELECT state FROM tool_calls") == "open");
  }
  SUBCASE("no") {
    desk.say({"no"});
    CHECK(support::wait_until([&] { return desk.query("SELECT state FROM tool_calls") == "refused"; }));
    CHECK(desk.calls() == 0);
  }
}

TEST_CASE("what is structured reaches the model beside a short text") {
  const json result = {{"content", {{{"type", "text"}, {"text", "2 items"}}}},
                       {"structuredContent", {{"items", {"alpha", "beta"}}}}};
  FieldDesk desk({{"tools", {tool("list")}}, {"answers", {{"list", result}}}}, R"(["*"])", "[]");
  desk.model.secretary("which", {use("field__list", json::object()), say("Two.")});
  desk.start();
  desk.answer_to(desk.say({"which"}));
  CHECK(desk.model.saw("alpha"));
  CHECK(desk.model.saw("2 items"));
}

TEST_CASE("a schema that providers refuse takes no other tool along") {
  auto choice = tool("choice", {{"a", {{"type", "string"}}}});
  choice["inputSchema"]["oneOf"] = json::array({{{"required", {"a"}}}});
  const auto odd = tool("odd", {{"$filter", {{"type", "string"}}}});
  FieldDesk desk({{"tools", {choice, odd, tool("good")}}}, R"(["*"])", "[]");
  desk.start();
  desk.answer_to(desk.say({"what do you have?"}));
  CHECK(desk.last_request().offers("field__good"));
  for (const auto& offered : desk.last_request().body->at("tools")) {
    const auto& schema = offered.at("input_schema");
    CHECK_FALSE(schema.contains("oneOf"));
    const auto properties = schema.value("properties", json::object());
    for (auto at = properties.begin(); at != properties.end(); ++at) {
      CHECK(at.key().find_first_of("$ ") == std::string::npos);
    }
  }
}

TEST_CASE(
    "where the model fails behind a call, the person is told what was done, and asked before it is done again") {
  FieldDesk desk({{"tools", {tool("create")}}, {"held", {"create"}}}, R"(["*"])", "[]");
  const auto create = use("field__create", {{"what", "lunch"}});
  desk.model.secretary("lunch", {create, say("Done.")});
  desk.model.secretary("try again", {create, say("Prepared.")});
  desk.model.secretary("once more", {create, say("Prepared.")});
  desk.start();
  const auto id = desk.say({"add lunch"});
  REQUIRE(support::wait_until([&] { return desk.calls() == 1; }));
  base::HttpResponse overloaded;
  overloaded.status = 529;
  overloaded.body = R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})";
  desk.model.fail(ModelRequest::From::secretary, overloaded);
  support::write_text(desk.file() + ".go", "");
  const auto told = desk.answer_to(id).text;
  CHECK_MESSAGE(contains(told, "overloaded"), told);
  CHECK_MESSAGE(contains(told, "`create` of field: done, as the tool says (`what: lunch`)"), told);
  desk.model.fail(ModelRequest::From::secretary, std::nullopt);
  desk.answer_to(desk.say({"please try again"}));
  const auto asked = desk.asked();
  CHECK(contains(desk.raw_of_last(), "the turn failed behind it"));
  CHECK_MESSAGE(contains(asked.text, "This same call was made before"), asked.text);
  CHECK(desk.calls() == 1);
  CHECK(contains(desk.answer_to(desk.click(asked.action("Do it"))).text, "It says"));
  CHECK(desk.calls() == 2);
  desk.answer_to(desk.say({"once more"}));  // what the person knows of is theirs to repeat
  CHECK(desk.calls() == 3);
}

TEST_CASE("a question for a call that was made before says so") {
  FieldDesk desk({{"tools", {tool("send")}}}, "[]", R"(["send"])");
  const auto send = use("field__send", {{"to", "ann"}});
  desk.model.secretary("mail", {send, say("Prepared.")});
  desk.model.secretary("thanks", {send, say("Prepared again.")});
  desk.start();
  desk.answer_to(desk.say({"mail Ann"}));
  const auto first = desk.asked();
  CHECK_FALSE(contains(first.text, "made before"));
  desk.answer_to(desk.click(first.action("Do it")));
  desk.answer_to(desk.say({"thanks"}));
  desk.callbacks.wait_for([](const auto& shown) {
    return !shown.action("Do it").empty() && contains(shown.text, "This same call was made before, on ") &&
           contains(shown.text, "it was done, as the tool says");
  });
}

TEST_CASE("tools whose names become the same one are all there, each under one of its own") {
  FieldDesk desk({{"tools", {tool("a.b"), tool("a_b"), tool("a b")}}}, R"(["*"])", "[]");
  desk.start();
  desk.answer_to(desk.say({"what do you have?"}));
  std::set<std::string> names;
  for (const auto& offered : desk.last_request().body->at("tools")) {
    if (const auto name = offered.at("name").get<std::string>(); name.starts_with("field__")) {
      names.insert(name);
    }
  }
  CHECK(names.size() == 3);
  CHECK(names.contains("field__a_b"));
}

TEST_CASE("the next turn knows what was called, and what it said") {
  FieldDesk desk({{"tools", {tool("create")}}, {"answers", {{"create", "created event ev-42"}}}}, R"(["*"])",
                 "[]");
  desk.model.secretary("lunch", {use("field__create", {{"what", "lunch"}}), say("It is in your calendar.")});
  desk.start();
  desk.model.secretary("build", {support::propose("high", "site")});
  desk.answer_to(desk.say({"add lunch"}));
  desk.answer_to(desk.say({"move it to one o'clock"}));
  CHECK(contains(desk.raw_of_last(), "ev-42"));
  // What a tool said is the word of others, so that it orders nothing by itself.
  CHECK_FALSE(desk.answer_to(desk.say({"build a site"})).action("Yes").empty());
  CHECK(desk.query("SELECT cause FROM decisions ORDER BY id DESC LIMIT 1") == "rule:foreign-text");
  desk.answer_to(desk.say({"and I?", "c-1", "u-2"}));
  CHECK_FALSE(contains(desk.raw_of_last(), "ev-42"));
  desk.answer_to(desk.say({"/new"}));
  desk.answer_to(desk.say({"what did you do?"}));
  CHECK_FALSE(contains(desk.raw_of_last(), "ev-42"));
}

TEST_CASE("of two questions one is answered by its number, and one by a reply to its message") {
  const json to = {{"to", {{"type", "string"}}}};
  FieldDesk desk({{"tools", {tool("send", to)}}}, "[]", R"(["send"])");
  desk.model.secretary("mail Ann", {use("field__send", {{"to", "ann"}}), say("Prepared.")});
  desk.model.secretary("mail Bob", {use("field__send", {{"to", "bob"}}), say("Prepared, too.")});
  desk.start();
  desk.answer_to(desk.say({"mail Ann"}));
  desk.asked();
  desk.answer_to(desk.say({"mail Bob"}));
  const auto ann = desk.callbacks.wait_for([](const auto& shown) {
    return contains(shown.text, "Question 1") && contains(shown.text, "to: ann");
  });
  desk.callbacks.wait_for([](const auto& shown) {
    return contains(shown.text, "Question 2") && contains(shown.text, "to: bob");
  });
  const auto which = desk.answer_to(desk.say({"yes"})).text;
  CHECK_MESSAGE(contains(which, "- **1**: `send` of field (`to: ann`)"), which);
  CHECK(contains(desk.answer_to(desk.say({"yes 2"})).text, "It says"));
  CHECK(desk.query("SELECT group_concat(state) FROM (SELECT state FROM tool_calls ORDER BY id)") ==
        "open,done");
  auto reply = json::parse(Desk::message_body({"no", "c-1", "u-1", "m-reply"}));
  reply["reply_to"] = ann.id;
  CHECK(desk.post(reply.dump()).status == 200);
  CHECK(support::wait_until([&] {
    return desk.query("SELECT group_concat(state) FROM (SELECT state FROM tool_calls ORDER BY id)") ==
           "refused,done";
  }));
  CHECK(desk.calls() == 1);
}

TEST_CASE("a link, an address and a path in a reminder can be pressed and copied") {
  Desk desk(Desk::Claude::fake);
  const std::string text = "join https://meet.example.org/abc?x=1 and mail bob@example.org, see /etc/hosts";
  desk.model.secretary("remind", {support::remind(text, std::chrono::seconds(1)), say("I will.")});
  desk.start();
  desk.answer_to(desk.say({"remind me"}));
  const auto shown =
      desk.callbacks.wait_for([](const auto& s) { return contains(s.text, "Reminder: join"); });
  CHECK(contains(shown.text, "https://meet.example.org/abc?x=1"));
  CHECK(contains(shown.text, "bob@example.org"));
  CHECK(contains(shown.text, "/etc/hosts"));
}
