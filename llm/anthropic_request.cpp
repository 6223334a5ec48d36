#include "llm/anthropic_request.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/utf8.h"
#include "llm/exchange.h"
#include "llm/images.h"

namespace llm {
namespace {

using nlohmann::json;

/// A secretary with tools and without, for answers and for summaries.
constexpr std::size_t kMostKept = 8;

/// Marks the last of these blocks as the end of what the provider may cache, where it takes such marks.
void mark_end_of_cached(json& blocks, bool is_taken) {
  if (is_taken) {
    blocks.back()["cache_control"] = {{"type", "ephemeral"}};
  }
}

/// What the assistant sent; nothing where there is none.
std::optional<json> received(const ChatMessage& message) {
  auto parsed = message.as_received.empty() ? std::nullopt : base::parse_json(message.as_received);
  return parsed && parsed->is_array() ? std::move(parsed) : std::nullopt;
}

/// Results of tools come first, as the API demands of the message that follows a tool call.
json content_of(const ChatMessage& message) {
  if (auto own = received(message)) {
    return std::move(*own);
  }
  json results = json::array(), others = json::array();
  for (const auto& part : message.content) {
    if (const auto* result = std::get_if<ToolResult>(&part)) {
      json block = {{"type", "tool_result"}, {"tool_use_id", result->call_id}, {"content", result->text}};
      if (result->is_error) {
        block["is_error"] = true;
      }
      results.push_back(std::move(block));
    } else if (const auto* call = std::get_if<ToolCall>(&part)) {
      others.push_back({{"type", "tool_use"},
                        {"id", call->id},
                        {"name", call->name},
                        {"input", object_of(call->arguments)}});
    } else if (const auto* image = std::get_if<Image>(&part)) {
      others.push_back(
          {{"type", "image"},
           {"source", {{"type", "base64"}, {"media_type", kImageType}, {"data", *image->base64}}}});
    } else if (const auto& text = std::get<Text>(part); is_sendable(text)) {
      others.push_back({{"type", "text"}, {"text", text.text}});
    }
  }
  results.insert(results.end(), others.begin(), others.end());
  return results;
}

/// Appends it as JSON. Most texts need no escape and no tree.
void add_quoted(std::string& to, const std::string& text) {
  const bool is_plain = std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
  });
  if (is_plain) {
    to += '"';
    to += text;
    to += '"';
  } else {
    to += base::dump_json(text);
  }
}

void add_text_block(std::string& to, const Text& text, const char* further = "") {
  to += R"({"type":"text","text":)";
  add_quoted(to, text.text);
  to += further;
  to += '}';
}

/// Appends what content_of() gives, as text; false where it is nothing.
bool add_content(std::string& to, const ChatMessage& message) {
  const auto is_text = [](const auto& part) { return std::holds_alternative<Text>(part); };
  if (!message.as_received.empty() || !std::all_of(message.content.begin(), message.content.end(), is_text)) {
    const auto content = base::dump_json(content_of(message));
    to += content;
    return content != "[]";
  }
  bool any = false;
  for (const auto& part : message.content) {
    if (const auto& text = std::get<Text>(part); is_sendable(text)) {
      to += any ? ',' : '[';
      add_text_block(to, text);
      any = true;
    }
  }
  to += any ? "]" : "";
  return any;
}

/// What the texts of the messages take at least, so that the request is not copied as it grows.
std::size_t size_of_texts(const std::vector<ChatMessage>& messages) {
  constexpr std::size_t kAround = 80;
  std::size_t size = 0;
  for (const auto& message : messages) {
    for (const auto& part : message.content) {
      const auto* const text = std::get_if<Text>(&part);
      size += kAround + (text != nullptr ? text->text.size() : 0);
    }
  }
  return size;
}

std::string tools_of(const std::vector<ToolSpec>& specs, bool cached) {
  auto tools = json::array();
  for (const auto& tool : specs) {
    tools.push_back(
        {{"name", tool.name}, {"description", tool.description}, {"input_schema", schema_of(tool)}});
  }
  mark_end_of_cached(tools, cached);
  return base::dump_json(tools);
}

}  // namespace

bool is_sendable(const Text& text) {
  return !base::trim(text.text).empty();
}

json object_of(const std::string& text) {
  auto parsed = base::parse_json(text);
  return parsed && parsed->is_object() ? std::move(*parsed) : json::object();
}

std::shared_ptr<const AnthropicRequests::FixedParts> AnthropicRequests::fixed_parts(
    const ChatRequest& request, bool cached) {
  const std::lock_guard lock(mutex_);
  const auto known = std::find_if(known_.begin(), known_.end(), [&](const auto& parts) {
    return parts->cached == cached && parts->guide == request.guide && parts->specs == request.tools;
  });
  if (known != known_.end()) {
    return *known;
  }
  auto parts = std::make_shared<FixedParts>(FixedParts{request.guide, request.tools, cached, {}, {}});
  if (!request.tools.empty()) {
    parts->tools = tools_of(request.tools, cached);
  }
  if (const Text guide{request.guide}; is_sendable(guide)) {
    add_text_block(parts->system, guide, cached ? R"(,"cache_control":{"type":"ephemeral"})" : "");
  }
  if (known_.size() == kMostKept) {
    known_.erase(known_.begin());
  }
  known_.push_back(parts);
  return parts;
}

std::string AnthropicRequests::write(const ChatRequest& request, const std::string& model,
                                     const std::set<std::string>& left_out) {
  if (left_out.contains(kImagesMember) && has_images(request)) {
    return write(without_images(request), model, left_out);
  }
  // Piece by piece: the tree of a long conversation takes longer than all the rest of its turn.
  std::string body =
      fmt::format(R"({{"model":{},"max_tokens":{})", base::dump_json(model), request.max_tokens);
  if (!left_out.contains("stream")) {
    body += R"(,"stream":true)";
  }
  const auto parts = fixed_parts(request, !left_out.contains("cache_control"));
  constexpr std::size_t kAround = 200;
  body.reserve(kAround + parts->tools.size() + parts->system.size() + request.context.size() +
               size_of_texts(request.messages));
  if (!parts->tools.empty()) {
    body += R"(,"tools":)" + parts->tools;
  }
  auto system = parts->system;
  if (const Text context{request.context}; is_sendable(context)) {
    system += system.empty() ? "" : ",";
    add_text_block(system, context);
  }
  if (!system.empty()) {
    body += R"(,"system":[)" + system + "]";
  }
  body += R"(,"messages":[)";
  const auto begin = body.size();
  for (const auto& message : request.messages) {
    const auto before = body.size();
    body += before == begin ? "" : ",";
    body += message.role == Role::user ? R"({"role":"user","content":)" : R"({"role":"assistant","content":)";
    if (add_content(body, message)) {
      body += '}';
    } else {
      body.resize(before);
    }
  }
  body += "]}";
  return body;
}

std::string anthropic_request(const ChatRequest& request, const std::string& model,
                              const std::set<std::string>& left_out) {
  return AnthropicRequests().write(request, model, left_out);
}

}  // namespace llm
