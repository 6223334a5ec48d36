#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "llm/inner_text.h"
#include "llm/written_calls.h"

namespace {

const std::vector<std::string> kTools = {"dispatch", "search_projects", "list_projects"};

std::string visible(const std::string& text) {
  return llm::read_inner_text(text, kTools).text;
}

/// The calls as "name arguments", one a line; and whether one was not read.
std::string calls(const std::string& text) {
  std::string lines;
  const auto inner = llm::read_inner_text(text, kTools);
  for (const auto& call : inner.calls) {
    lines += (lines.empty() ? "" : "\n") + call.name + " " + call.arguments;
  }
  return inner.unread_call ? lines + "unread" : lines;
}

TEST_CASE("inner text: thoughts are not for people") {
  for (
      const char* text : {
          "<think>hm</think>answer",
          "<think>\nhm\n</think>\n\nanswer\n",
          "  <thinking>hm</thinking> answer",
          "<Think>hm</Think>answer",
          "hm, it must be so</think>answer",
          "<think>a <think> b</think> c</think>answer",
          "<think>one</think><think>two</think>answer",
          "<reasoning>x</reasoning>\nanswer",
          "[THINK]hm[/THINK]answer",
          "◁think▷hm◁/think▷answer",
          "answer\n<think>and then?",
          "<think>say `</think>answer",
          "<|START_THINKING|>hm<|END_THINKING|><|START_RESPONSE|>answer<|END_RESPONSE|>",
          "<|START_THINKING|>hm<|END_THINKING|><|START_TEXT|>answer<|END_TEXT|><|END_OF_TURN_TOKEN|>",
          "hm<|END_THINKING|><|START_RESPONSE|>answer",
          "<|begin_of_thought|>hm<|end_of_thought|><|begin_of_solution|>answer<|end_of_solution|>",
          "<|channel>thought\nhm<channel|>answer",
          "<|channel>thought\nhm<channel|><|channel>final\nanswer<channel|><turn|>",
          "<|think|>hm<|/think|>answer",
          "<|think>hm<think|>answer",
          "< think >hm</ think >answer",
          "<think >\nhm\n< /think>answer",
          "<think type=\"deep\">hm</think>answer",
          "<think/>answer",
          "<think>hm</thinking>answer",
          "<seed:think>hm</seed:think>answer",
          "<reasoning>a<think>b</think>c</reasoning>answer",
          "<inner_monologue>hm</inner_monologue><answer>answer</answer>",
          "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>answer<|return|>",
      }) {
    CAPTURE(std::string(text));
    CHECK(visible(text) == "answer");
  }
  CHECK(visible("one <think>hm</think>two") == "one two");
  CHECK(visible("<think>never ends").empty());
  CHECK(visible("<think></think>").empty());
}

TEST_CASE("inner text: an answer can speak of such marks in code, and of anything else as it likes") {
  for (
      const char* text : {
          "Write `<think>x</think>` for that.",
          "Use ``<tool_call>`` so:\n\n```xml\n<think>hm</think>\n<tool_call>{}</tool_call>\n```\nDone.",
          "~~~\n</think>\n~~~\nThat ends it.",
          "a < b and [think] of it, ~~x~~ `",
          "<s>old</s> new <b>bold</b>",
          "Is it <think> that you mean?",
          "Is a < think > b, or <think of it> so?",
          "The tag <answer> is not <think-tank>, nor `<|START_RESPONSE|>`.",
          R"({"name":"Ada Lovelace","input":{"a":1}})",
          R"({"name":"ada","arguments":{"a":1},"age":36})",
          R"({"name":"find","parameters":{"type":"object","properties":{"a":{}}}})",
          "{\"name\": \"Ada\"}",
          "[1, 2]",
          R"(Say {"name": "search_projects"} in words.)",
          R"(It is {"name":"search_projects","arguments":{"query":"a"},"description":"finds"}, as data.)",
          R"({"steps":[{"name":"search_projects","arguments":{"query":"alpha"}}]})",
          R"(I would write `{"name":"search_projects","arguments":{"query":"a"}}` for that.)",
          "So:\n\n```python\nsearch_projects(query=\"alpha\")\n```\nThat is all.",
          "So:\n\n```json\n{\"name\":\"rm\",\"arguments\":{}}\n```",
          "Such a call is:\n\n```json\n{\"name\":\"search_projects\",\"arguments\":{}}\n```\n\nDo you want that?",
          R"(There is {"type":"function","function":{"name":"search_projects","parameters":{"type":"object","properties":{}}}}.)",
          "Look at the <tools> of the house, [here](https://a.example/{b}).",
          "{{{{[[[[((((",
      }) {
    CAPTURE(std::string(text));
    CHECK(visible(text) == text);
    CHECK(calls(text).empty());
  }
}

TEST_CASE("inner text: the marks that end a turn and what is made up behind them are dropped") {
  CHECK(visible("answer<|im_end|>\n<|im_start|>user\nand then?") == "answer");
  CHECK(visible("<|im_start|>assistant\nanswer<|im_end|>") == "answer");
  CHECK(visible("answer</s>") == "answer");
  CHECK(visible("answer<|eot_id|>") == "answer");
}

TEST_CASE("inner text: a call that is written as text is a call") {
  const std::string alpha = R"(search_projects {"query":"alpha"})";
  for (
      const char* text : {
          R"(<tool_call>{"name":"search_projects","arguments":{"query":"alpha"}}</tool_call>)",
          "<tool_call>\n{\"name\": \"search_projects\", \"arguments\": {\"query\": \"alpha\"}}\n</tool_call>",
          R"(<tool_call>{"name":"search_projects","arguments":{"query":"alpha"}})",
          R"(<tool_call>{"name":"search_projects","arguments":"{\"query\":\"alpha\"}"}</tool_call>)",
          R"(<function_call>{"name":"search_projects","parameters":{"query":"alpha"}}</function_call>)",
          R"(<tool_call>{'name': 'search_projects', 'arguments': {'query': 'alpha'}}</tool_call>)",
          R"(<think>I search <tool_call>{"name":"search_projects","arguments":{"query":"alpha"}}</tool_call>)",
          R"(<tool_call>{"function":{"name":"functions.search_projects","arguments":{"query":"alpha"}}}</tool_call>)",
          "<tool_call><function=search_projects>\n<parameter=query>\nalpha\n</parameter>\n</function></tool_call>",
          R"(<function=search_projects>{"query":"alpha"}</function>)",
          "<tool_call>search_projects\n<arg_key>query</arg_key>\n<arg_value>alpha</arg_value>\n</tool_call>",
          R"(<function_calls><invoke name="search_projects"><parameter name="query">alpha</parameter></invoke></function_calls>)",
          R"([TOOL_CALLS][{"name":"search_projects","arguments":{"query":"alpha"}}])",
          R"([TOOL_CALLS]search_projects[ARGS]{"query":"alpha"})",
          R"([TOOL_REQUEST]{"name":"search_projects","arguments":{"query":"alpha"}}[END_TOOL_REQUEST])",
          R"(<|python_tag|>{"name":"search_projects","parameters":{"query":"alpha"}})",
          ("<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>search_projects\n```json\n"
           "{\"query\":\"alpha\"}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>"),
          (R"(<|tool_calls_section_begin|><|tool_call_begin|>functions.search_projects:0)"
           R"(<|tool_call_argument_begin|>{"query":"alpha"}<|tool_call_end|><|tool_calls_section_end|>)"),
          R"(<|channel|>commentary to=functions.search_projects <|constrain|>json<|message|>{"query":"alpha"}<|call|>)",
          R"({"name":"search_projects","arguments":{"query":"alpha"}})",
          "```json\n{\"name\":\"search_projects\",\"parameters\":{\"query\":\"alpha\"}}\n```",
          R"(<tools>{"name":"search_projects","arguments":{"query":"alpha"}}</tools>)",
          R"(<tools>[{"name":"search_projects","arguments":{"query":"alpha"}}]</tools>)",
          R"(<function>{"name":"search_projects","arguments":{"query":"alpha"}}</function>)",
          R"(<answer>{"name":"search_projects","arguments":{"query":"alpha"}}</answer>)",
          R"({"tool_calls":[{"id":"c","type":"function","function":{"name":"search_projects","arguments":"{\"query\":\"alpha\"}"}}]})",
          R"({"action":"search_projects","action_input":{"query":"alpha"}})",
          R"({"search_projects":{"query":"alpha"}})",
          "```tool_code\nprint(default_api.search_projects(query='alpha'))\n```",
          R"([search_projects(query="alpha")])",
          R"(search_projects(query="alpha"))",
          R"(<|python_tag|>search_projects.call(query="alpha"))",
      }) {
    CAPTURE(std::string(text));
    CHECK(calls(text) == alpha);
    CHECK(visible(text).empty());
  }
}

