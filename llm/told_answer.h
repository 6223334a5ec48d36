#pragma once

#include <string_view>

#include "llm/exchange.h"
#include "llm/visible_text.h"

namespace llm {

/// One attempt at an answer, as its listener sees it: what is visible of it, withdrawn where the attempt ends
/// before whole(). Thread rule: one thread.
class ToldAnswer {
 public:
  /// `asked` says who listens and whether answers begin in a thought, and is told that; it must outlive this.
  explicit ToldAnswer(const Asked& asked);
  ~ToldAnswer();
  ToldAnswer(const ToldAnswer&) = delete;
  ToldAnswer& operator=(const ToldAnswer&) = delete;

  /// Takes the next piece of the text, as base::parse_json_piece() leaves strings.
  void add(std::string_view piece);
  /// The answer is whole.
  void whole();

 private:
  const Asked& asked_;
  VisibleText visible_;
  bool told_ = false;
  bool whole_ = false;
};

/// Whether a model of that name may begin with a thought that only its end marks, until it is known better.
bool may_think_first(std::string_view model);

}  // namespace llm
