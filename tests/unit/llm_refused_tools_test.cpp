// One tool of a server that a provider refuses does not take the others along.
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "llm/attempt_error.h"
#include "llm/refused_tools.h"

namespace {

using namespace std::chrono_literals;

llm::AttemptError bad_request(const std::string& body) {
  llm::AttemptError error(llm::ModelError::Kind::misconfigured, llm::Repeat::never, "status 400");
  error.status = 400;
  error.response = body;
  return error;
}

/// A provider that says `complaint` as long as it is given the tool.
struct Provider {
  std::string bad;
  std::string complaint;
  std::vector<std::size_t> tools_of_calls = {};

  llm::Completion operator()(const llm::ChatRequest& request) {
    tools_of_calls.push_back(request.tools.size());
    for (const auto& tool : request.tools) {
      if (tool.name == bad) {
        throw bad_request(complaint);
      }
    }
    return {};
  }
};

llm::ChatRequest request() {
  llm::ChatRequest request;
  for (const char* const name : {"dispatch", "lab__good", "lab__bad", "mail__send"}) {
    request.tools.push_back({name, "", R"({"type": "object"})"});
  }
  return request;
}

void complete(llm::RefusedTools& refused, Provider& provider) {
  refused.attempt(request(), 1s,
                  [&](const llm::ChatRequest& taken, std::chrono::milliseconds) { return provider(taken); });
}

}  // namespace

TEST_CASE("a tool that the provider points at is left out, at once and from then on") {
  for (const char* const complaint :
       {"tools.2.custom.input_schema: input_schema does not support oneOf at the top level",
        "Invalid schema: tools[2].function.parameters",
        "GenerateContentRequest.tools[0].function_declarations[2].parameters",
        "Invalid schema for function 'lab__bad': schema must have type 'object'"}) {
    CAPTURE(complaint);
    llm::RefusedTools refused;
    Provider provider{"lab__bad", complaint};
    complete(refused, provider);
    complete(refused, provider);
    CHECK(provider.tools_of_calls == std::vector<std::size_t>{4, 3, 3});
  }
}

TEST_CASE("tools of the program's own, and complaints of anything else, are no business of it") {
  for (const auto& pair : {std::pair("dispatch", "tools.0.custom.input_schema: wrong"),
                           std::pair("lab__bad", "messages.2: text is empty")}) {
    CAPTURE(pair.second);
    llm::RefusedTools refused;
    Provider provider{pair.first, pair.second};
    CHECK_THROWS_AS(complete(refused, provider), llm::AttemptError);
    CHECK(provider.tools_of_calls == std::vector<std::size_t>{4});
  }
}
