// What servers of OpenAI's protocol really send.
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "llm/attempt_error.h"
#include "llm/openai_compatible.h"
#include "tests/support/models/answer_reading.h"

namespace {

using nlohmann::json;
using Kind = llm::ModelError::Kind;

llm::Completion read(const std::vector<std::string>& events) {
  return support::read_events(*llm::openai_compatible_reader(), events);
}

std::optional<Kind> failure(const std::vector<std::string>& events) {
  return support::failure_of([&] { read(events); });
}

llm::Completion read_document(const char* document) {
  const auto reader = llm::openai_compatible_reader();
  reader->take_document(json::parse(document));
  return reader->completion();
}

std::optional<Kind> document_failure(const char* document) {
  return support::failure_of([&] { read_document(document); });
}

std::string delta(const std::string& members) {
  return R"({"choices":[{"index":0,"delta":{)" + members + "}}]}";
}

const std::string kFinish = R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})";

std::string call_delta(const std::string& members) {
  return delta(R"("tool_calls":[{)" + members + "}]");
}

/// The calls as "id name arguments", one a line; "!" stands for arguments that were not read.
std::string lines_of(const llm::Completion& completion) {
  std::string lines;
  for (const auto& call : completion.tool_calls) {
    lines += (lines.empty() ? "" : "\n") + call.id + " " + call.name + " " +
             (call.problem.empty() ? call.arguments : "!");
  }
  return lines;
}

std::string calls_of(std::vector<std::string> events) {
  events.push_back(kFinish);
  return lines_of(read(events));
}

