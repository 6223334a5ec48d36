#pragma once

#include <algorithm>
#include <chrono>
#include <vector>

namespace bench {

/// Times of the same work, in milliseconds; -1 where there is none.
struct Sample {
  std::vector<double> ms;

  void add(std::chrono::duration<double, std::milli> time) { ms.push_back(time.count()); }
  double median() const {
    auto sorted = ms;
    std::sort(sorted.begin(), sorted.end());
    return sorted.empty() ? -1 : sorted[sorted.size() / 2];
  }
  double worst() const { return ms.empty() ? -1 : *std::max_element(ms.begin(), ms.end()); }
};

template <typename Work>
Sample measure(int times, const Work& work) {
  Sample sample;
  for (int i = 0; i < times; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    sample.add(std::chrono::steady_clock::now() - begin);
  }
  return sample;
}

}  // namespace bench
