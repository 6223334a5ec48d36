#pragma once

#include <string_view>

namespace router {

/// Files of the repository that stand in the program, byte for byte. They live for ever.
std::string_view built_in_weights();   ///< router/training/weights.bin
std::string_view built_in_concepts();  ///< router/scoring/concepts.txt

}  // namespace router
