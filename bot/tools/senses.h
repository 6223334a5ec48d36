#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bot::tools {

/// What words are about, coarsely: a thing, or what is done with it.
enum class Sense : std::uint8_t {
  mail,
  calendar,
  files,
  notes,
  web,
  people,
  send,
  create,
  change,
  remove,
  read
};
inline constexpr std::size_t kThings = 6;
inline constexpr std::size_t kSenses = 11;

/// How much of each, from 0 to 1.
using Senses = std::array<float, kSenses>;

/// Of words in English, lower case and without the s of a plural, as in names of tools. Pure.
Senses senses_of(const std::vector<std::string>& words);

/// The same and what a person's text means in any of the languages of router::Concepts. Pure.
Senses senses_of_text(std::string_view text, const std::vector<std::string>& words);

}  // namespace bot::tools
