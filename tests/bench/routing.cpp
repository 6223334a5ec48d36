// What it costs to compute p of a message, with the search for words that force a dispatch (the flip test)
// and with the message as it is, short. In the same run the same texts go through SHA-256, for comparison.
//
// routing [--quick]   prints p50 and p99 in microseconds, and their ratio to SHA-256.
#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "base/crypto.h"
#include "router/evaluation/labelled_turns.h"
#include "router/scoring/judgement.h"
#include "tests/bench/sample.h"
#include "tests/support/checkout.h"

namespace {

/// Times of one piece of work for each text, in microseconds.
class Times {
 public:
  template <typename Work>
  void measure(const Work& work) {
    const auto sample = bench::measure(1, work);
    us_.push_back(1000 * sample.worst());
  }
  double at(double share) {
    std::sort(us_.begin(), us_.end());
    return us_.empty() ? 0 : us_[static_cast<std::size_t>(share * static_cast<double>(us_.size() - 1))];
  }

 private:
  std::vector<double> us_;
};

void print(const char* what, Times& times, Times& reference, const char* goal) {
  std::printf("%-34s p50 %7.2f us, p99 %7.2f us, %5.1f and %5.1f times SHA-256%s\n", what, times.at(0.5),
              times.at(0.99), times.at(0.5) / reference.at(0.5), times.at(0.99) / reference.at(0.99), goal);
}

}  // namespace

int main(int argc, char** argv) {
  const bool quick = argc > 1 && std::string(argv[1]) == "--quick";
  const auto turns =
      router::read_labelled_turns(support::source_dir() + "/tests/fixtures/routing_exam.jsonl");
  const auto& scorer = router::Scorer::built_in();
  Times hash;
  Times features;
  Times decision;
  double kept = 0;  // so that nothing is optimized away
  for (int round = 0; round < (quick ? 2 : 20); ++round) {
    for (const auto& turn : turns) {
      const auto scored = router::scored_text(turn);
      hash.measure([&] { kept += base::sha256(scored.text)[0]; });
      features.measure([&] {
        const auto of_text = router::features_of(scored);
        kept += static_cast<double>(scorer.z(of_text));
      });
      decision.measure([&] { kept += router::judge(scored, turn.secretary, scorer, {}, "").p; });
    }
  }
  std::printf("%zu turns, SHA-256: p50 %.2f us, p99 %.2f us\n", turns.size(), hash.at(0.5), hash.at(0.99));
  print("without the flip test:", features, hash, "  (goal: p50 <= 20 us)");
  print("with it, fused and calibrated:", decision, hash, "  (goal: p99 <= 200 us)");
  return kept == 0 ? 1 : 0;
}
