#pragma once

#include <string>
#include <string_view>

namespace router {

/// A message, parted into what its sender says and what others said before.
struct OwnWords {
  std::string text;      ///< the sender's own; all of the message where it would be empty
  bool foreign = false;  ///< the message holds a mail, or lines that somebody else wrote
};

/// Finds in the text itself what is pasted, quoted or forwarded there: blocks of code and logs, lines that
/// begin with
/// ">", headers and bodies of forwarded mail, quotations of more than four words. A heuristic: what it misses
/// is scored as the sender's own. Pure.
OwnWords own_words(std::string_view text);

}  // namespace router
