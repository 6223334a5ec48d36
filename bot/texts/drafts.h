#pragma once

namespace bot::texts {

/// Below an answer that is not whole yet, where it is a message of the chat service. Markdown.
inline constexpr const char* kStillWriting = "✍️ *Still writing…*";

}  // namespace bot::texts