TEST_CASE("inner text: a call among words is a call and never shown") {
  const std::string alpha = R"(search_projects {"query":"alpha"})";
  const std::string json = R"({"name":"search_projects","arguments":{"query":"alpha"}})";
  const std::vector<std::string> texts = {
      "I look.\n" + json,
      "I look. " + json,
      "I look.\n\n```json\n" + json + "\n```",
      "I look.\n```\n" + json + "\n```\n",
      "I look.\n```json\n" + json,
      "I look.\n<tools>" + json + "</tools>",
      "I look.\n<my_call>\n" + json + "\n</my_call>",
      json + "\nI look.",
      "I look.\n[" + json + "]",
      "I look.\n```tool_code\nsearch_projects(query=\"alpha\")\n```",
      std::string(
          R"(I look. {"type":"function","function":{"name":"search_projects","arguments":"{\"query\":\"alpha\"}"}})"),
      std::string(
          R"(I look. {"type":"tool_use","id":"x","name":"search_projects","input":{"query":"alpha"}})")};
  for (const auto& text : texts) {
    CAPTURE(text);
    CHECK(visible(text) == "I look.");
    CHECK(calls(text) == alpha);
  }
  CHECK(calls("First " + json + " then " + json) == alpha + "\n" + alpha);
  for (const char* cut :
       {R"(I look. {"name":"search_projects","arguments":{"que)",
        "I look.\n```json\n{\"name\": \"search_projects\", \"arguments\": {\"query\": \"al"}) {
    CAPTURE(std::string(cut));
    CHECK(visible(cut) == "I look.");
    CHECK(calls(cut) == "unread");
  }
  std::string brackets;
  for (int i = 0; i < 200'000; ++i) {
    brackets += "{\"name\":";
  }
  CHECK(visible(brackets) == brackets);
}

