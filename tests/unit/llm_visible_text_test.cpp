// What is shown of a model's text while it comes: no character of a thought or a call, wherever it is cut.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "base/utf8.h"
#include "llm/inner_text.h"
#include "llm/visible_text.h"

namespace {

const std::vector<std::string> kTools = {"dispatch", "search_projects", "list_projects"};

/// What is shown after each piece; a withdrawal empties it.
struct Reader {
  llm::VisibleText visible{kTools};
  std::string shown;
  std::vector<std::string> withdrawn;
  void add(std::string_view piece) {
    const auto news = visible.add(piece);
    if (news.withdrawn) {
      withdrawn.push_back(shown);
      shown.clear();
    }
    shown += news.text;
  }
};

/// In pieces of at most so many bytes, or one character.
std::string shown_in_pieces(std::string_view text, std::size_t size) {
  Reader reader;
  while (!text.empty()) {
    const auto piece =
        text.substr(0, std::max(base::truncate_utf8(text, size).size(), base::utf8_sequence(text)));
    reader.add(piece);
    text.remove_prefix(piece.size());
  }
  return reader.shown;
}

/// At every moment, however it is cut, what is shown is the beginning of the answer.
void check_never_more(const std::string& text) {
  const auto answer = llm::read_inner_text(text, kTools).text;
  CAPTURE(text);
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    if (cut < text.size() && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) {
      continue;  // providers send whole characters
    }
    Reader reader;
    reader.add(std::string_view(text).substr(0, cut));
    CAPTURE(cut);
    REQUIRE_MESSAGE(answer.starts_with(reader.shown), "shown: " << reader.shown);
    reader.add(std::string_view(text).substr(cut));
    REQUIRE_MESSAGE(answer.starts_with(reader.shown), "shown: " << reader.shown);
    REQUIRE(reader.withdrawn.empty());
  }
  Reader by_character;
  for (std::size_t at = 0; at < text.size();) {
    const auto size = base::utf8_sequence(std::string_view(text).substr(at));
    by_character.add(std::string_view(text).substr(at, size));
    at += size;
    REQUIRE_MESSAGE(answer.starts_with(by_character.shown), "shown: " << by_character.shown);
  }
}

}  // namespace

TEST_CASE("visible text: thoughts, calls and marks are never shown, wherever the text is cut") {
  for (
      const char* text :
      {"<think>hm</think>answer",
       "one <think>hm</think>two",
       "  <thinking>\nhm\n</thinking> answer",
       "<Think>a <think> b</think> c</THINK>answer",
       "<think>one</think><think>two</think>answer",
       "answer\n<think>and then?",
       "[THINK]hm[/THINK]answer",
       "◁think▷hm◁/think▷answer",
       "<|START_THINKING|>hm<|END_THINKING|><|START_RESPONSE|>answer<|END_RESPONSE|>",
       "<|begin_of_thought|>hm<|end_of_thought|><|begin_of_solution|>answer<|end_of_solution|>",
       "<|channel>thought\nhm<channel|>answer",
       "<think type=\"deep\">hm</think>answer <think/>of it",
       "<seed:think>hm</seed:think>answer",
       "<reasoning>a<think>b</think>c</reasoning>answer",
       "<inner_monologue>hm</inner_monologue><answer>answer</answer>",
       "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>answer<|return|>",
       "<|im_start|>assistant\nanswer<|im_end|>\n<|im_start|>user\nmade up",
       "answer<｜end▁of▁sentence｜>",
       "answer</s>",
       "I look.<tool_call>{\"name\":\"list_projects\",\"arguments\":{}}</tool_call>",
       "I look.\n<function=dispatch><parameter=slug>x</parameter></function>",
       "I look. <invoke name=\"dispatch\"><parameter name=\"slug\">x</parameter></invoke>",
       "<|tool_calls_section_begin|><|tool_call_begin|>functions.dispatch:0<|tool_call_argument_begin|>{}",
       "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>dispatch\n{}",
       "[TOOL_CALLS][{\"name\":\"dispatch\",\"arguments\":{}}]",
       "I do it.\n{\"name\": \"dispatch\", \"arguments\": {\"slug\": \"a\"}}",
       "I do it.\n[{\"name\": \"dispatch\", \"arguments\": {\"slug\": \"a\"}}]\nNow?",
       "I do it.\n<do>{\"name\": \"dispatch\", \"arguments\": {\"slug\": \"a\"}}</do>",
       "{\"tool\":\"anything\",\"arguments\":{}}",
       "```json\n{\"name\": \"dispatch\", \"arguments\": {\"slug\": \"a\"}}\n```",
       "First:\n```tool_code\ndispatch(slug=\"a\")\n```\n",
       "First:\n```\nx = 1\n{\"name\": \"dispatch\", \"arguments\": {\"slug\": \"a\"}}",
       "dispatch(slug=\"a\", prompt=\"b\")",
       "[dispatch(slug=\"a\", prompt=\"b\")]",
       "functions.list_projects()",
       "See:\n```xml\n<think>never closed"}) {
    check_never_more(text);
  }
}

