#include "tests/fuzz/model_stream_check.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/utf8.h"
#include "llm/attempt_error.h"
#include "tests/fuzz/targets.h"

namespace fuzz {
namespace {

std::string checked(const llm::Completion& completion) {
  require(base::is_utf8(completion.text), "an answer is UTF-8");
  require(completion.text.size() <= llm::Endpoint{}.max_answer_bytes,
          "an answer is no longer than it may be");
  require(completion.as_received.empty() || base::parse_json(completion.as_received),
          "what goes back to the provider is JSON");
  const auto& usage = completion.usage;
  require(usage.input >= 0 && usage.cache_read >= 0 && usage.cache_write >= 0 && usage.output >= 0,
          "tokens are not negative");
  auto all = fmt::format("{} {} {} {} {} {}", static_cast<int>(completion.ending), usage.input,
                         usage.cache_read, usage.cache_write, usage.output, completion.text);
  for (const auto& call : completion.tool_calls) {
    require(!call.id.empty() && !call.name.empty(), "a call of a tool has an id and a name");
    require(base::is_utf8(call.id) && base::is_utf8(call.name) && base::is_utf8(call.problem),
            "all of a call is UTF-8");
    const auto arguments = base::parse_json(call.arguments);
    require(arguments && arguments->is_object(), "the arguments of a call are a JSON object");
    // Not the id: where the server sent none it is made up.
    all += "\n" + call.name + "\n" + call.arguments;
  }
  return all;
}

std::string outcome(llm::AnswerReader& reader, std::string_view bytes, std::size_t piece) {
  try {
    llm::AnswerBody body(reader);
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      if (!body.push(bytes.substr(at, piece))) {
        break;
      }
    }
    return checked(body.end());
  } catch (const llm::AttemptError& error) {
    const std::string_view what = error.what();
    require(base::is_utf8(what) && !what.empty() && what.size() <= 300, "an error is a short text");
    require(what.find('\n') == std::string_view::npos, "an error is one line");
    return fmt::format("error {}", static_cast<int>(error.kind));
  }
}

}  // namespace

void check_answer(std::unique_ptr<llm::AnswerReader> (*make)(), std::string_view body) {
  const auto whole = outcome(*make(), body, body.size() + 1);
  for (const std::size_t piece : {1, 7}) {
    require(outcome(*make(), body, piece) == whole, "it does not matter where bytes are cut");
  }
}

}  // namespace fuzz
