#include "router/scorer.h"

namespace router {

double score(const std::optional<Proposal>& proposal) {
  if (!proposal) {
    return 0.02;
  }
  switch (proposal->confidence) {
    case Confidence::low:
      return 0.3;
    case Confidence::medium:
      return 0.6;
    case Confidence::high:
      return 0.9;
  }
  return 0.6;
}

double highest_score() {
  return score(Proposal{{}, {}, {}, {}, Confidence::high, {}});
}

}  // namespace router
