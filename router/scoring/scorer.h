#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "router/scoring/features.h"
#include "router/scoring/logistic.h"

namespace router {

/// What the scorer says of a turn.
struct Score {
  Logit z = 0;  ///< above 0: it looks like the specialist's work
  /// By how much z falls where the one stretch of up to 12 words at the beginning or the end that says most
  /// for the specialist is left out; 0 where none does or too little would be left. Words that somebody put
  /// there to force a dispatch show here.
  Logit fragile = 0;
  /// The same for a stretch of five words or more that no sentence holds together: it has none of the small
  /// words that connect others.
  Logit salad = 0;
};

/// How much a word moved z.
struct WordWeight {
  std::string word;
  Logit weight = 0;
};

/// A linear model over hashed features of the requested action: one signed byte for each index. Integer
/// arithmetic from the features on, so the same weights give the same score everywhere. Immutable; thread
/// rule: any thread.
class Scorer {
 public:
  /// The weights that the program was built with, trained by `train_router`.
  static const Scorer& built_in();

  /// The bytes of a file of weights: one line of JSON (scale, bias, fusion), a line end, kWeightCount signed
  /// bytes. Throws std::runtime_error where they are not such a file.
  explicit Scorer(std::string bytes);

  Score score(const Features& features) const;
  /// Score::z alone, in a fraction of the time.
  Logit z(const Features& features) const;

  /// The words of the text that moved z most, in either direction, the weightiest first; each word once.
  std::vector<WordWeight> weightiest(const Features& features, std::size_t most) const;

  /// The weight of each value that a signal gives, by its name: the fusion of signals into one logit
  /// (fusion.h). Empty for a situation that the training did not know.
  const std::map<std::string, Logit>& fusion(const std::string& situation) const;

  /// The first 12 hexadecimal digits of the SHA-256 of the bytes.
  const std::string& version() const { return version_; }
  const std::string& bytes() const { return bytes_; }

 private:
  Logit weight(std::size_t group, std::size_t size, std::int64_t sum) const;
  Logit without(const Features& features, std::size_t first_kept, std::size_t end_kept) const;

  std::string bytes_;
  std::string version_;
  const std::int8_t* weights_ = nullptr;  ///< into bytes_
  std::int64_t scale_ = 0;                ///< of a sum of weights, so that it becomes a Logit
  Logit bias_ = 0;
  std::map<std::string, std::map<std::string, Logit>> fusion_;
};

/// How much a group of features counts, in tenths; with the number of its features it gives the factor by
/// which the sum of their weights is multiplied. Also the trainer's, so that it trains on what is scored.
std::int64_t group_factor(std::size_t group, std::size_t size);
/// group_factor() of a group that counts 1 and has one feature.
inline constexpr std::int64_t kFactorOne = 40'960;

}  // namespace router