TEST_CASE("visible text: the name of a call as in Python is not shown") {
  for (const char* text : {"dispatch(slug=\"a\")", "[dispatch(slug=\"a\")]", "list-projects ()"}) {
    CAPTURE(std::string(text));
    CHECK(shown_in_pieces(text, 1).empty());
  }
}

TEST_CASE(
    "visible text: what people may see is shown at once, to the last character that may begin nothing") {
  Reader reader;
  const auto after = [&](std::string_view piece) {
    reader.add(piece);
    return reader.shown;
  };
  CHECK(after("H") == "H");
  CHECK(after("ello ") == "Hello");
  CHECK(after("world") == "Hello world");
  CHECK(after(", a < b") == "Hello world, a");  // may become a tag such as <b:think>
  CHECK(after(" or a <") == "Hello world, a < b or a");
  CHECK(after("b>") == "Hello world, a < b or a");  // "<b>" may stand around a call
  CHECK(after("x</b>") == "Hello world, a < b or a <b>x</b>");
  CHECK(after(" dis") == "Hello world, a < b or a <b>x</b>");
  CHECK(after("tance") == "Hello world, a < b or a <b>x</b> distance");
  CHECK(after(" `co") == "Hello world, a < b or a <b>x</b> distance");
  CHECK(after("de` ") == "Hello world, a < b or a <b>x</b> distance `code`");
  CHECK(after("{x}") == "Hello world, a < b or a <b>x</b> distance `code` {x}");
}

TEST_CASE("visible text: an ordinary answer is shown whole, in pieces of any size") {
  for (const char* text :
       {"Hello, world.\n\n- one\n- two\n\nThe end.", "Write `<think>x</think>` for that, and ``a`b``.",
        "Use:\n\n```xml\n<think>hm</think>\n<tool_call>{}</tool_call>\n```\nDone.",
        "Use:\n\n```cpp\nint main() { return a[1] < 2; }\nstruct A { int b; };\n```\nDone.",
        "```json\n{\"a\": [1, 2, {\"b\": 3}]}\n```\nThat is it.", "~~~\n</think>\n~~~\nThat ends it.",
        "a < b and some, ~~x~~ [a link](https://example.org/?a=1&b=2)!", "<s>old</s> new <b>bold</b>.",
        "Grüße, 你好, 🙂 {and} [more].", "| a | b |\n|---|---|\n| 1 | 2 |"}) {
    const auto answer = llm::read_inner_text(text, kTools).text;
    CAPTURE(std::string(text));
    for (const std::size_t size : {1000, 7, 3, 1}) {
      CHECK(shown_in_pieces(std::string(text) + "\n\nOK.", size) == answer + "\n\nOK.");
    }
    check_never_more(text);
  }
}

TEST_CASE("visible text: a mark that is only spoken of is held back to the end") {
  Reader reader;
  reader.add("Is it <think> that you mean? Yes.");
  CHECK(reader.shown == "Is it");
}

TEST_CASE(
    "visible text: a thought whose beginning stood in the prompt is withdrawn, and known from then on") {
  Reader reader;
  reader.add("hm, it must be so");
  CHECK(reader.shown == "hm, it must be so");
  reader.add("</th");
  CHECK(reader.withdrawn.empty());
  reader.add("ink>The answer");
  CHECK(reader.withdrawn == std::vector<std::string>{"hm, it must be so"});
  CHECK(reader.shown == "The answer");
  CHECK(reader.visible.closed_unopened());

  llm::VisibleText known(kTools, true);
  CHECK(known.add("hm, it must be so</thi").text.empty());
  CHECK(known.add("nk>\n\nThe").text == "The");
  CHECK(known.closed_unopened());
}

TEST_CASE("visible text: halves of a character that come apart are shown as the character") {
  Reader reader;
  reader.add("a \xED\xA0\xBD");  // as base::parse_json_piece() leaves \ud83d
  CHECK(reader.shown == "a");
  reader.add("\xED\xB9\x82.");
  CHECK(reader.shown == "a 🙂.");
}

TEST_CASE("visible text: long thoughts and long JSON cost time in proportion") {
  Reader reader;
  reader.add("<think>");
  for (int i = 0; i < 200'000; ++i) {
    reader.add("a <b ");
  }
  reader.add("</think>done");
  CHECK(reader.shown == "done");
  for (int i = 0; i < 50'000; ++i) {
    reader.add(i == 0 ? " {\"a\": [" : "{}, ");
  }
  CHECK(reader.shown == "done");
}
