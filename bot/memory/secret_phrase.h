#pragma once

#include <string_view>

namespace bot::memory {

/// Whether what stands up to the first mark is several words, none of them one of a sentence, as in "correct
/// horse battery staple". In lower case.
bool is_phrase(std::string_view rest);

}  // namespace bot::memory