TEST_CASE("openai: arguments that nobody can read are told to the model as that call's error") {
  for (const auto* arguments : {R"("{\"a\":")", R"("[1]")", "[1]", "7"}) {
    CAPTURE(arguments);
    const auto completion =
        read({call_delta(std::string(R"("index":0,"id":"a","function":{"name":"n","arguments":)") +
                         arguments + "}"),
              kFinish});
    REQUIRE(completion.tool_calls.size() == 1);
    CHECK_FALSE(completion.tool_calls[0].problem.empty());
    // Servers that read what goes back to them would refuse the rest of the conversation.
    CHECK(json::parse(completion.as_received)["tool_calls"][0]["function"]["arguments"] == "{}");
  }
}

TEST_CASE("openai: arguments are read as models and servers write them") {
  CHECK(calls_of({call_delta(R"("index":0,"id":"a","function":{"name":"n","arguments":"{}"})"),
                  call_delta(R"("index":0,"function":{"arguments":"{\"query\":"})"),
                  call_delta(R"("index":0,"function":{"arguments":"\"alpha\"}"})")}) ==
        R"(a n {"query":"alpha"})");
  CHECK(
      calls_of({call_delta(
          R"("index":0,"id":"a","function":{"name":" n","arguments":"\"{\\\"query\\\": \\\"alpha\\\"}\""})")}) ==
      R"(a n {"query":"alpha"})");
  CHECK(calls_of({call_delta(R"("index":0,"id":"a","function":{"name":"n","arguments":"{\"t\":\"\\ud83d"})"),
                  call_delta(R"("index":0,"function":{"arguments":"\\ude00\"}"})")}) ==
        "a n {\"t\":\"\U0001F600\"}");
}

TEST_CASE("openai: arguments that come anew and longer with each piece are the last ones") {
  const auto read_pieces = [](const std::vector<std::string>& pieces) {
    std::vector<std::string> events = {call_delta(R"("index":0,"id":"a","function":{"name":"n"})")};
    for (const auto& piece : pieces) {
      events.push_back(call_delta(R"("index":0,"function":{"arguments":)" + piece + "}"));
    }
    return calls_of(events);
  };
  const std::string alpha = R"(a n {"query":"alpha"})";
  CHECK(read_pieces({R"("{\"query\":")", R"("{\"query\":\"alpha\"}")"}) == alpha);
  CHECK(read_pieces({R"("{")", R"("{\"qu")", R"("{\"query\":\"al")", R"("{\"query\":\"alpha\"}")",
                     R"("{\"query\":\"alpha\"}")"}) == alpha);
  CHECK(read_pieces({R"("{}")", R"("{\"query\":")", R"("{\"query\":\"alpha\"}")", R"("")"}) == alpha);
  CHECK(read_pieces({R"("null")", R"("{\"query\":\"alpha\"}")"}) == alpha);
  CHECK(read_pieces({"null", R"({"query":"alpha"})"}) == alpha);
  // Objects that the server completes by itself.
  CHECK(read_pieces({R"("{\"query\":\"\"}")", R"("{\"query\":\"al\"}")", R"("{\"query\":\"alpha\"}")"}) ==
        alpha);
  CHECK(read_pieces({R"({"a":[1]})", R"({"a":[1,2],"b":null})", R"({"a":[1,2],"b":{"c":1}})"}) ==
        R"(a n {"a":[1,2],"b":{"c":1}})");
  // What follows may begin as the whole did.
  CHECK(read_pieces({R"("{\"a\":")", R"("{\"a\":1}}")"}) == R"(a n {"a":{"a":1}})");
  CHECK(read_pieces({R"("{\"a\":1}")", R"("{\"a\":2}")"}) == "a n !");
  // With the name each time.
  const std::string named = R"("index":0,"id":"a","function":{"name":"n","arguments":)";
  CHECK(calls_of({call_delta(named + R"("{\"query\":\"al\"}"})"),
                  call_delta(named + R"("{\"query\":\"alpha\"}"})")}) == alpha);
}

llm::Completion read_with_tools(std::vector<std::string> events) {
  llm::Asked asked;
  asked.tools = {"search_projects", "list_projects", "list"};
  events.push_back(kFinish);
  return support::read_events(*llm::openai_compatible_reader(asked), events);
}

TEST_CASE("openai: a tool's name in pieces is put together") {
  const auto names = [](const std::vector<std::string>& pieces) {
    std::vector<std::string> events;
    for (const auto& piece : pieces) {
      events.push_back(call_delta(piece));
    }
    events.push_back(call_delta(R"("index":0,"function":{"arguments":"{}"})"));
    std::string found;
    for (const auto& call : read_with_tools(events).tool_calls) {
      found += call.name + " ";
    }
    return found;
  };
  CHECK(names({R"("index":0,"id":"a","function":{"name":"search_"})",
               R"("index":0,"function":{"name":"projects"})"}) == "search_projects ");
  CHECK(names({R"("index":0,"id":"a","function":{"name":"sea"})",
               R"("index":0,"id":"a","function":{"name":"rch_"})",
               R"("index":0,"function":{"name":"projects"})"}) == "search_projects ");
  CHECK(names({R"("index":0,"id":"a","function":{"name":"search_"})",
               R"("index":0,"id":"a","function":{"name":"search_projects"})"}) == "search_projects ");
  CHECK(names({R"("index":0,"id":"a","function":{"name":"list"})",
               R"("index":0,"function":{"name":"_projects"})"}) == "list_projects ");
  CHECK(names({R"("index":0,"function":{"name":"functions."})", R"("index":0,"function":{"name":"list"})"}) ==
        "list ");
  // Two calls stay two.
  CHECK(names({R"("index":0,"id":"a","function":{"name":"list"})",
               R"("index":1,"id":"b","function":{"name":"list_projects"})"}) == "list list_projects ");
  CHECK(names({R"("index":0,"function":{"name":"list","arguments":"{}"})",
               R"("index":0,"function":{"name":"search_projects"})"}) == "list search_projects ");
}

TEST_CASE("openai: the older function_call is a call, streamed or whole") {
  const std::string alpha = R"( search_projects {"query":"alpha"})";
  const auto line = [](const llm::Completion& completion) {
    REQUIRE(completion.tool_calls.size() == 1);
    CHECK_FALSE(completion.tool_calls[0].id.empty());
    const auto back = json::parse(completion.as_received);
    CHECK(back["tool_calls"][0]["function"]["name"] == completion.tool_calls[0].name);
    CHECK_FALSE(back.contains("function_call"));
    return " " + completion.tool_calls[0].name + " " + completion.tool_calls[0].arguments;
  };
  CHECK(line(read_with_tools({delta(R"("function_call":{"name":"search_projects","arguments":""})"),
                              delta(R"("function_call":{"arguments":"{\"query\":"})"),
                              delta(R"("content":null,"function_call":null)"),
                              delta(R"("function_call":{"arguments":"\"alpha\"}"})")})) == alpha);
  CHECK(
      line(read_document(
          R"({"choices":[{"message":{"content":null,"function_call":{"name":"search_projects","arguments":"{\"query\":\"alpha\"}"}},"finish_reason":"function_call"}]})")) ==
      alpha);
  // Both are one call.
  const std::string both = R"({"name":"search_projects","arguments":"{\"query\":\"alpha\"}"})";
  CHECK(line(read_document((R"({"choices":[{"message":{"tool_calls":[{"id":"c","function":)" + both +
                            R"(}],"function_call":)" + both + "}}]}")
                               .c_str())) == alpha);
  CHECK(line(read_document(
            (R"({"choices":[{"message":{"tool_calls":{"id":"c","function":)" + both + "}}}]}").c_str())) ==
        alpha);
}

TEST_CASE("openai: a call that is written once more into its arguments is taken out of them") {
  const auto arguments_of = [](const std::string& written) {
    const auto completion = read_with_tools(
        {call_delta(R"("index":0,"id":"a","function":{"name":"search_projects","arguments":)" +
                    json(written).dump() + "}")});
    return completion.tool_calls.at(0).arguments;
  };
  CHECK(arguments_of(R"({"name":"search_projects","arguments":{"query":"alpha"}})") ==
        R"({"query":"alpha"})");
  CHECK(arguments_of(R"({"name":"search_projects","parameters":"{\"query\":\"alpha\"}"})") ==
        R"({"query":"alpha"})");
  CHECK(arguments_of(R"({"function":{"name":"search_projects","arguments":{"query":"alpha"}}})") ==
        R"({"query":"alpha"})");
  for (const auto* own : {R"({"arguments":{"a":1},"name":"other"})", R"({"name":"search_projects"})",
                          R"({"input":"x","query":"y"})"}) {
    CHECK(arguments_of(own) == own);
  }
}

TEST_CASE("openai: calls with one id are made two, and equal ones stay one") {
  const std::string alpha = R"("index":0,"id":"call_0","function":{"name":"n","arguments":"{\"q\":\"a\"}"})";
  const std::string beta = R"("index":1,"id":"call_0","function":{"name":"n","arguments":"{\"q\":\"b\"}"})";
  CHECK(calls_of({call_delta(alpha + "},{" + beta)}) == "call_0 n {\"q\":\"a\"}\ncall_0_2 n {\"q\":\"b\"}");
  CHECK(calls_of({call_delta(alpha), call_delta(beta)}) ==
        "call_0 n {\"q\":\"a\"}\ncall_0_2 n {\"q\":\"b\"}");
  CHECK(calls_of({call_delta(alpha), call_delta(alpha)}) == "call_0 n {\"q\":\"a\"}");
  // Without an index, and where one is for all.
  CHECK(calls_of({call_delta(R"("id":"c","function":{"name":"m","arguments":"{}"}},{"id":"c","function":)"
                             R"({"name":"m","arguments":"{\"q\":1}"})")}) == "c m {}\nc_2 m {\"q\":1}");
  CHECK(calls_of({call_delta(R"("index":0,"id":"","function":{"name":"m","arguments":"{}"})"),
                  call_delta(R"("index":0,"id":"x","function":{"name":"n","arguments":"{}"})")})
            .ends_with("m {}\nx n {}"));
  // A server that names the call in each of its pieces.
  CHECK(calls_of({call_delta(R"("index":0,"id":"c","function":{"name":"m","arguments":"{\"q\""})"),
                  call_delta(R"("index":0,"id":"c","function":{"name":"m","arguments":":1}"})"),
                  call_delta(R"("index":0,"id":"c","function":{"name":"m","arguments":""})")}) ==
        "c m {\"q\":1}");
  llm::Asked asked;
  asked.ids = {"call_0", "call_0_2"};
  CHECK(lines_of(support::read_events(*llm::openai_compatible_reader(asked), {call_delta(alpha), kFinish})) ==
        "call_0_3 n {\"q\":\"a\"}");
}

TEST_CASE("openai: members that we do not know go back unchanged, whole or put together") {
  const auto back = [](const llm::Completion& completion) { return json::parse(completion.as_received); };
  const auto gemini = read(
      {delta(
           R"("role":"assistant","tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"n","arguments":"{}","x":1},"extra_content":{"google":{"thought_signature":"U0lH"}}}])"),
       call_delta(R"("index":0,"function":{"arguments":""},"extra_content":null)"), kFinish});
  CHECK(back(gemini) == json::parse(R"({"role":"assistant","content":"","tool_calls":[{"id":"a",
    "type":"function","function":{"name":"n","arguments":"{}","x":1},
    "extra_content":{"google":{"thought_signature":"U0lH"}}}]})"));

  const auto router = read(
      {delta(
           R"("content":"I ","reasoning":"h\ud83d","reasoning_details":[{"type":"reasoning.text","text":"h","index":0,"format":"f"}])"),
       delta(
           R"("content":"look.","reasoning":"\ude00m","reasoning_details":[{"type":"reasoning.text","text":"m","index":0,"format":"f"}])"),
       delta(
           R"("reasoning_details":[{"type":"reasoning.text","signature":"s","index":0},{"type":"reasoning.encrypted","data":"d","index":0}])"),
       call_delta(R"("index":0,"id":"a","function":{"name":"n"})"), kFinish});
  CHECK(back(router)["content"] == "I look.");
  CHECK(back(router)["reasoning"] == "h\U0001F600m");
  CHECK(back(router)["reasoning_details"] == json::parse(R"([
    {"type":"reasoning.text","text":"hm","index":0,"format":"f","signature":"s"},
    {"type":"reasoning.encrypted","data":"d","index":0}])"));

  const auto mistral = read_document(R"({"choices":[{"message":{"content":[
      {"type":"thinking","thinking":[{"type":"text","text":"hm"}]},{"type":"text","text":"I look."}],
      "tool_calls":[{"id":"a","function":{"name":"n","arguments":"{}"}}]}}]})");
  CHECK(mistral.text == "I look.");
  CHECK(back(mistral)["content"][0]["thinking"][0]["text"] == "hm");
  CHECK(read({delta(R"("content":"x","reasoning":"hm")"), kFinish}).as_received.empty());
}

TEST_CASE("openai: halves of a character in two deltas are joined, others replaced") {
  CHECK(read({delta(R"("content":"a\ud83d")"), delta(R"("content":"\ude00b")"), kFinish}).text ==
        "a\U0001F600b");
  CHECK(read({delta(R"("content":"a\ud83d")"), delta(R"("content":"b")"), kFinish}).text == "a\uFFFDb");
  CHECK(read({delta("\"content\":\"Gr\xC3\""), delta("\"content\":\"\xBC\""), kFinish}).text == "Grü");
}

TEST_CASE("openai: the reason of the end says whether there is an answer") {
  const auto with_reason = [](const char* reason) {
    return std::vector<std::string>{
        delta(R"("content":"Half")"),
        std::string(R"({"choices":[{"delta":{},"finish_reason":")") + reason + R"("}]})"};
  };
  for (const auto* reason : {"error", "ERROR", "abort", "network_error", "insufficient_system_resource"}) {
    CAPTURE(reason);
    CHECK(failure(with_reason(reason)) == Kind::overloaded);
  }
  CHECK(failure(with_reason("MALFORMED_FUNCTION_CALL")) == Kind::malformed);
  for (const auto* reason : {"content_filter", "SAFETY", "sensitive", "PROHIBITED_CONTENT", "refusal"}) {
    CAPTURE(reason);
    CHECK(read(with_reason(reason)).ending == llm::Ending::declined);
    CHECK(read(with_reason(reason)).text == "Half");
  }
  for (const auto* reason : {"stop", "tool_calls", "eos", "something_new"}) {
    CAPTURE(reason);
    CHECK(read(with_reason(reason)).ending == llm::Ending::complete);
  }
  CHECK(read({R"({"choices":[{"finish_reason":"content_filter"}]})", "[DONE]"}).ending ==
        llm::Ending::declined);
  CHECK(read_document(R"({"choices":[{"finish_reason":"content_filter"}]})").ending == llm::Ending::declined);
  CHECK(read(with_reason("length")).ending == llm::Ending::at_max_tokens);
  CHECK(document_failure(R"({"choices":[{"message":{"content":"Half"},"finish_reason":"error"}]})") ==
        Kind::overloaded);
}

TEST_CASE("openai: an error beside half an answer is a failure, wherever it stands") {
  for (
      const char* broken :
      {R"({"choices":[{"delta":{"content":""},"finish_reason":"stop","error":{"code":502,"message":"upstream"}}]})",
       R"({"error":{"code":502,"message":"upstream"},"choices":[{"delta":{"content":""}}]})",
       R"({"choices":[],"error":"upstream"})"}) {
    CAPTURE(broken);
    CHECK(failure({delta(R"("content":"Half")"), broken}) == Kind::overloaded);
  }
  CHECK(document_failure(
            R"({"choices":[{"message":{"content":"Half"},"error":{"code":429,"message":"upstream"}}]})") ==
        Kind::overloaded);
  CHECK(read({R"({"choices":[{"delta":{"content":"All"},"error":null}]})", kFinish}).text == "All");
}

TEST_CASE("openai: thoughts in the text are left out, and calls in it carried out") {
  CHECK(read({delta(R"("content":"<thi")"), delta(R"("content":"nk>hm</think>answer")"), kFinish}).text ==
        "answer");
  llm::Asked asked;
  asked.tools = {"look"};
  const auto completion = support::read_events(
      *llm::openai_compatible_reader(asked),
      {delta(R"("content":"I look. <tool_call>{\"name\":\"look\",\"arguments\":{\"a\":1}}</tool_call>")"),
       kFinish});
  CHECK(completion.text == "I look.");
  REQUIRE(completion.tool_calls.size() == 1);
  CHECK(completion.tool_calls[0].name == "look");
  CHECK(completion.tool_calls[0].arguments == R"({"a":1})");
  CHECK_FALSE(completion.tool_calls[0].id.empty());
  CHECK(read({delta(R"("content":"<tool_call>{\"name\"</tool_call>")"), kFinish}).unread_call);
}

TEST_CASE("openai: a text that is longer than it may be ends the call, thoughts not counted") {
  llm::Asked asked;
  asked.max_bytes = 1'000;
  const auto reader = llm::openai_compatible_reader(asked);
  reader->take_event({"", delta(R"("content":"<think>)" + std::string(5'000, 'x') + R"(</think>")")});
  CHECK_FALSE(reader->finished());
  int pieces = 0;
  while (!reader->finished() && ++pieces < 1'000) {
    reader->take_event({"", delta(R"("content":"0123456ü")")});
  }
  CHECK(pieces > 111);
  CHECK(pieces < 200);
  const auto completion = reader->completion();
  CHECK(completion.text.size() >= 999);
  CHECK(completion.text.size() <= 1'000);
  CHECK(completion.ending == llm::Ending::at_max_bytes);
}

TEST_CASE("openai: the log-probability of the first token is read, in pieces and whole") {
  const std::string first =
      R"({"choices":[{"index":0,"delta":{"content":"Hi"},"logprobs":{"content":[{"token":"Hi","logprob":-0.25}]}}]})";
  const std::string second =
      R"({"choices":[{"index":0,"delta":{"content":"!"},"logprobs":{"content":[{"token":"!","logprob":-3.5}]}}]})";
  CHECK(read({first, second, kFinish}).logprob == -0.25);
  CHECK(read_document(R"({"choices":[{"message":{"content":"Hi"},"finish_reason":"stop",
    "logprobs":{"content":[{"token":"Hi","logprob":-0.5}]}}]})")
            .logprob == -0.5);
}

TEST_CASE("openai: an answer without log-probabilities, or with nonsense for them, has none") {
  for (const char* logprobs :
       {"null", "[]", "17", R"({"content":null})", R"({"content":[]})", R"({"content":[{"logprob":"x"}]})",
        R"({"content":[{"logprob":4}]})", R"({"content":["a"]})"}) {
    CAPTURE(std::string(logprobs));
    const auto event =
        std::string(R"({"choices":[{"index":0,"delta":{"content":"Hi"},"logprobs":)") + logprobs + "}]}";
    const auto completion = read({event, kFinish});
    CHECK(completion.text == "Hi");
    CHECK_FALSE(completion.logprob);
  }
  CHECK_FALSE(read({delta(R"("content":"Hi")"), kFinish}).logprob);
}

}  // namespace
