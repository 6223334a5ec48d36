#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/code_spans.h"

namespace llm {

/// What read_inner_text() will leave of a text, as far as that is certain while the text comes. From the
/// first character on that may begin a mark, a thought or a call, it is held back until that is decided; from
/// a call on, all of it. Thread rule: one thread.
class VisibleText {
 public:
  /// `tools` are the names of those that were offered. `begins_in_thought`: the model is known to begin with
  /// a thought whose opening mark its server has put into the prompt.
  explicit VisibleText(std::vector<std::string> tools, bool begins_in_thought = false);

  struct News {
    bool withdrawn = false;  ///< all that was said before `text` was a thought
    std::string text;        ///< what is certain now and was not before: whole characters
  };
  /// Takes the next piece of the text, as base::parse_json_piece() leaves strings, cut anywhere.
  News add(std::string_view piece);

  /// Whether a thought ended that had no opening mark.
  bool closed_unopened() const { return closed_unopened_; }

 private:
  struct Step {
    enum class Kind { show, skip, think, withdraw, hold, shut };
    Kind kind;
    std::size_t size = 0;
    std::string_view name = {};  ///< of the mark that opens a thought
  };
  using Text = base::Folded;

  void work();
  Step next(const Text& text, std::size_t at);
  Step head(const Text& text, std::size_t at) const;
  Step thought(const Text& text, std::size_t at);
  Step mark(const Text& text, std::size_t at);
  Step bracket(const Text& text, std::size_t at);
  Step json(const Text& text, std::size_t at);
  Step wrapper(const Text& text, std::size_t at);
  Step word(const Text& text, std::size_t at) const;
  Step code(const Text& text, std::size_t at);
  Step span(const Text& text, std::size_t at, std::size_t run);
  Step fence_head(const Text& text, std::size_t at, std::size_t run);
  Step in_fence(const Text& text, std::size_t at);
  std::size_t fence_close(const Text& text, std::size_t at, std::string_view fence) const;
  Step hold_for(const Text& text, std::size_t at, std::string_view triggers);
  bool holds_call(std::string_view piece) const;
  void show(std::string_view text);

  const std::vector<std::string> tools_;
  std::string tail_;         ///< what is not decided
  std::string half_;         ///< of a character, at the end of the last piece
  std::string wait_for_;     ///< nothing is decided before one of these characters comes
  bool came_ = false;        ///< one of them did
  std::size_t look_at_ = 0;  ///< how long what is held must be for another look
  std::string white_;        ///< white space that is shown only before something else
  std::string thought_;      ///< the name of the thought that it is within
  std::string fence_;        ///< the marks of the fenced code that it is within
  int within_ = 0;           ///< thoughts of the same name, opened within it
  News news_;
  bool started_ = false;        ///< something was shown
  bool line_begins_ = true;     ///< only white space stands in the line so far
  bool in_word_ = false;        ///< the last character was one of a word
  bool bracket_seen_ = false;   ///< "(" was shown
  bool held_in_fence_ = false;  ///< up to the end of the fence, because it may not end
  bool shut_ = false;           ///< what follows is not shown
  bool closed_unopened_ = false;
};

}  // namespace llm
