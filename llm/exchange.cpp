#include "llm/exchange.h"

#include <algorithm>
#include <exception>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "base/utf8.h"
#include "llm/attempt_error.h"

namespace llm {

bool AnswerBody::push(std::string_view bytes) {
  if (form_ == Form::unknown) {
    head_ += bytes;
    const auto seen = base::trim(head_);
    if (seen.empty()) {
      return true;
    }
    form_ =
        std::string_view("{[<").find(seen.front()) != std::string_view::npos ? Form::document : Form::stream;
    bytes = head_;
  }
  if (form_ == Form::document) {
    document_ += bytes;
    return true;
  }
  for (const auto& event : parser_.push(bytes)) {
    any_event_ = true;
    reader_.take_event(event);
    if (reader_.finished()) {
      return false;
    }
  }
  return true;
}

Completion AnswerBody::end() {
  if (form_ == Form::document) {
    const auto parsed = base::parse_json(document_);
    if (!parsed) {
      throw malformed("the answer is not JSON but begins: " +
                      std::string(base::truncate_utf8(base::trim(document_), 80)));
    }
    reader_.take_document(*parsed);
  } else if (!any_event_) {
    throw malformed(form_ == Form::unknown ? "the answer is empty"
                                           : "the answer is no event stream but begins: " +
                                                 std::string(base::truncate_utf8(base::trim(head_), 80)));
  }
  return reader_.completion();
}

base::HttpCall prepared_call(const Endpoint& endpoint, std::string url, std::string body,
                             std::chrono::milliseconds time) {
  base::HttpCall call;
  call.url = std::move(url);
  call.headers.add("Accept", "text/event-stream, application/json");
  call.headers.add("User-Agent", "frontdesk/" FRONTDESK_VERSION);
  call.body = std::move(body);
  call.connect_timeout = std::min(endpoint.connect_timeout, time);
  call.read_timeout = std::min(endpoint.silence, time);
  call.deadline = time;
  return call;
}

Completion exchange(base::HttpCall call, AnswerReader& reader, const std::stop_token& stop) {
  AnswerBody body(reader);
  // No exception may pass through the HTTP library.
  std::exception_ptr failure;
  call.on_body = [&](std::string_view bytes) {
    try {
      return body.push(bytes);
    } catch (...) {
      failure = std::current_exception();
      return false;
    }
  };
  base::HttpResponse response;
  try {
    response = base::http_call(call, stop);
  } catch (const base::HttpError& error) {
    if (error.kind == base::HttpError::Kind::stopped || stop.stop_requested()) {
      throw base::Stopped();
    }
    throw not_answered(error);
  } catch (const base::PermanentError& error) {
    throw AttemptError(ModelError::Kind::misconfigured, Repeat::never, error.what());
  }
  if (failure) {
    std::rethrow_exception(failure);
  }
  if (!response.ok()) {
    throw refused(response);
  }
  return body.end();
}

ToolCall checked_tool_call(ToolCall call, AnswerEnd end) {
  if (call.name.empty()) {
    throw malformed("a tool call without a name");
  }
  if (base::trim(call.arguments).empty()) {
    call.arguments = "{}";
  }
  const auto arguments = base::parse_json(call.arguments);
  if (!arguments || !arguments->is_object()) {
    const auto what = fmt::format("the arguments for the tool {} are not a JSON object", call.name);
    if (end == AnswerEnd::cut_off) {
      throw AttemptError(ModelError::Kind::malformed, Repeat::never,
                         what + ": the answer was cut at max_tokens");
    }
    throw malformed(what);
  }
  call.arguments = base::dump_json(*arguments);
  return call;
}

nlohmann::json schema_of(const ToolSpec& tool) {
  auto schema = base::parse_json(tool.schema);
  if (!schema || !schema->is_object()) {
    throw AttemptError(ModelError::Kind::misconfigured, Repeat::never,
                       "the schema of the tool " + tool.name + " is not a JSON object");
  }
  return std::move(*schema);
}

}  // namespace llm
