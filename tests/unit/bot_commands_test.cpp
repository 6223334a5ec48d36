#include <doctest/doctest.h>

#include "bot/chat/commands.h"

namespace {

using bot::chat::parse_command;
using bot::chat::parse_yes_no;
using Name = bot::chat::Command::Name;

TEST_CASE("a command is a slash, a word and perhaps an argument") {
  struct Row {
    const char* text;
    Name name;
    const char *word, *argument;
  };
  const Row rows[] = {
      {"/help", Name::help, "help", ""},
      {"  /HELP  ", Name::help, "help", ""},
      {"/status", Name::status, "status", ""},
      {"/projects", Name::projects, "projects", ""},
      {"/new", Name::fresh, "new", ""},
      {"/whoami", Name::whoami, "whoami", ""},
      {"/pair ABCD-EFGH", Name::pair, "pair", "ABCD-EFGH"},
      {"/cancel todo-app", Name::cancel, "cancel", "todo-app"},
      {"/answer  what is this? ", Name::answer, "answer", "what is this?"},
      {"/dispatch\nBuild a list\nin Python", Name::dispatch, "dispatch", "Build a list\nin Python"},
      {"/dispatch\tX", Name::dispatch, "dispatch", "X"},
      {"/status@frontdesk_bot", Name::status, "status", ""},
      {"/cancel@frontdesk_bot todo-app", Name::cancel, "cancel", "todo-app"},
      {"/stattus", Name::unknown, "stattus", ""},
      {"/start 123", Name::unknown, "start", "123"},
  };
  for (const auto& row : rows) {
    CAPTURE(std::string(row.text));
    const auto command = parse_command(row.text);
    REQUIRE(command);
    CHECK(command->name == row.name);
    CHECK(command->word == row.word);
    CHECK(command->argument == row.argument);
  }
}

TEST_CASE("what only looks like a command is an ordinary message") {
  for (const char* text : {"", "/", "//", "/ help", "hello /help", "/etc/hosts is empty", "/größe", "/@bot",
                           "/a.b", "/1/2", "help", "/help!", "/👍"}) {
    CAPTURE(std::string(text));
    CHECK_FALSE(parse_command(text));
  }
}

TEST_CASE("a command without its slash counts behind a mention where it can hardly be anything else") {
  struct Row {
    const char *text, *behind_mention, *behind_command;
  };
  const Row rows[] = {
      {"status", "/status", "/status"},
      {"  Help \n", "/Help", "/Help"},
      {"new", "/new", "/new"},
      {"whoami", "/whoami", "/whoami"},
      {"projects", "/projects", "/projects"},
      {"cancel", "/cancel", "/cancel"},
      {"cancel task-api", "/cancel task-api", "/cancel task-api"},
      {"dispatch build it", "/dispatch build it", "/dispatch build it"},
      {"answer what is this?", "/answer what is this?", "/answer what is this?"},
      {"pair 12345678", "/pair 12345678", "/pair 12345678"},
      {"pair programming is fun", "pair programming is fun", "/pair programming is fun"},
      {"pair", "pair", "/pair"},
      {"file site index.html", "/file site index.html", "/file site index.html"},
      {"file a bug", "file a bug", "/file a bug"},
      {"file a bug for it.", "file a bug for it.", "/file a bug for it."},
      {"/status", "/status", "/status"},
      {"/etc/hosts is empty", "/etc/hosts is empty", "/etc/hosts is empty"},
      {"status of the build?", "status of the build?", "/status of the build?"},
      {"help me with this", "help me with this", "/help me with this"},
      {"new ideas, please", "new ideas, please", "/new ideas, please"},
      {"cancel the whole thing", "cancel the whole thing", "/cancel the whole thing"},
      {"cancel\nit all", "cancel\nit all", "/cancel\nit all"},
      {"dispatch", "dispatch", "/dispatch"},
      {"answer", "answer", "/answer"},
      {"status?", "status?", "status?"},
      {"what is up?", "what is up?", "what is up?"},
      {"größe", "größe", "größe"},
      {"", "", "/help"},
      {" \n ", "", "/help"},
  };
  for (const auto& row : rows) {
    CAPTURE(std::string(row.text));
    CHECK(bot::chat::with_slash(row.text, bot::chat::Bare::likely) == row.behind_mention);
    CHECK(bot::chat::with_slash(row.text, bot::chat::Bare::certain) == row.behind_command);
  }
}

TEST_CASE("commands that need a model wait for their turn, the others do not") {
  for (const char* text : {"/dispatch x", "/answer x", "/new"}) {
    CAPTURE(std::string(text));
    CHECK_FALSE(is_quick(*parse_command(text)));
  }
  for (const char* text : {"/status", "/projects", "/cancel", "/whoami", "/pair X", "/help", "/nonsense"}) {
    CAPTURE(std::string(text));
    CHECK(is_quick(*parse_command(text)));
  }
}

TEST_CASE("the help names every command") {
  const auto help = bot::chat::command_help();
  for (const char* word :
       {"/dispatch", "/answer", "/status", "/projects", "/cancel", "/new", "/whoami", "/pair", "/help"}) {
    CAPTURE(std::string(word));
    CHECK(help.find(word) != std::string::npos);
    CHECK(parse_command(word)->name != Name::unknown);
  }
}

TEST_CASE("an unknown command is answered with the nearest known one") {
  const auto answer = [](const char* text) { return bot::chat::unknown_command(*parse_command(text)); };
  CHECK(answer("/stattus").find("`/status`") != std::string::npos);
  CHECK(answer("/cancle").find("`/cancel`") != std::string::npos);
  CHECK(answer("/stattus").find("/stattus") != std::string::npos);
  CHECK(answer("/xylophone").find("Did you mean") == std::string::npos);
  CHECK(answer("/xylophone").find("`/help`") != std::string::npos);
}

TEST_CASE("commands are spelled as the service takes them") {
  const auto spelled = [](const char* text) { return bot::chat::with_command_prefix(text, "/frontdesk "); };
  CHECK(spelled("write `/status` or `/dispatch a/b`") ==
        "write `/frontdesk status` or `/frontdesk dispatch a/b`");
  CHECK(spelled("`/statuses`, `/etc/hosts`, `/` and `/status") ==
        "`/statuses`, `/etc/hosts`, `/` and `/frontdesk status");
  CHECK(bot::chat::with_command_prefix("`/status`", "/") == "`/status`");
}

TEST_CASE("yes and no are understood in three languages, and nothing else is") {
  for (const char* text : {"yes", "Yes!", " y ", "OK", "okay.", "Yes, please", "go ahead", "Do it!!", "ja",
                           "Ja, bitte", "oui", "👍", "sure..."}) {
    CAPTURE(std::string(text));
    CHECK(parse_yes_no(text) == bot::chat::YesNo::yes);
  }
  for (const char* text :
       {"no", "No.", "n", "nope", "No, thanks", "not now", "don't", "nein", "Nein, danke!", "non", "👎"}) {
    CAPTURE(std::string(text));
    CHECK(parse_yes_no(text) == bot::chat::YesNo::no);
  }
  for (const char* text : {"", "!", "...", "yes but in Python", "no idea, what would you do?", "yesterday",
                           "note", "yes?", "ok then tell me more", "/yes"}) {
    CAPTURE(std::string(text));
    CHECK_FALSE(parse_yes_no(text));
  }
}

}  // namespace

