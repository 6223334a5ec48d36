#pragma once

#include <string>
#include <string_view>

namespace router {

/// Where words are put that are to force a dispatch.
enum class AttackPlace { before, behind };

/// The text with six words of a fixed public list of words that agents' tasks are full of, drawn by the seed.
std::string attacked(std::string_view text, unsigned seed, AttackPlace place);

}  // namespace router
