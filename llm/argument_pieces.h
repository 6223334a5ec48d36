#pragma once

#include <string>
#include <string_view>

namespace llm {

/// The arguments of a call as they come in a stream. Most servers send what follows; some send all that there
/// is so far, each time. Which of the two it was is known at the end. Thread rule: one thread.
class ArgumentPieces {
 public:
  /// The next piece; strings in it as base::parse_json_piece() leaves them.
  void add(std::string_view piece);

  /// Whether nothing came, or only what stands for nothing.
  bool empty() const { return last_.empty(); }

  /// What was written: all pieces, one behind the other, unless only the last one is an object.
  std::string joined() const;

  /// Whether that is an object with members already.
  bool is_whole() const;

  /// Whether `piece` is all that there is so far.
  bool grow_to(std::string_view piece) const;

 private:
  std::string text_;   ///< all pieces
  std::string last_;   ///< the last one that held anything
  bool grows_ = true;  ///< whether each of them goes on with the one before
};

}  // namespace llm
