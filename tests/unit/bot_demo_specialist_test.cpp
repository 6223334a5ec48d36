#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <variant>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <stdlib.h>

#include "bot/demo/scripts.h"
#include "bot/demo/specialist.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/text.h"

namespace {

using nlohmann::json;
using support::contains;

/// What Claude Code does around the model: keeps the conversation, carries out Read, Write and Edit in a
/// project folder that is held in memory, and sends everything again.
class FakeClaudeCode {
 public:
  std::map<std::string, std::string> files;
  std::vector<std::string> calls;                                   ///< "Write app.py"
  std::function<std::string(const std::string& tool, int)> refuse;  ///< an error text for that call, or ""
  int max_turns = 30;

  /// The final text, or "" where the turns ran out before.
  std::string run(const std::string& prompt) {
    add("user",
        {{{"type", "text"}, {"text", "<system-reminder>\nAdd pagination. Make it dark.\n</system-reminder>"}},
         {{"type", "text"}, {"text", prompt}}});
    for (int turn = 0; turn < max_turns; ++turn) {
      const auto answer = ask();
      json content = json::array({{{"type", "text"}, {"text", answer.text}}});
      if (answer.tool.empty()) {
        add("assistant", content);
        return answer.text;
      }
      const auto id = "t" + std::to_string(messages_.size());
      json input = json::object();
      for (const auto& [name, value] : answer.arguments) {
        input[name] = value;
      }
      content.push_back({{"type", "tool_use"}, {"id", id}, {"name", answer.tool}, {"input", input}});
      add("assistant", content);
      auto result = carry_out(answer.tool, input);
      result["type"] = "tool_result";
      result["tool_use_id"] = id;
      add("user", json::array({result}));
    }
    return "";
  }

 private:
  void add(const char* role, json content) {
    messages_.push_back({{"role", role}, {"content", std::move(content)}});
  }

  bot::demo::Turn ask() const {
    json messages = messages_;
    messages.push_back(
        {{"role", "system"}, {"content", "# Environment\n - Primary working directory: /project\n"}});
    const json request = {{"model", "m"}, {"messages", messages}};
    const auto read = bot::demo::read_conversation(request.dump());
    REQUIRE(std::holds_alternative<bot::demo::Conversation>(read));
    return specialist_turn(std::get<bot::demo::Conversation>(read));
  }

  json carry_out(const std::string& tool, const json& input) {
    if (tool == "Bash") {
      calls.push_back("Bash " + input["command"].get<std::string>());
      const auto error = refuse ? refuse(calls.back(), static_cast<int>(calls.size())) : "";
      return error.empty() ? json{{"content", "Initialized empty Git repository"}}
                           : json{{"content", error}, {"is_error", true}};
    }
    const std::string path = input["file_path"];
    REQUIRE(path.starts_with("/project/"));
    const auto name = path.substr(9);
    calls.push_back(tool + " " + name);
    const auto error = refuse ? refuse(tool + " " + name, static_cast<int>(calls.size())) : "";
    if (!error.empty()) {
      return {{"content", error}, {"is_error", true}};
    }
    if (tool == "Read") {
      return read(name);
    }
    const bool existed = files.contains(name);
    if (tool == "Write") {
      files[name] = input["content"];
    } else {
      const std::string old_text = input["old_string"];
      const auto at = files[name].find(old_text);
      REQUIRE(at != std::string::npos);
      files[name].replace(at, old_text.size(), input["new_string"].get<std::string>());
    }
    return {{"content", existed ? "The file has been updated successfully." : "File created successfully"}};
  }

  json read(const std::string& name) const {
    if (!files.contains(name)) {
      return {{"content", "File does not exist."}, {"is_error", true}};
    }
    std::string numbered;
    std::istringstream text(files.at(name));
    int number = 0;
    for (std::string line; std::getline(text, line);) {
      numbered += (number == 0 ? "" : "\n") + std::to_string(number + 1) + "\t" + line;
      ++number;
    }
    return {{"content", numbered}};
  }

