#include "dispatch/task/prompt.h"

#include <algorithm>
#include <array>

namespace dispatch {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFirstLine = "This is the task, as the assistant in the chat wrote it:";

// No longer path can be opened (PATH_MAX).
constexpr std::size_t kLongestPath = 4096;

// With more "@" than that nobody means files, and each costs a look at the file system.
constexpr int kMostLookups = 300;

std::string_view first_word(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size() && end < kLongestPath && !begins_with_space(text.substr(end))) {
    ++end;
  }
  return text.substr(0, end);
}

bool leads_outside(std::string_view path, const fs::path& root) {
  if (path.empty()) {
    return false;
  }
  if (path.front() == '/' || path.front() == '~' || path.front() == '"' || path.front() == '\'' ||
      path.front() == '\\' || path.find("..") != std::string_view::npos) {
    return true;
  }
  // Punctuation may follow the path; each shorter form is a path, too.
  std::error_code ec;
  auto candidate = std::string(path.substr(0, std::min(path.size(), path.find('#'))));
  while (!candidate.empty()) {
    const auto target = fs::weakly_canonical(root / candidate, ec);
    if (!ec) {
      const auto relative = target.lexically_relative(root);
      if (relative.empty() || *relative.begin() == "..") {
        return true;
      }
      if (fs::exists(target, ec)) {
        return false;
      }
    }
    candidate.pop_back();
    if (candidate.size() + 8 < path.size()) {
      break;
    }
  }
  return false;
}

}  // namespace

bool begins_with_space(std::string_view text) {
  constexpr std::array<std::string_view, 11> kSpaces = {
      " ",        "\t",       "\n",           "\r",           "\v",          "\f",
      "\xC2\x85", "\xC2\xA0", "\xE1\x9A\x80", "\xE3\x80\x80", "\xEF\xBB\xBF"};
  for (const auto space : kSpaces) {
    if (text.starts_with(space)) {
      return true;
    }
  }
  // U+2000 to U+200A, U+2028, U+2029, U+202F, U+205F
  if (text.size() >= 3 && text[0] == '\xE2' && (text[1] == '\x80' || text[1] == '\x81')) {
    const auto last = static_cast<unsigned char>(text[2]);
    const bool space =
        text[1] == '\x81' ? last == 0x9F : last <= 0x8A || last == 0xA8 || last == 0xA9 || last == 0xAF;
    return space;
  }
  return false;
}

std::string harmless_prompt(std::string_view first_line, std::string_view text, const fs::path& folder) {
  std::error_code ec;
  const auto root = fs::weakly_canonical(folder, ec);
  int lookups = 0;
  std::string out(first_line.empty() ? kFirstLine : first_line);
  out += "\n\n";
  for (std::size_t i = 0; i < text.size(); ++i) {
    out.push_back(text[i]);
    if (text[i] != '@' || i + 1 == text.size() || begins_with_space(text.substr(i + 1))) {
      continue;
    }
    if (++lookups > kMostLookups || leads_outside(first_word(text.substr(i + 1)), root)) {
      out.push_back(' ');
    }
  }
  return out;
}

}  // namespace dispatch
