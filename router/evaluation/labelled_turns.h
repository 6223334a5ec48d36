#pragma once

#include <filesystem>
#include <istream>
#include <optional>
#include <string>
#include <vector>

#include "router/scoring/signals.h"

namespace router {

/// Who should deal with a turn, as a person said.
enum class Label { secretary, specialist, either };

/// A message with what came before it, and who should deal with it.
struct LabelledTurn {
  struct Said {
    bool by_user = true;
    std::string text;
  };
  std::string id;
  std::vector<Said> thread;  ///< oldest first
  std::string text;
  Label label = Label::secretary;
  std::string pair;  ///< the same for two turns that differ in little but the label; may be empty
  std::vector<std::string> tags;
  std::optional<SecretarySignal> secretary = {};
};

/// One JSON object a line, as docs/routing.md describes them; empty lines are passed over. Throws
/// base::ConfigError with `name`, the line's number and what is wrong with it.
std::vector<LabelledTurn> read_labelled_turns(std::istream& in, const std::string& name);
std::vector<LabelledTurn> read_labelled_turns(const std::filesystem::path& file);

/// What is scored of it: the sender's own words, and the last message of each side before them.
ScoredText scored_text(const LabelledTurn& turn);

}  // namespace router