TEST_CASE("inner text: several calls and the words around them are kept apart") {
  const std::string text =
      "I look.\n<tool_call>{\"name\":\"list_projects\"}</tool_call>\n"
      "<tool_call>{\"name\":\"search_projects\",\"arguments\":{\"query\":\"a\"}}</tool_call>";
  CHECK(visible(text) == "I look.");
  CHECK(calls(text) == "list_projects {}\nsearch_projects {\"query\":\"a\"}");
  CHECK(calls("<tool_calls>[{\"name\":\"list_projects\"},{\"name\":\"list_projects\"}]</tool_calls>") ==
        "list_projects {}\nlist_projects {}");
}

TEST_CASE("inner text: a call that cannot be read, or of a tool that was not offered, is left out and said") {
  for (const char* text : {
           R"(I look. <tool_call>{"name":"search_projects","arguments":{"que</tool_call>)",
           R"(I look. <tool_call>{"name":"rm","arguments":{}}</tool_call>)",
           "I look. <tool_call></tool_call>",
           "I look. <tool_call>search for alpha</tool_call>",
           "I look. <function=rm><parameter=a>b</parameter></function>",
       }) {
    CAPTURE(std::string(text));
    CHECK(visible(text) == "I look.");
    CHECK(calls(text) == "unread");
  }
  for (const char* text : {
           R"({"name":"send_email","arguments":{"to":"x"}})",
           "```json\n{\"name\": \"send_email\", \"arguments\": {\"to\": \"x\"}}\n```",
           R"([{"name":"send_email","arguments":"{\"to\":\"x\"}"},{"name":"rm","parameters":{}}])",
           "{\"name\":\"send_email\",\"arguments\":{}}\n{\"name\":\"search_projects\",\"arguments\":{}}",
           R"({"tool_calls":[{"id":"c","type":"function","function":{"name":"rm","arguments":"{}"}}]})",
           R"({"action":"mail.send","action_input":{"to":"x"}})",
           R"(<|START_ACTION|>[{"tool_call_id":"0","tool_name":"rm","parameters":{}}]<|END_ACTION|>)",
       }) {
    CAPTURE(std::string(text));
    CHECK(visible(text).empty());
    CHECK(calls(text) == "unread");
  }
  CHECK(calls(R"(<|START_ACTION|>[{"tool_name":"list_projects","parameters":{}}]<|END_ACTION|>)") ==
        "list_projects {}");
  CHECK(llm::read_inner_text("<tool_call>{\"name\":\"dispatch\"}</tool_call>", {}).unread_call);
}

TEST_CASE("the name of a tool is found in what a model writes") {
  for (const char* written :
       {"dispatch", "dispatch ", "\ndispatch", "Dispatch", "functions.dispatch", "default_api:dispatch",
        "functions.dispatch:0", "dispatch<|channel|>commentary", "\"dispatch\""}) {
    CAPTURE(std::string(written));
    CHECK(llm::offered_name(written, kTools) == "dispatch");
  }
  CHECK(llm::offered_name("search-projects", kTools) == "search_projects");
  CHECK(llm::offered_name(" dispatcher ", kTools) == "dispatcher");
  CHECK(llm::offered_name(" ", kTools).empty());
  CHECK(llm::offered_name("a.b ", {"b", "a.b"}) == "a.b");
}

}  // namespace
