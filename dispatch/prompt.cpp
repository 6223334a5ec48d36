#include "dispatch/prompt.h"

namespace dispatch {
namespace {

namespace fs = std::filesystem;

bool leads_outside(std::string_view path, const fs::path& folder) {
  if (path.empty()) {
    return false;
  }
  if (path.front() == '/' || path.front() == '~' || path.front() == '"' || path.front() == '\'' ||
      path.front() == '\\' || path.find("..") != std::string_view::npos) {
    return true;
  }
  // Punctuation may follow the path; each shorter form is a path, too.
  std::error_code ec;
  const auto root = fs::weakly_canonical(folder, ec);
  auto candidate = std::string(path.substr(0, std::min(path.size(), path.find('#'))));
  while (!candidate.empty()) {
    const auto target = fs::weakly_canonical(root / candidate, ec);
    if (!ec && fs::exists(target, ec)) {
      const auto relative = target.lexically_relative(root);
      return relative.empty() || *relative.begin() == "..";
    }
    candidate.pop_back();
    if (candidate.size() + 8 < path.size()) {
      break;
    }
  }
  return false;
}

}  // namespace

std::string harmless_prompt(std::string_view first_line, std::string_view text, const fs::path& folder) {
  std::string out(first_line);
  out += "\n\n";
  for (std::size_t i = 0; i < text.size(); ++i) {
    out.push_back(text[i]);
    if (text[i] == '@') {
      const auto end = text.find_first_of(" \t\r\n", i + 1);
      if (leads_outside(text.substr(i + 1, std::min(end, text.size()) - i - 1), folder)) {
        out.push_back(' ');
      }
    }
  }
  return out;
}

}  // namespace dispatch
