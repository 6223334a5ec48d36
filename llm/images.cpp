#include "llm/images.h"

#include <algorithm>
#include <initializer_list>

#include <fmt/core.h>

#include "base/utf8.h"

namespace llm {
namespace {

/// As Anthropic counts, and about what others do.
constexpr std::int64_t kPixelsPerToken = 750;

template <typename Function>
void each_image(const ChatRequest& request, Function function) {
  for (const auto& message : request.messages) {
    for (const auto& part : message.content) {
      if (const auto* image = std::get_if<Image>(&part)) {
        function(*image);
      }
    }
  }
}

bool has_any(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

}  // namespace

bool has_images(const ChatRequest& request) {
  bool any = false;
  each_image(request, [&](const Image&) { any = true; });
  return any;
}

ChatRequest without_images(ChatRequest request) {
  for (auto& message : request.messages) {
    for (auto& part : message.content) {
      if (const auto* image = std::get_if<Image>(&part)) {
        auto text = fmt::format(
            "[From the program: a picture{} is here, which you cannot see. Never guess what is in it; say that you "
            "cannot look at pictures where that matters.]",
            image->name.empty() ? "" : " (" + image->name + ")");
        part = Text{std::move(text)};
      }
    }
  }
  return request;
}

ImageSize image_size(const ChatRequest& request, const std::set<std::string>& left_out) {
  if (left_out.contains(kImagesMember)) {
    return {0, 0, has_images(request)};
  }
  ImageSize size;
  each_image(request, [&](const Image& image) {
    size.bytes += image.base64->size();
    size.tokens += std::int64_t{image.width} * image.height / kPixelsPerToken;
  });
  return size;
}

// Who says what: OpenAI "image_url is only supported by certain models", OpenRouter "no endpoints found that
// support image input", llama.cpp "image input is not supported" and "unsupported content part type", Ollama
// "does not support image input" and "missing data required for image input", vLLM "is not a multimodal
// model" and "at most 0 image(s)", DeepSeek "unknown variant `image_url`" and, of an older one, "invalid
// type: sequence, expected a string" and "did not match any variant of untagged enum", Groq "content must be
// a string".
bool says_no_images(std::string_view response) {
  const auto text = base::ascii_lower(response.substr(0, 4'000));
  if (has_any(text,
              {"is not a multimodal model", "at most 0 image", "missing data required for image",
               "unsupported content part type", "unknown variant `image", "unknown variant image",
               "invalid type: sequence, expected a string", "did not match any variant of untagged enum",
               "content must be a string", "content should be a valid string", "input should be 'text'"})) {
    return true;
  }
  const bool speaks_of_images =
      has_any(text, {"image input", "image_url", "images", "image content", "image part", "vision",
                     "multimodal", "multi-modal", "mmproj", "support image"});
  const bool denies =
      has_any(text, {"not support", "n't support", "only supported by", "unsupported", "not enabled",
                     "n't enabled", "not available", "not allowed", "not accept", "no endpoints found",
                     "not capable", "text only", "text-only", "not a vision"});
  // One that is wrong: its format, its size.
  const bool is_about_one = has_any(text, {"image format", "media type", "media_type", "too large", "exceeds",
                                           "could not process", "invalid image", "decode", "at most"});
  return speaks_of_images && denies && !is_about_one;
}

}  // namespace llm
