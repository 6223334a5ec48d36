#include "llm/openai_request.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "llm/exchange.h"
#include "llm/images.h"
#include "llm/optional_members.h"

namespace llm {
namespace {

using nlohmann::json;
using Names = std::set<std::string>;

void append_paragraph(std::string& text, const std::string& more) {
  if (!more.empty()) {
    text += (text.empty() ? "" : "\n\n") + more;
  }
}

/// The assistant's message as it was received; nothing where there is none.
std::optional<json> received(const ChatMessage& message) {
  auto parsed = message.as_received.empty() ? std::nullopt : base::parse_json(message.as_received);
  return parsed && parsed->is_object() ? std::move(parsed) : std::nullopt;
}

void leave_out(json& object, const Names& left_out) {
  for (const auto& name : left_out) {
    object.erase(name);
  }
}

/// For a server that has no tools: how they are called in text, which read_inner_text() finds again.
std::string tools_as_text(const std::vector<ToolSpec>& tools) {
  if (tools.empty()) {
    return {};
  }
  std::string text =
      "# Tools\nTo call a tool, answer with nothing but the call, in this form:\n"
      "<tool_call>{\"name\": \"NAME\", \"arguments\": {}}</tool_call>\n"
      "The arguments are JSON that fits the tool's schema. What the tool gives back is in the next message. "
      "The tools:\n";
  for (const auto& tool : tools) {
    text +=
        "- " + tool.name + ": " + tool.description + " Schema: " + base::dump_json(schema_of(tool)) + "\n";
  }
  return text;
}

/// The same message without a member that has to do with tools.
ChatMessage in_text(const ChatMessage& message) {
  ChatMessage own{message.role, {}};
  for (const auto& part : message.content) {
    if (const auto* result = std::get_if<ToolResult>(&part)) {
      own.content.emplace_back(Text{"<tool_result>" + std::string(result->is_error ? "Error: " : "") +
                                    result->text + "</tool_result>"});
    } else if (const auto* call = std::get_if<ToolCall>(&part)) {
      const json written = {{"name", call->name},
                            {"arguments", base::parse_json(call->arguments).value_or(json::object())}};
      own.content.emplace_back(Text{"<tool_call>" + base::dump_json(written) + "</tool_call>"});
    } else {
      own.content.push_back(part);
    }
  }
  return own;
}

void append_text_part(json& parts, const std::string& text) {
  if (!text.empty()) {
    parts.push_back({{"type", "text"}, {"text", text}});
  }
}

std::string data_url(const Image& image) {
  return std::string("data:") + kImageType + ";base64," + *image.base64;
}

/// One message of ours can be several of theirs: each result of a tool is its own.
void append_message(json& messages, const ChatMessage& message, const Names& left_out) {
  if (auto own = received(message)) {
    leave_out(*own, left_out);
    for (auto& call : (*own)["tool_calls"]) {
      leave_out(call, left_out);
    }
    messages.push_back(std::move(*own));
    return;
  }
  std::string text;
  json calls = json::array();
  json parts = json::array();  // where pictures are among them, which each stand behind the text about them
  for (const auto& part : message.content) {
    if (const auto* result = std::get_if<ToolResult>(&part)) {
      messages.push_back({{"role", "tool"},
                          {"tool_call_id", result->call_id},
                          {"content", result->is_error ? "Error: " + result->text : result->text}});
    } else if (const auto* call = std::get_if<ToolCall>(&part)) {
      calls.push_back({{"id", call->id},
                       {"type", "function"},
                       {"function", {{"name", call->name}, {"arguments", call->arguments}}}});
    } else if (const auto* image = std::get_if<Image>(&part)) {
      append_text_part(parts, std::exchange(text, {}));
      parts.push_back({{"type", "image_url"}, {"image_url", {{"url", data_url(*image)}}}});
    } else {
      append_paragraph(text, std::get<Text>(part).text);
    }
  }
  if (text.empty() && calls.empty() && parts.empty()) {
    return;
  }
  json own = {{"role", message.role == Role::user ? "user" : "assistant"}, {"content", text}};
  if (!parts.empty()) {
    append_text_part(parts, text);
    own["content"] = std::move(parts);
  }
  if (!calls.empty()) {
    own["tool_calls"] = std::move(calls);
  }
  messages.push_back(std::move(own));
}

}  // namespace

std::string openai_compatible_request(const ChatRequest& request, const std::string& model,
                                      const Names& left_out) {
  if (left_out.contains(kImagesMember) && has_images(request)) {
    return openai_compatible_request(without_images(request), model, left_out);
  }
  json body = {
      {"model", model},
      {left_out.contains("max_tokens") ? "max_completion_tokens" : "max_tokens", request.max_tokens}};
  if (!left_out.contains("stream")) {
    body["stream"] = true;
    if (!left_out.contains("stream_options")) {
      body["stream_options"] = {{"include_usage", true}};
    }
  }
  if (request.wants_logprob && !left_out.contains("logprobs")) {
    body["logprobs"] = true;
  }
  auto& messages = body["messages"] = json::array();
  std::string system;
  append_paragraph(system, request.guide);
  append_paragraph(system, request.context);
  if (left_out.contains(kToolsMember)) {
    append_paragraph(system, tools_as_text(request.tools));
  }
  if (!system.empty()) {
    messages.push_back({{"role", "system"}, {"content", system}});
  }
  for (const auto& message : request.messages) {
    append_message(messages, left_out.contains(kToolsMember) ? in_text(message) : message, left_out);
  }
  if (!request.tools.empty() && !left_out.contains(kToolsMember)) {
    auto& tools = body["tools"] = json::array();
    for (const auto& tool : request.tools) {
      tools.push_back(
          {{"type", "function"},
           {"function",
            {{"name", tool.name}, {"description", tool.description}, {"parameters", schema_of(tool)}}}});
    }
  }
  return base::dump_json(body);
}

std::vector<std::string> openai_optional_members(const ChatRequest& request) {
  Names names = {"max_tokens"};
  if (request.wants_logprob) {
    names.insert("logprobs");
  }
  const auto add = [&](const json& object, std::initializer_list<std::string_view> ours) {
    for (const auto& [name, value] : object.items()) {
      if (std::find(ours.begin(), ours.end(), name) == ours.end()) {
        names.insert(name);
      }
    }
  };
  for (const auto& message : request.messages) {
    if (const auto own = received(message)) {
      add(*own, kOpenAiMessageMembers);
      for (const auto& call : base::json_list(*own, "tool_calls")) {
        add(call, kOpenAiCallMembers);
      }
    }
  }
  // Who complains of stream_options may speak of `stream` in the same sentence.
  std::vector<std::string> ordered = {"stream_options"};
  std::copy_if(names.begin(), names.end(), std::back_inserter(ordered),
               [](const std::string& name) { return name != "stream"; });
  ordered.emplace_back("stream");
  if (!request.tools.empty()) {
    ordered.emplace_back(kToolsMember);
  }
  if (has_images(request)) {
    ordered.emplace_back(kImagesMember);
  }
  return ordered;
}

}  // namespace llm
