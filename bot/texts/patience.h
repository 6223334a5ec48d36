#pragma once

#include <chrono>
#include <string>

namespace bot::texts {

/// "10 minutes", "1 hour 30 minutes".
std::string patience_in_words(std::chrono::seconds patience);
/// In its largest unit: "16 days", "3 hours", "1 second".
std::string roughly_in_words(std::chrono::seconds time);

}  // namespace bot::texts
