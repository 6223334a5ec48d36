// Trains the weights of the router from labelled turns, and says how well they do on authors they have not
// seen.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <limits>
#include <map>
#include <set>
#include <string>

#include <fmt/core.h>

#include "base/error.h"
#include "base/file.h"
#include "router/evaluation/attacks.h"
#include "router/evaluation/evaluation.h"
#include "router/evaluation/metrics.h"
#include "router/scoring/words.h"
#include "router/training/trainer.h"

namespace {

using router::Label;
using router::Scored;

std::vector<router::TrainingPass> read_passes(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".jsonl") {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  std::vector<router::TrainingPass> passes;
  for (const auto& file : files) {
    passes.push_back({file.stem().string(), router::read_labelled_turns(file)});
  }
  return passes;
}

struct Group {
  std::vector<Scored> alone;
  std::vector<Scored> with_secretary;
};

void print(const std::string& name, const Group& group) {
  const auto alone = router::shares_of(group.alone, 0.35, 0.75);
  const auto asked = router::shares_of(group.with_secretary, 0.35, 0.75);
  fmt::print(
      "{:<26}{:>6} | {:.3f} {:.3f} | {:4.1f} {:4.1f} {:4.1f} | {:.3f} || {:.3f} {:.3f} | {:4.1f} {:4.1f} {:4.1f} | {:.3f}\n",
      name, group.alone.size(), router::auroc(group.alone), router::pair_accuracy(group.alone),
      100 * alone.over_dispatch, 100 * alone.under_dispatch, 100 * alone.confirm_rate,
      router::calibration_error(group.alone), router::auroc(group.with_secretary),
      router::pair_accuracy(group.with_secretary), 100 * asked.over_dispatch, 100 * asked.under_dispatch,
      100 * asked.confirm_rate, router::calibration_error(group.with_secretary));
}

void report_attacks(const router::Trained& trained, const router::Scorer& scorer) {
  std::map<std::string, std::pair<int, int>> attacks;
  for (const auto& one : trained.held_out) {
    if (one.turn->label != Label::secretary) {
      continue;
    }
    const auto count = [&](const std::string& name, const router::Score& score,
                           const std::optional<router::SecretarySignal>& secretary) {
      auto& [dispatched, all] = attacks[name];
      dispatched += router::logistic(router::fuse({score, secretary}, scorer)) >= 0.75 ? 1 : 0;
      ++all;
    };
    for (std::size_t i = 0; i < 2; ++i) {
      const std::string place = i == 0 ? "before" : "behind";
      count("list, alone, " + place, one.attacked_by_list[i], std::nullopt);
      count("list, with the secretary, " + place, one.attacked_by_list[i], one.turn->secretary);
      count("telling words, alone, " + place, one.attacked_by_telling[i], std::nullopt);
      count("telling words, with the secretary, " + place, one.attacked_by_telling[i], one.turn->secretary);
    }
  }
  for (const auto& [name, counts] : attacks) {
    fmt::print("silent dispatches forced by six words, {}: {:.1f} %\n", name,
               100.0 * counts.first / counts.second);
  }
}

void report(const router::Trained& trained) {
  const router::Scorer scorer(trained.bytes);
  std::map<std::string, Group> groups;
  std::vector<std::string> texts;
  std::vector<bool> labels;
  for (const auto& held : trained.held_out) {
    const auto* const turn = held.turn;
    const auto* const pass = held.pass;
    const auto& score = held.score;
    if (turn->label == Label::either) {
      continue;
    }
    const bool specialist = turn->label == Label::specialist;
    texts.push_back(turn->text);
    labels.push_back(specialist);
    const Scored alone{router::logistic(router::fuse({score}, scorer)), specialist, turn->pair};
    const Scored asked{router::logistic(router::fuse({score, turn->secretary}, scorer)), specialist,
                       turn->pair};
    std::set<std::string> names = {"all", "pass " + pass->name};
    for (const auto& tag : turn->tags) {
      names.insert("tag " + tag);
    }
    for (const auto& name : names) {
      groups[name].alone.push_back(alone);
      groups[name].with_secretary.push_back(asked);
    }
  }
  fmt::print(
      "Held out by author. AUROC, pairs | over-, under-dispatch, asked (%) at 0.35 and 0.75 | ECE; on the right with "
      "the secretary's signal\n");
  for (const auto& [name, group] : groups) {
    if (name.starts_with("tag ") && group.alone.size() < 40) {
      continue;
    }
    print(name, group);
  }
  report_attacks(trained, scorer);
  fmt::print("style only: AUROC {:.3f}\n", router::style_only_auroc(texts, labels));
}

/// How many of the secretary's turns would go to the specialist unasked, if `change` were done to their text.
template <typename Change>
double forced(const router::Scorer& scorer, const std::vector<router::LabelledTurn>& turns, Change change) {
  unsigned all = 0;
  unsigned dispatched = 0;
  for (const auto& turn : turns) {
    if (turn.label == Label::secretary) {
      auto text = router::scored_text(turn);
      text.text = change(text.text, all);
      dispatched += router::judge(text, turn.secretary, scorer, {}, "").p >= 0.75 ? 1 : 0;
      ++all;
    }
  }
  return all == 0 ? 0 : 100.0 * dispatched / all;
}

/// Six words, each picked as the one that raises p most behind a few of the turns, by who has the weights.
std::string white_box(const router::Scorer& scorer, const std::vector<router::LabelledTurn>& turns,
                      const std::set<std::string>& candidates) {
  constexpr std::size_t kSearched = 30;
  std::vector<router::ScoredText> searched;
  for (const auto& turn : turns) {
    if (turn.label == Label::secretary && searched.size() < kSearched) {
      searched.push_back(router::scored_text(turn));
    }
  }
  std::string words;
  for (int i = 0; i < 6; ++i) {
    std::pair<router::Logit, std::string> best = {std::numeric_limits<router::Logit>::min(), ""};
    for (const auto& word : candidates) {
      router::Logit sum = 0;
      for (auto text : searched) {
        text.text += words + " " + word;
        sum += router::judge(text, std::nullopt, scorer, {}, "").logit;
      }
      best = std::max(best, {sum, word});
    }
    words += " " + best.second;
  }
  return words;
}

void attack(const router::Scorer& scorer, const std::vector<router::LabelledTurn>& turns,
            const std::set<std::string>& candidates) {
  for (const auto place : {router::AttackPlace::before, router::AttackPlace::behind}) {
    for (const auto words : {router::AttackWords::known, router::AttackWords::unknown}) {
      const auto share = forced(scorer, turns, [&](const std::string& text, unsigned seed) {
        return router::attacked(text, seed, place, words);
      });
      fmt::print("silent dispatches forced by six words {} the text, of {} list: {:.1f} %\n",
                 place == router::AttackPlace::before ? "before" : "behind",
                 words == router::AttackWords::known ? "the known" : "an unknown", share);
    }
  }
  const auto words = white_box(scorer, turns, candidates);
  fmt::print("by who has the weights and searches{}: {:.1f} %\n", words,
             forced(scorer, turns, [&](const std::string& text, unsigned) { return text + words; }));
}

/// Words that the specialist's turns have more than once.
std::set<std::string> words_for_attacks(const std::vector<router::TrainingPass>& passes) {
  std::map<std::string, int> counts;
  for (const auto& pass : passes) {
    for (const auto& turn : pass.turns) {
      for (const auto& word : router::words_of(turn.text)) {
        counts[word] += turn.label == Label::specialist ? 1 : 0;
      }
    }
  }
  std::set<std::string> words;
  for (const auto& [word, count] : counts) {
    constexpr int kOften = 12;
    if (count >= kOften) {
      words.insert(word);
    }
  }
  return words;
}

void examine(const router::Scorer& scorer, std::vector<router::LabelledTurn> turns,
             const std::set<std::string>& candidates) {
  const auto print_out = [&](const char* title) {
    const router::EvaluationOptions options;
    fmt::print("\nExam, {}\n{}", title,
               router::evaluation_text(router::evaluate(turns, scorer, options), options));
    attack(scorer, turns, candidates);
  };
  print_out("with the secretary's signal");
  for (auto& turn : turns) {
    turn.secretary = std::nullopt;
  }
  print_out("the scorer alone");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3 && argc != 4) {
    std::cerr
        << "usage: train_router FOLDER-OF-TURNS FILE [EXAM]\n\nWrites the weights to FILE. EXAM: turns that take no "
           "part, on which they are tried, without the secretary's signal and with it.\n";
    return 2;
  }
  try {
    const auto passes = read_passes(argv[1]);
    const auto trained = router::train(passes);
    report(trained);
    base::write_file_atomically(argv[2], trained.bytes);
    if (argc == 4) {
      examine(router::Scorer(trained.bytes), router::read_labelled_turns(argv[3]), words_for_attacks(passes));
    }
    return 0;
  } catch (const std::exception& e) {
    std::cerr << e.what() << '\n';
    return 1;
  }
}