  json messages_ = json::array();
};

using Calls = std::vector<std::string>;

constexpr const char* kBuild = "Build a small REST API for tasks in Python";

TEST_CASE("the specialist writes the task API one file a turn and says that nothing was run") {
  FakeClaudeCode cli;
  const auto text = cli.run(kBuild);
  CHECK(cli.calls == Calls{"Write app.py", "Write test_app.py", "Write README.md"});
  CHECK(cli.files["app.py"] == bot::demo::task_api_app({}));
  CHECK(contains(text, "`README.md`"));
  CHECK(contains(text, "I ran nothing"));
}

TEST_CASE("the specialist asks to run a command once, and says what became of it") {
  FakeClaudeCode cli;
  SUBCASE("allowed") {
    CHECK(contains(cli.run("Start a Git repository for my notes"), "said: Initialized empty Git repository"));
  }
  SUBCASE("denied") {
    cli.refuse = [](const std::string& tool, int) {
      return tool == "Bash git init" ? "The person said no." : "";
    };
    CHECK(contains(cli.run("Start a Git repository for my notes"),
                   "did not run or failed: The person said no."));
  }
  CHECK(cli.calls == Calls{"Write README.md", "Bash git init"});
}

TEST_CASE("pagination and search are added in either order and end in the same files") {
  FakeClaudeCode first;
  first.run(kBuild);
  first.calls.clear();
  CHECK(contains(first.run("Add pagination"), "I added pagination"));
  CHECK(first.calls == Calls{"Read app.py", "Write app.py", "Write test_pagination.py", "Read README.md",
                             "Write README.md"});
  first.run("now add a search by title");
  FakeClaudeCode second;
  second.run(kBuild);
  second.run("add a search by title");
  second.run("Please paginate the list");
  CHECK(first.files == second.files);
  CHECK(first.files["app.py"] == bot::demo::task_api_app({true, true}));
  FakeClaudeCode at_once;
  at_once.run("Build a REST API for tasks with pagination and search by title");
  CHECK(at_once.files == first.files);
  at_once.calls.clear();
  CHECK(contains(at_once.run("add pagination"), "changed nothing"));
  CHECK(at_once.calls.empty());
}

TEST_CASE("a follow-up without the file in the conversation is refused plainly") {
  FakeClaudeCode cli;
  CHECK(contains(cli.run("Add pagination"), "I have not written an `app.py`"));
  CHECK(contains(cli.run("make it dark"), "I have not written an `index.html`"));
  CHECK(cli.calls.empty());
}

TEST_CASE("the countdown page changes its colours by an edit and keeps what others changed") {
  FakeClaudeCode cli;
  cli.run("Make a web page that counts down to New Year");
  CHECK(contains(cli.run("make it dark"), "dark now"));
  CHECK(cli.files["index.html"] == bot::demo::countdown_page(bot::demo::Theme::dark));
  cli.files["index.html"] += "<!-- mine -->\n";
  cli.calls.clear();
  CHECK(contains(cli.run("make it blue"), "blue now"));
  CHECK(cli.calls == Calls{"Read index.html", "Edit index.html"});
  CHECK(cli.files["index.html"] == bot::demo::countdown_page(bot::demo::Theme::blue) + "<!-- mine -->\n");
  CHECK(contains(cli.run("make it blue"), "changed nothing"));
}

TEST_CASE("a program that somebody else changed is left as it is") {
  FakeClaudeCode cli;
  cli.run(kBuild);
  cli.files["app.py"] += "# mine\n";
  const auto changed = cli.files;
  CHECK(contains(cli.run("add pagination"), "changed since I wrote it"));
  CHECK(cli.files == changed);
}

TEST_CASE("after an interruption the specialist writes only what is missing") {
  for (const std::string note :
       {"Continue where you left off.", "You were interrupted. Please carry on with the task."}) {
    FakeClaudeCode cli;
    cli.max_turns = 2;
    CHECK(cli.run(kBuild).empty());
    cli.max_turns = 30;
    cli.calls.clear();
    const auto text = cli.run(note);
    CHECK(cli.calls == Calls{"Write README.md"});
    CHECK(contains(text, "`app.py`"));
    CHECK(contains(text, "`README.md`"));
  }
}

TEST_CASE("a file that must be read before it is overwritten is read, then written once more") {
  FakeClaudeCode cli;
  cli.files["app.py"] = "something else\n";
  cli.refuse = [](const std::string& call, int number) {
    return call == "Write app.py" && number == 1
               ? "File has not been read yet. Read it first before writing to it."
               : "";
  };
  const auto text = cli.run(kBuild);
  CHECK(Calls(cli.calls.begin(), cli.calls.begin() + 3) ==
        Calls{"Write app.py", "Read app.py", "Write app.py"});
  CHECK(contains(text, "it is replaced"));
}

TEST_CASE("a refused action ends the work with what was refused and what was written") {
  FakeClaudeCode cli;
  cli.refuse = [](const std::string& call, int) {
    return call == "Write test_app.py"
               ? "Claude requested permissions to write, but you haven't granted it yet."
               : "";
  };
  const auto text = cli.run(kBuild);
  CHECK(cli.calls == Calls{"Write app.py", "Write test_app.py"});
  CHECK(contains(text, "haven't granted it yet"));
  CHECK(contains(text, "Written before that: `app.py`."));
  cli.refuse = nullptr;
  CHECK(contains(cli.run("continue"), "`test_app.py`"));
  CHECK(cli.files.size() == 3);
}

TEST_CASE("for a file that is gone the specialist writes it anew") {
  FakeClaudeCode cli;
  cli.run("Make a web page that counts down to New Year");
  cli.files.clear();
  CHECK(contains(cli.run("make it green"), "green now"));
  CHECK(cli.files["index.html"] == bot::demo::countdown_page(bot::demo::Theme::green));
}

TEST_CASE("tasks without a script and reviews change nothing and say so") {
  FakeClaudeCode cli;
  CHECK(contains(cli.run("Write a chess program"), "nothing was done"));
  CHECK(contains(cli.run("You are an independent reviewer. Review the task API in app.py."),
                 "no review was done"));
  CHECK(contains(FakeClaudeCode().run("continue where you left off"), "nothing was done"));
  CHECK(cli.calls.empty());
}

TEST_CASE("the comparison is one report") {
  FakeClaudeCode cli;
  CHECK(contains(cli.run("Compare SQLite and PostgreSQL for a small web shop and write report.md"),
                 "`report.md`"));
  CHECK(cli.files.size() == 1);
}

TEST_CASE("the program that the demo writes passes the tests that it writes") {
  if (std::system("python3 -c 'import sqlite3' >/dev/null 2>&1") != 0) {
    MESSAGE("skipped: there is no python3 with sqlite3");
    return;
  }
  for (const std::string prompt :
       {"", " with pagination", " with search by title", " with pagination and search"}) {
    FakeClaudeCode cli;
    cli.run(kBuild + prompt);
    const support::TemporaryFolder folder;
    for (const auto& [name, text] : cli.files) {
      folder.write(name, text);
    }
    const auto command = "cd " + folder.path().string() + " && python3 -B -m unittest >log 2>&1";
    CHECK_MESSAGE(std::system(command.c_str()) == 0, prompt);
  }
}

}  // namespace
