#include "router/evaluation/certificate.h"

#include <algorithm>
#include <functional>

namespace router {
namespace {

constexpr double kConfidence = 0.95;
constexpr int kSteps = 100;
constexpr std::size_t kLeastTurns = 20;

}  // namespace

Certificate certify(const std::vector<Scored>& labelled, double bound) {
  std::vector<double> specialist;
  for (const auto& turn : labelled) {
    if (turn.specialist) {
      specialist.push_back(turn.p);
    }
  }
  std::sort(specialist.begin(), specialist.end());
  Certificate certificate;
  certificate.specialist_turns = specialist.size();
  std::size_t needed = specialist.size();
  while (needed < 1'000'000 && clopper_pearson_upper(0, needed, kConfidence) > bound) {
    ++needed;
  }
  certificate.missing = needed - specialist.size();
  for (int step = 1; step < kSteps && certificate.missing == 0; ++step) {
    const double ask_at = static_cast<double>(step) / kSteps;
    const auto misses = static_cast<std::size_t>(
        std::lower_bound(specialist.begin(), specialist.end(), ask_at) - specialist.begin());
    if (clopper_pearson_upper(misses, specialist.size(), kConfidence) > bound) {
      break;
    }
    certificate.ask_at = ask_at;
  }
  return certificate;
}

std::optional<double> threshold_for_rate(std::vector<double> p, double rate) {
  if (p.size() < kLeastTurns) {
    return std::nullopt;
  }
  std::sort(p.begin(), p.end(), std::greater<>());
  const auto at = std::min(static_cast<std::size_t>(rate * static_cast<double>(p.size())), p.size() - 1);
  // Above the next one, so that no more than the share reaches it.
  return at == 0 ? std::min(1.0, p.front() + 1e-9) : p[at - 1];
}

}  // namespace router
