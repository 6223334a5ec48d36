#include "llm/exchange.h"

#include <algorithm>
#include <exception>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/id.h"
#include "base/json.h"
#include "base/utf8.h"
#include "llm/attempt_error.h"
#include "llm/inner_text.h"
#include "llm/tool_arguments.h"
#include "llm/written_calls.h"

namespace llm {
namespace {

/// The most that a text may hold beside what people see of it.
constexpr std::size_t kMaxInnerBytes = 512 * 1024;
/// Of a document, once its long strings are cut; and of a stream, all in all.
constexpr std::size_t kMaxDocument = 4 * 1024 * 1024;
constexpr std::size_t kMaxStream = 16 * 1024 * 1024;
/// Of what comes over the network, long strings included.
constexpr std::size_t kMaxResponse = 64 * 1024 * 1024;
/// How much of what a model wrote it is shown again.
constexpr std::size_t kMaxShown = 500;

std::string problem_of(std::string_view written, Extent extent) {
  return fmt::format("{} You wrote: {}",
                     extent == Extent::cut_off
                         ? "The answer reached its greatest length before the arguments of this call ended. "
                           "Call again with shorter ones."
                         : "The arguments of this call are not a JSON object. Call again with one.",
                     base::keep_ends(base::trim(written), kMaxShown));
}

/// Without the call itself, which some models write once more into its arguments.
std::string own_arguments(std::string arguments, const std::string& name) {
  const auto parsed = base::parse_json(arguments);
  if (!parsed || !parsed->is_object() || !is_surely_call(*parsed)) {
    return arguments;
  }
  auto calls = calls_of(*parsed, {name});
  return calls && calls->size() == 1 ? std::move(calls->front().arguments) : arguments;
}

/// What settled() says of calls. `ids` are those that are taken; the new ones are added.
void settle_calls(std::vector<SentCall>& calls, const std::vector<std::string>& tools,
                  std::set<std::string>& ids, Extent extent) {
  std::vector<SentCall> settled;
  std::vector<ToolCall> seen;  // with the ids that were sent
  for (auto& sent : calls) {
    auto call = std::move(sent.call);
    call.id = base::joined_halves(call.id);
    call.name = offered_name(base::joined_halves(call.name), tools);
    if (call.name.empty()) {
      throw malformed("a tool call without a name");
    }
    const auto written = base::joined_halves(call.arguments);
    const auto arguments = read_arguments(written, extent);
    call.problem = arguments ? std::string() : problem_of(written, extent);
    call.arguments = own_arguments(arguments.value_or("{}"), call.name);
    if (std::any_of(seen.begin(), seen.end(), [&](const ToolCall& known) {
          return !call.id.empty() && known.id == call.id && known.name == call.name &&
                 known.arguments == call.arguments && known.problem == call.problem;
        })) {
      continue;
    }
    seen.push_back(call);
    const auto id = call.id.empty() ? "call_" + base::random_hex(12) : call.id;
    call.id = id;
    for (int n = 2; !ids.insert(call.id).second; ++n) {
      call.id = fmt::format("{}_{}", id, n);
    }
    settled.push_back({sent.index, std::move(call)});
  }
  calls = std::move(settled);
}

/// Tokens for the ledger, at four bytes each, where the provider counted none: because the answer was cut
/// before the end, or because it never does.
void estimate_usage(Usage& usage, const Completion& completion, std::size_t request_bytes,
                    const ImageSize& images) {
  constexpr std::size_t kBytesPerToken = 4;
  auto bytes = completion.text.size();
  for (const auto& call : completion.tool_calls) {
    bytes += call.arguments.size();
  }
  const auto tokens = [](std::size_t n) { return static_cast<std::int64_t>(n / kBytesPerToken); };
  if (usage.input + usage.cache_read + usage.cache_write == 0) {
    usage.input = tokens(request_bytes - std::min(request_bytes, images.bytes)) + images.tokens;
  }
  if (usage.output == 0 || completion.ending == Ending::at_max_bytes) {
    usage.output = std::max(usage.output, tokens(bytes));
  }
}

}  // namespace

Usage believable(Usage usage) {
  constexpr std::int64_t kMostInput = 2'000'000, kMostOutput = 200'000;
  for (auto* count : {&usage.input, &usage.cache_read, &usage.cache_write}) {
    *count = std::min(*count, kMostInput);
  }
  usage.output = std::min(usage.output, kMostOutput);
  return usage;
}

bool AnswerBody::push(std::string_view sent) {
  const auto kept = long_strings_.cut(sent);
  std::string_view bytes = kept;
  bytes_ += bytes.size();
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
    if (document_.size() > kMaxDocument) {
      throw malformed("the answer is too large");
    }
    return true;
  }
  if (bytes_ > kMaxStream) {
    throw malformed("the answer is too large");
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
  if (base::trim(form_ == Form::document ? document_ : head_).starts_with('<')) {
    // Neither protocol begins so: whoever stands before the provider says that it is not there.
    throw AttemptError(ModelError::Kind::unreachable, Repeat::rarely, "a web page came instead of an answer");
  }
  if (form_ == Form::document) {
    const auto parsed = base::parse_json_piece(document_);
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
  call.max_response_bytes = kMaxResponse;
  return call;
}

Completion exchange(base::HttpCall call, AnswerReader& reader, std::size_t max_answer_bytes,
                    const std::stop_token& stop, const ImageSize& images) {
  AnswerBody body(reader, max_answer_bytes + kMaxInnerBytes);
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
  auto completion = body.end();
  estimate_usage(completion.usage, completion, call.body.size(), images);
  completion.without_images = images.left_out;
  return completion;
}

Asked asked(const ChatRequest& request, const Endpoint& endpoint, std::atomic<bool>* thinks_first) {
  Asked asked;
  asked.listener = request.listener;
  asked.thinks_first = thinks_first;
  asked.max_bytes = endpoint.max_answer_bytes;
  for (const auto& tool : request.tools) {
    asked.tools.push_back(tool.name);
  }
  for (const auto& message : request.messages) {
    for (const auto& part : message.content) {
      if (const auto* call = std::get_if<ToolCall>(&part)) {
        asked.ids.insert(call->id);
      }
    }
  }
  return asked;
}

bool TextBound::is_passed(const std::string& text) {
  if (text.size() <= look_at_) {
    return false;
  }
  const auto seen = read_inner_text(base::joined_halves(text), {}).text.size();
  look_at_ = text.size() + (seen > max_bytes_ ? 0 : std::max(max_bytes_ - seen, max_bytes_ / 4));
  return seen > max_bytes_ || text.size() > max_bytes_ + kMaxInnerBytes;
}

Completion settled(std::string_view text, std::vector<SentCall>& calls, Ending ending, const Asked& asked) {
  Completion completion;
  completion.ending = ending;
  auto inner = read_inner_text(base::joined_halves(text), asked.tools);
  if (inner.text.size() > asked.max_bytes) {
    inner.text = std::string(base::truncate_utf8(inner.text, asked.max_bytes));
    completion.ending = Ending::at_max_bytes;
  }
  completion.text = std::move(inner.text);
  if (ending == Ending::declined) {
    calls.clear();
    return completion;
  }
  auto ids = asked.ids;
  const auto extent = completion.ending == Ending::complete ? Extent::whole : Extent::cut_off;
  settle_calls(calls, asked.tools, ids, extent);
  for (const auto& sent : calls) {
    completion.tool_calls.push_back(sent.call);
  }
  if (calls.empty()) {
    completion.unread_call = inner.unread_call;
    std::vector<SentCall> written;
    for (auto& call : inner.calls) {
      written.push_back({-1, std::move(call)});
    }
    settle_calls(written, asked.tools, ids, Extent::whole);
    for (auto& sent : written) {
      completion.tool_calls.push_back(std::move(sent.call));
    }
  }
  return completion;
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
