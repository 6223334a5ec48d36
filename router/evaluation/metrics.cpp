#include "router/evaluation/metrics.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <map>

#include <boost/math/special_functions/beta.hpp>

#include "router/scoring/logistic_regression.h"

namespace router {
namespace {

double share(std::size_t part, std::size_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

Shares shares_of(const std::vector<Scored>& turns, double ask_at, double dispatch_at) {
  std::size_t specialist = 0;
  std::size_t secretary = 0;
  std::size_t asked = 0;
  std::size_t missed = 0;
  std::size_t needless = 0;
  std::size_t right = 0;
  for (const auto& turn : turns) {
    ++(turn.specialist ? specialist : secretary);
    if (turn.p >= dispatch_at) {
      ++(turn.specialist ? right : needless);
    } else if (turn.p >= ask_at) {
      ++asked;
    } else if (turn.specialist) {
      ++missed;
    }
  }
  return {share(right, right + needless),
          share(right, right + missed),
          share(asked, turns.size()),
          share(missed, specialist),
          clopper_pearson_upper(missed, specialist, 0.95),
          share(needless, secretary)};
}

double auroc(const std::vector<Scored>& turns) {
  auto sorted = turns;
  std::sort(sorted.begin(), sorted.end(), [](const Scored& a, const Scored& b) { return a.p < b.p; });
  double ranks = 0;
  double specialist = 0;
  for (std::size_t first = 0; first < sorted.size();) {
    std::size_t end = first;
    while (end < sorted.size() && sorted[end].p == sorted[first].p) {
      ++end;
    }
    const double rank = static_cast<double>(first + end + 1) / 2;
    for (; first < end; ++first) {
      if (sorted[first].specialist) {
        ranks += rank;
        specialist += 1;
      }
    }
  }
  const double secretary = static_cast<double>(turns.size()) - specialist;
  if (specialist == 0 || secretary == 0) {
    return 0.5;
  }
  return (ranks - specialist * (specialist + 1) / 2) / (specialist * secretary);
}

double pair_accuracy(const std::vector<Scored>& turns) {
  std::map<std::string, std::array<std::vector<double>, 2>> pairs;
  for (const auto& turn : turns) {
    if (!turn.pair.empty()) {
      pairs[turn.pair][turn.specialist ? 1 : 0].push_back(turn.p);
    }
  }
  std::size_t right = 0;
  std::size_t all = 0;
  for (const auto& [name, halves] : pairs) {
    for (const double secretary : halves[0]) {
      for (const double specialist : halves[1]) {
        ++all;
        right += specialist > secretary ? 1 : 0;
      }
    }
  }
  return share(right, all);
}

double calibration_error(const std::vector<Scored>& turns) {
  constexpr std::size_t kBins = 15;
  auto sorted = turns;
  std::sort(sorted.begin(), sorted.end(), [](const Scored& a, const Scored& b) { return a.p < b.p; });
  double error = 0;
  for (std::size_t bin = 0; bin < kBins; ++bin) {
    const auto from = sorted.size() * bin / kBins;
    const auto to = sorted.size() * (bin + 1) / kBins;
    double excess = 0;
    for (auto i = from; i < to; ++i) {
      excess += sorted[i].p - (sorted[i].specialist ? 1 : 0);
    }
    error += std::abs(excess);
  }
  return sorted.empty() ? 0 : error / static_cast<double>(sorted.size());
}

double brier_score(const std::vector<Scored>& turns) {
  double sum = 0;
  for (const auto& turn : turns) {
    const double miss = turn.p - (turn.specialist ? 1 : 0);
    sum += miss * miss;
  }
  return turns.empty() ? 0 : sum / static_cast<double>(turns.size());
}

double style_only_auroc(const std::vector<std::string>& texts, const std::vector<bool>& specialist) {
  LogisticRegression regression(7);
  std::vector<std::vector<double>> rows;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto& text = texts[i];
    const auto count = [&](auto is) {
      return std::log1p(static_cast<double>(std::count_if(
          text.begin(), text.end(), [&](char c) { return is(static_cast<unsigned char>(c)); })));
    };
    rows.push_back(
        {1, std::log1p(static_cast<double>(text.size())), count([](int c) { return std::isupper(c); }),
         count([](int c) { return std::isdigit(c); }), count([](int c) { return std::ispunct(c); }),
         count([](int c) { return c == '\n'; }), count([](int c) { return c == '?'; })});
    regression.add(rows.back(), specialist[i] ? 1 : 0);
  }
  const auto weights = regression.fit(1e-3);
  std::vector<Scored> scored;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    double z = 0;
    for (std::size_t k = 0; k < weights.size(); ++k) {
      z += weights[k] * rows[i][k];
    }
    scored.push_back({z, specialist[i]});
  }
  return auroc(scored);
}

double clopper_pearson_upper(std::size_t misses, std::size_t n, double confidence) {
  if (n == 0 || misses >= n) {
    return 1;
  }
  return boost::math::ibeta_inv(static_cast<double>(misses) + 1, static_cast<double>(n - misses), confidence);
}

}  // namespace router
