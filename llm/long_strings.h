#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace llm {

/// Cuts the strings of JSON while it comes, in a document or in the lines of an event stream, so that no
/// answer takes more memory than it may. What comes out has the same structure. Thread rule: one thread.
class LongStrings {
 public:
  /// Of each string about that many bytes are kept, at least; it is cut between characters.
  explicit LongStrings(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  /// What is left of the next bytes, which may be cut anywhere.
  std::string cut(std::string_view bytes);

 private:
  bool keeps(char c);

  const std::size_t max_bytes_;
  std::size_t length_ = 0;  ///< of the string that is open
  int escape_ = 0;          ///< how many bytes of an escape are still to come
  bool in_string_ = false;
  bool after_backslash_ = false;
  bool dropping_ = false;
};

}  // namespace llm
