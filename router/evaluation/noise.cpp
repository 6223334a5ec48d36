#include "router/evaluation/noise.h"

#include <array>
#include <cctype>
#include <cstdint>
#include <random>

#include "base/utf8.h"

namespace router {
namespace {

std::mt19937 random_for(std::string_view text) {
  std::uint32_t seed = 2'166'136'261U;
  for (const char c : text) {
    seed = (seed ^ static_cast<unsigned char>(c)) * 16'777'619U;
  }
  return std::mt19937(seed);
}

std::string lower_case(std::string_view text) {
  return base::ascii_lower(text);
}

bool is_letter(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0;
}

/// Two letters within words change places or one is left out.
std::string two_typos(std::string_view text) {
  auto random = random_for(text);
  std::string out(text);
  for (int typo = 0; typo < 2; ++typo) {
    std::vector<std::size_t> places;
    for (std::size_t i = 1; i + 1 < out.size(); ++i) {
      if (is_letter(out[i - 1]) && is_letter(out[i]) && is_letter(out[i + 1])) {
        places.push_back(i);
      }
    }
    if (places.empty()) {
      break;
    }
    const auto at = places[random() % places.size()];
    if (random() % 2 == 0) {
      std::swap(out[at], out[at + 1]);
    } else {
      out.erase(at, 1);
    }
  }
  return out;
}

std::string filler_words(std::string_view text) {
  static constexpr std::array kBefore = {"um ", "so ", "ok ", "hey ", "well "};
  static constexpr std::array kBehind = {" thanks", " ok?", " please", " if you can", " cheers"};
  auto random = random_for(text);
  const auto before = random() % kBefore.size();
  const auto behind = random() % kBehind.size();
  return kBefore.at(before) + std::string(text) + kBehind.at(behind);
}

std::string without_final_mark(std::string_view text) {
  auto out = std::string(base::trim(text));
  while (!out.empty() && (out.back() == '.' || out.back() == '!' || out.back() == '?')) {
    out.pop_back();
  }
  return out;
}

std::string all_noise(std::string_view text) {
  return filler_words(two_typos(lower_case(without_final_mark(text))));
}

}  // namespace

const std::vector<Noise>& noises() {
  static const std::vector<Noise> kNoises = {{"lower case", &lower_case},
                                             {"two typos", &two_typos},
                                             {"filler words", &filler_words},
                                             {"no final mark", &without_final_mark},
                                             {"all together", &all_noise}};
  return kNoises;
}

}  // namespace router
