#pragma once

#include <string>
#include <utility>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "store/open_questions.h"
#include "store/outbox.h"
#include "tests/support/mcp_server.h"

namespace support {

/// A mail server "far" that may be read, and a person who is asked before a mail is deleted or moved.
class MailboxFixture : public ToolsFixture {
 public:
  explicit MailboxFixture(McpServer::Call call = says("Done."))
      : ToolsFixture({.allow = {"get_email"}, .ask = {"delete_email", "move_email"}}, mail_tools(),
                     std::move(call)) {}

  /// Of a server whose tools all say the same.
  static McpServer::Call says(std::string text) {
    return [text = std::move(text)](const std::string&, const nlohmann::json&) { return text; };
  }

  /// To delete mail 7.
  void ask_one() {
    model.will_call("far__delete_email", R"({"id":"7"})");
    model.will_say("I have prepared it.");
    turn("delete the mail");
    REQUIRE(open() == 1);
  }
  /// To delete mail 7, and to move mail 8.
  void ask_two() {
    llm::Completion both;
    both.tool_calls = {{"1", "far__delete_email", R"({"id":"7"})"},
                       {"2", "far__move_email", R"({"id":"8"})"}};
    model.will_answer(both);
    model.will_say("I have prepared both.");
    turn("delete one and move the other");
    REQUIRE(open() == 2);
  }
  /// The secretary's question whether the specialist is to do something.
  void ask_about_task(const std::string& what = "a site") {
    auto asked = decision(say("build it"), conversation, person, store::DecisionAction::ask);
    asked.proposal = nlohmann::json{{"action", "run"},      {"slug", "site"},       {"description", what},
                                    {"prompt", "build it"}, {"confidence", "high"}, {"reason", "long"}}
                         .dump();
    const auto id = store::DispatchLog(db).add_decision(asked, clock.now());
    store::Outbox(db).post(
        conversation,
        {"Shall I?", {{store::ButtonKind::yes, id.value, "Yes"}, {store::ButtonKind::no, id.value, "No"}}},
        clock.now());
  }
  std::size_t open() { return store::ToolCalls(db).open().size(); }
  std::size_t open_tasks() { return store::open_questions(db, conversation.id, person.id).size(); }
};

}  // namespace support
