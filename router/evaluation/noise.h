#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace router {

/// A change of a text that changes nothing about what is wanted.
struct Noise {
  std::string name;
  std::string (*apply)(std::string_view text);
};

/// Lower case, two typing mistakes, filler words, no final mark, and all of these together. Each gives the
/// same result for the same text.
const std::vector<Noise>& noises();

}  // namespace router
