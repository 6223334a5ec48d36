#include "llm/mcp/result.h"

#include <algorithm>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/utf8.h"

namespace llm::mcp {
namespace {

using nlohmann::json;

constexpr std::size_t kLongestName = 300;

/// The bytes that base64 stands for.
std::size_t size_of(const std::string& base64) {
  return base64.size() / 4 * 3;
}

std::string short_text(const json& object, const char* key) {
  return base::ellipsize(base::one_line(base::json_text(object, key)), kLongestName);
}

std::string text_of(const json& block) {
  const auto type = base::json_text(block, "type");
  if (type == "text") {
    return base::json_text(block, "text");
  }
  if (type == "image" || type == "audio") {
    return fmt::format("[{} {}, {} bytes, not shown]", type == "image" ? "image" : "audio",
                       short_text(block, "mimeType"), size_of(base::json_text(block, "data")));
  }
  if (type == "resource_link") {
    return fmt::format("[link {} {}]", short_text(block, "name"), short_text(block, "uri"));
  }
  if (type == "resource") {
    const auto& resource = base::json_object(block, "resource");
    const auto uri = short_text(resource, "uri");
    if (const auto text = base::json_string(resource, "text")) {
      return fmt::format("[{}]\n{}", uri, *text);
    }
    return fmt::format("[file {} {}, {} bytes, not shown]", uri, short_text(resource, "mimeType"),
                       size_of(base::json_text(resource, "blob")));
  }
  return "[something of a kind that is not known]";
}

/// Whether each value stands in the text.
bool is_told(const std::string& text, const json& value) {
  if (value.is_structured()) {
    return std::ranges::all_of(value, [&](const json& part) { return is_told(text, part); });
  }
  return value.is_null() ||
         text.find(value.is_string() ? value.get<std::string>() : value.dump()) != std::string::npos;
}

}  // namespace

CallResult read_result(const json& result, std::size_t max_bytes) {
  CallResult read;
  read.failed = base::json_bool(result, "isError").value_or(false);
  const auto& content = base::json_list(result, "content");
  for (const auto& block : content) {
    read.text += (read.text.empty() ? "" : "\n") + text_of(block);
  }
  // Most say the same in both, as one text or as JSON; some give only a heading as text.
  if (const auto* structured = base::json_member(result, "structuredContent");
      structured != nullptr && base::parse_json(read.text) != *structured &&
      (read.text.empty() || !is_told(read.text, *structured))) {
    read.text += (read.text.empty() ? "" : "\n") + base::dump_json(*structured);
  }
  read.text = base::strip_controls(base::to_valid_utf8(read.text));
  // Some servers never set isError.
  const auto begin = base::ascii_lower(base::trim(read.text).substr(0, 6));
  if (content.size() == 1 && (begin == "error:" || begin == "error")) {
    read.failed = true;
  }
  read.text = base::keep_ends(read.text, max_bytes);
  return read;
}

}  // namespace llm::mcp
