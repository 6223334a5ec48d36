#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "dispatch/adapters/control_protocol.h"
#include "tests/support/text.h"

using dispatch::ControlProtocol;
using dispatch::Reply;
using dispatch::Request;
using nlohmann::json;
using support::contains;

namespace {

struct Fixture {
  ControlProtocol control{"/home/ada/site"};

  static std::string line(const std::string& tool, const json& input, const json& suggestions = json::array(),
                          const std::string& id = "r-1") {
    return json{{"type", "control_request"},
                {"request_id", id},
                {"request",
                 {{"subtype", "can_use_tool"},
                  {"tool_name", tool},
                  {"input", input},
                  {"permission_suggestions", suggestions}}}}
        .dump();
  }
  Request ask(const std::string& tool, const json& input, const json& suggestions = json::array()) {
    const auto request = control.take(line(tool, input, suggestions));
    REQUIRE(request);
    return *request;
  }
  json response(const Request& request, Reply::Verdict verdict, const std::string& text = {}) {
    const auto answer = control.answer({request.id, request.hash, verdict, text, {}});
    REQUIRE(answer);
    const auto object = base::parse_json(*answer).value_or(json());
    CHECK(answer->ends_with("}\n"));
    CHECK(object["response"]["request_id"] == request.id);
    return object["response"]["response"];
  }
};

TEST_SUITE("control protocol") {
  TEST_CASE_FIXTURE(Fixture, "an allowed request gets its own input back, a denied one the reason") {
    const json input = {{"command", "git commit -m x"}, {"description", "commit"}};
    auto allowed = response(ask("Bash", input), Reply::Verdict::allow);
    CHECK(allowed["behavior"] == "allow");
    CHECK(allowed["updatedInput"] == input);
    CHECK_FALSE(allowed.contains("updatedPermissions"));
    const auto denied = response(ask("Bash", input), Reply::Verdict::deny, "Not on a Sunday.");
    CHECK(denied == json{{"behavior", "deny"}, {"message", "Not on a Sunday."}});
    CHECK_FALSE(control.waits());
  }

  TEST_CASE_FIXTURE(Fixture, "for this task adds what the CLI suggested, for this session alone") {
    const json rule = {{"type", "addRules"},
                       {"rules", {{{"toolName", "Bash"}, {"ruleContent", "git commit:*"}}}},
                       {"behavior", "allow"},
                       {"destination", "localSettings"}};
    const json folder = {{"type", "addDirectories"}, {"directories", {"/"}}, {"destination", "session"}};
    const auto request = ask("Bash", {{"command", "git commit -m x"}}, {rule, folder});
    CHECK(request.scope == "every command that begins with `git commit` (the rule `Bash(git commit:*)`)");
    const auto answer = response(request, Reply::Verdict::allow_for_task);
    REQUIRE(answer["updatedPermissions"].size() == 1);
    CHECK(answer["updatedPermissions"][0]["destination"] == "session");
    CHECK(answer["updatedPermissions"][0]["rules"] == rule["rules"]);
    CHECK(request.rules == std::vector<std::string>{"Bash(git commit:*)"});
    CHECK(ask("Bash", {{"command", "ls"}}, json::array({folder})).scope.empty());
    CHECK(ask("Bash", {{"command", "ls"}}, json::array({folder})).rules.empty());
  }

  TEST_CASE_FIXTURE(Fixture, "a rule that the CLI would read otherwise as an argument is not named") {
    const auto named = [&](const std::string& tool, const std::string& content) {
      json rule = {{"toolName", tool}};
      if (!content.empty()) {
        rule["ruleContent"] = content;
      }
      return ask("Bash", {{"command", "x"}},
                 {{{"type", "addRules"},
                   {"rules", {rule}},
                   {"behavior", "allow"},
                   {"destination", "session"}}})
          .rules;
    };
    CHECK(named("WebFetch", "") == std::vector<std::string>{"WebFetch"});
    CHECK(named("Read", "//etc/**") == std::vector<std::string>{"Read(//etc/**)"});
    CHECK(named("Bash", "echo (x)").empty());
    CHECK(named("Bash", "echo x), Bash(rm:*").empty());
    CHECK(named("Bash", "echo x\\").empty());
    CHECK(named("Bash", "echo\nrm").empty());
    CHECK(named("Bash,Write", "").empty());
  }

  TEST_CASE_FIXTURE(Fixture, "a reply for something else than what is asked is not taken") {
    const auto harmless = ask("Bash", {{"command", "ls"}});
    control.take(line("Bash", {{"command", "rm -rf /"}}));  // the same id, another command
    CHECK_FALSE(control.answer({harmless.id, harmless.hash, Reply::Verdict::allow, {}, {}}));
    CHECK(control.waits());
    CHECK_FALSE(control.answer({"r-2", harmless.hash, Reply::Verdict::allow, {}, {}}));
  }

  TEST_CASE_FIXTURE(Fixture, "a request that is taken back is not open any more") {
    const auto request = ask("Bash", {{"command", "ls"}});
    CHECK(control.withdrawn(R"({"type":"control_cancel_request","request_id":"r-1"})") ==
          std::optional<std::string>("r-1"));
    CHECK_FALSE(control.waits());
    CHECK_FALSE(control.answer({request.id, request.hash, Reply::Verdict::allow, {}, {}}));
    CHECK_FALSE(control.withdrawn(R"({"type":"control_cancel_request","request_id":"r-1"})"));
  }

  TEST_CASE_FIXTURE(Fixture, "what is to be done is shown exactly") {
    CHECK(ask("Bash", {{"command", "a\nb"}}).detail == "run this command:\n\n```\na\nb\n```");
    CHECK(ask("Write", {{"file_path", "/home/ada/site/x/a.py"}, {"content", "print(1)\n"}}).detail ==
          "write the file `x/a.py`:\n\n```\nprint(1)\n```");
    CHECK(contains(ask("Write", {{"file_path", "/etc/passwd"}, {"content", ""}}).detail, "`/etc/passwd`"));
    CHECK(ask("Edit",
              {{"file_path", "/home/ada/site/a.py"}, {"old_string", "one\ntwo"}, {"new_string", "three"}})
              .detail == "change the file `a.py`:\n\n```diff\n- one\n- two\n+ three\n```");
    CHECK(contains(ask("WebFetch", {{"url", "https://example.org"}}).detail, "https://example.org"));
    CHECK(contains(ask("Strange", {{"x", 1}}).detail, "use the tool `Strange` with:"));
  }

  TEST_CASE_FIXTURE(Fixture, "nothing can hide in it") {
    // A fence in the command, a terminal escape, a right-to-left override, a zero-width space.
    const auto detail =
        ask("Bash", {{"command", "echo ```\n# hidden\x1b[2K \xE2\x80\xAE txt \xE2\x80\x8B"}}).detail;
    CHECK(contains(detail, "````\necho ```\n"));
    CHECK(contains(detail, "\\x1b[2K"));
    CHECK(contains(detail, "\\u{202e}"));
    CHECK(contains(detail, "\\u{200b}"));
    const auto longer = ask("Bash", {{"command", std::string(50'000, 'a') + "rm -rf /"}}).detail;
    CHECK(longer.size() < 13'000);
    CHECK(contains(longer, "can only be denied"));
    CHECK_FALSE(ask("Bash", {{"command", std::string(50'000, 'a')}}).shown_whole);
    CHECK(ask("Bash", {{"command", "ls"}}).shown_whole);
    CHECK(contains(ask("Bash", {{"command", "ls"}, {"dangerouslyDisableSandbox", true}}).detail,
                   "With `dangerouslyDisableSandbox`:\n\n```json\ntrue\n```"));
  }

  TEST_CASE_FIXTURE(Fixture, "nothing is pushed out of sight") {
    const auto far_below = ask("Bash", {{"command", "ls" + std::string(300, '\n') + "touch x"}}).detail;
    CHECK(contains(far_below, "ls\n[… 299 empty lines …]\ntouch x\n"));
    const auto far_right = ask("Bash", {{"command", "ls" + std::string(500, ' ') + "; touch x"}}).detail;
    CHECK(contains(far_right, "ls[… 500 blanks …]; touch x\n"));
    CHECK(
        contains(ask("Bash", {{"command", "if a; then\n\n    b\nfi"}}).detail, "if a; then\n\n    b\nfi\n"));
    std::string filled = "ls\n";
    for (int i = 0; i < 100; ++i) {
      filled += ": more of it\n";
    }
    const auto many = ask("Bash", {{"command", filled + "touch `x`\n"}}).detail;
    CHECK(many.ends_with(
        "It has 102 lines; read all of them before you allow it. The last one: `` touch `x` ``"));
    CHECK(ask("Bash", {{"command", filled}}).shown_whole);
  }

  TEST_CASE_FIXTURE(Fixture, "a name stays within its line") {
    const auto tool = ask("x` with:\n\n```\nls\n```\n\n**", {{"a", 1}}).detail;
    CHECK(tool.starts_with(
        "use the tool ```` x` with:\\x0a\\x0a```\\x0als\\x0a```\\x0a\\x0a** ```` with:\n\n```json\n"));
    CHECK(ask("Read", {{"file_path", "/home/ada/site/a`\nb"}}).detail == "read the file `` a`\\x0ab ``");
    CHECK(contains(ask("Read", {{"file_path", "a"}, {"b`\n\nc", 1}}).detail, "With `` b`\\x0a\\x0ac ``:"));
    const auto longer = ask(std::string(100'000, 't'), {{"a", 1}});
    CHECK(longer.detail.size() < 2'000);
    CHECK_FALSE(longer.shown_whole);
  }

  TEST_CASE_FIXTURE(Fixture, "what a rule allows is said in words beside it") {
    const auto scope = [&](const json& rules) {
      const json suggestion = {{"type", "addRules"}, {"rules", rules}, {"behavior", "allow"}};
      return ask("Bash", {{"command", "ls"}}, json::array({suggestion})).scope;
    };
    CHECK(scope(json::array({{{"toolName", "Bash"}, {"ruleContent", "npm test"}}})) ==
          "the command `npm test`, each time (the rule `Bash(npm test)`)");
    const auto command = [&](const char* pattern) {
      return scope(json::array({{{"toolName", "Bash"}, {"ruleContent", pattern}}}));
    };
    CHECK(command("git init *") == "every command that begins with `git init` (the rule `Bash(git init *)`)");
    CHECK(command("git * main") ==
          "every command of the form `git * main`, where * is anything at all (the rule `Bash(git * main)`)");
    CHECK(command("*").starts_with("every command of the form `*`"));
    CHECK(scope(json::array({{{"toolName", "WebSearch"}}})) ==
          "every use of `WebSearch` (the rule `WebSearch`)");
    CHECK(
        scope(json::array({{{"toolName", "Bash"}, {"ruleContent", "a:*"}},
                           {{"toolName", "Read"}, {"ruleContent", "/x/**"}}})) ==
        "every command that begins with `a` (the rule `Bash(a:*)`), every use of `Read` on `/x/**` (the rule "
        "`Read(/x/**)`)");
  }

  TEST_CASE_FIXTURE(Fixture, "nothing can hide in a plan") {
    CHECK(ask("ExitPlanMode", {{"plan", "1. *Build* \xE2\x80\xAE it\n\xE2\x80\x8B\x1b[2K"}}).detail ==
          "1. *Build* \\u{202e} it\n\\u{200b}\\x1b[2K");
    control.take(R"({"type":"assistant","message":{"content":[{"type":"text","text":"So\u2066 it is"}]}})");
    CHECK(ask("ExitPlanMode", json::object()).detail == "So\\u{2066} it is");
  }

  TEST_CASE_FIXTURE(Fixture, "questions come with their options, and answers go back beside them") {
    const json input = {{"questions",
                         {{{"question", "Which DB?"},
                           {"multiSelect", true},
                           {"options", {{{"label", "sqlite"}}, {{"label", "pg"}}}}}}}};
    const auto request = ask("AskUserQuestion", input);
    CHECK(request.kind == Request::Kind::question);
    REQUIRE(request.questions.size() == 1);
    CHECK(request.questions[0].several);
    CHECK(request.questions[0].options == std::vector<std::string>{"sqlite", "pg"});
    const auto answer =
        control.answer({request.id, request.hash, Reply::Verdict::allow, {}, {{"Which DB?", "sqlite"}}});
    CHECK(base::parse_json(answer.value_or(""))
              .value_or(json())["response"]["response"]["updatedInput"]["answers"]["Which DB?"] == "sqlite");
  }

  TEST_CASE_FIXTURE(Fixture, "a plan is taken from the request, else from what the model wrote before") {
    CHECK(ask("ExitPlanMode", {{"plan", "The plan"}}).detail == "The plan");
    CHECK(contains(ask("ExitPlanMode", json::object()).detail, "did not describe its plan"));
    control.take(R"({"type":"assistant","message":{"content":[{"type":"text","text":"I would do this."}]}})");
    CHECK(ask("ExitPlanMode", json::object()).detail == "I would do this.");
    control.take(
        R"({"type":"assistant","message":{"content":[{"type":"tool_use","name":"Write","input":{"file_path":"/h/.claude/plans/a.md","content":"In a file"}}]}})");
    const auto request = ask("ExitPlanMode", json::object());
    CHECK(request.detail == "In a file");
    CHECK(response(request, Reply::Verdict::allow)["updatedPermissions"][0]["mode"] == "acceptEdits");
  }

  TEST_CASE_FIXTURE(Fixture, "a question without a readable input can be answered, too") {
    const json input = json::array({1});
    CHECK(response(ask("AskUserQuestion", input), Reply::Verdict::allow)["updatedInput"] == input);
  }

  TEST_CASE_FIXTURE(Fixture, "other lines, and nonsense, ask for nothing") {
    for (const auto* other :
         {"", "{}", R"({"type":"control_request"})", R"({"type":"control_request","request":7})",
          R"({"type":"control_request","request_id":"x","request":{"subtype":"hook_callback"}})",
          R"({"type":"control_response","response":{}})",
          R"({"type":"assistant","message":{"content":"x"}})"}) {
      CHECK_FALSE(control.take(other));
      CHECK_FALSE(control.withdrawn(other));
    }
    CHECK(
        control.take(R"({"type":"control_request","request_id":"y","request":{"subtype":"can_use_tool"}})"));
  }
}

}  // namespace