TEST_CASE("a yes or no beside a number answers the question of that number") {
  using bot::chat::parse_numbered_answer;
  using bot::chat::YesNo;
  struct Row {
    const char* text;
    YesNo answer;
    int number;
  };
  for (const auto& row :
       {Row{"yes 2", YesNo::yes, 2}, Row{"2 yes", YesNo::yes, 2}, Row{"no 1", YesNo::no, 1},
        Row{"No, 1.", YesNo::no, 1}, Row{"#3: ja, bitte!", YesNo::yes, 3}, Row{"do it (10)", YesNo::yes, 10},
        Row{" nein\t4 ", YesNo::no, 4}, Row{"oui, 2", YesNo::yes, 2}, Row{"2. non", YesNo::no, 2}}) {
    CAPTURE(std::string(row.text));
    const auto said = parse_numbered_answer(row.text);
    REQUIRE(said);
    CHECK(said->answer == row.answer);
    CHECK(said->number == row.number);
  }
  for (const char* text : {"", "2", "yes", "yes2", "2yes", "yes 2 please 3", "yes 2026", "maybe 2",
                           "yes, at 2 pm", "no 1 2", "yes -", "- 2", "yes 2nd", "yes 0", "00: no"}) {
    CAPTURE(std::string(text));
    CHECK_FALSE(parse_numbered_answer(text));
  }
}
