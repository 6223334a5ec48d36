#pragma once

#include <chrono>
#include <string>

namespace bot::texts {

/// "10 minutes", "1 hour 30 minutes".
std::string patience_in_words(std::chrono::seconds patience);

}  // namespace bot::texts
