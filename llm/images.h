#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "llm/chat_model.h"

namespace llm {

/// The member of a request that stands for its pictures, for OptionalMembers; no provider has one of that
/// name.
inline constexpr const char* kImagesMember = "images";

bool has_images(const ChatRequest& request);

/// The same request for a model that takes no pictures: where one was, a text says so.
ChatRequest without_images(ChatRequest request);

/// What pictures are of a request: bytes of its body, and tokens that no count of bytes tells.
struct ImageSize {
  std::size_t bytes = 0;
  std::int64_t tokens = 0;
  bool left_out = false;  ///< there are pictures, and they are not in its body
};
/// `left_out` has kImagesMember where they are not in the body.
ImageSize image_size(const ChatRequest& request, const std::set<std::string>& left_out);

/// Whether a server says that it, or its model, takes no pictures at all; not that one of them is wrong.
bool says_no_images(std::string_view response);

}  // namespace llm
