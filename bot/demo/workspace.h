#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bot/demo/conversation.h"

namespace bot::demo {

/// The files that a conversation wrote: its Write and Edit calls that were answered without an error, applied
/// in order. Files are known by their name without the folder; the demo's projects have no folders inside.
class Files {
 public:
  /// Looks at the first `count` items.
  Files(const std::vector<Item>& items, std::size_t count);

  std::optional<std::string> content(const std::string& name) const;
  /// The index of the result that confirmed its last change.
  std::optional<std::size_t> last_change(const std::string& name) const;
  /// Whether its first Write put it in place of a file that the conversation did not write.
  bool replaced(const std::string& name) const;

 private:
  struct File {
    std::string content;
    std::size_t changed_at = 0;
    bool replaced = false;
  };
  std::map<std::string, File> files_;
};

/// What was tried with a file from item `begin` on.
struct Attempts {
  struct Failure {
    std::size_t at = 0;
    std::string text;
  };
  std::vector<Failure> failures;       ///< of Write and Edit
  std::optional<std::size_t> read_at;  ///< the last Read that was answered, also with an error
  std::string read_text;
  bool read_failed = false;
};
Attempts attempts_at(const std::vector<Item>& items, std::size_t begin, const std::string& name);

/// The file's text in what Claude Code's Read answers: lines "   1→text" or "1<tab>text". Nothing where it is
/// not of that form.
std::optional<std::string> numbered_text(std::string_view read_result);

/// The colours' block in a countdown page (theme_css), a part of `page`; "" where it has none.
std::string_view theme_css_in(std::string_view page);

}  // namespace bot::demo
