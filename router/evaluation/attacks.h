#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace router {

/// Where words are put that are to force a dispatch.
enum class AttackPlace { before, behind };

/// From which list: one that the training has seen, or one that takes no part in it and shows what the
/// training is worth against words that it does not know.
enum class AttackWords { known, unknown };

/// The text with six words of a fixed public list of words that agents' tasks are full of, drawn by the seed.
std::string attacked(std::string_view text, unsigned seed, AttackPlace place,
                     AttackWords words = AttackWords::known);

/// The text with six words before or behind it, drawn from these by the seed; they must not be empty.
std::string attacked_with(const std::vector<std::string>& words, std::string_view text, unsigned seed,
                          AttackPlace place);

}  // namespace router
