#include "dispatch/project/context.h"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <iterator>
#include <set>
#include <string_view>
#include <vector>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <md4c.h>

#include "base/utf8.h"
#include "dispatch/project/project_folder.h"
#include "dispatch/task/prompt.h"

namespace dispatch {
namespace {

namespace fs = std::filesystem;

/// One argument of a command holds 128 KiB at most (MAX_ARG_STRLEN).
constexpr std::size_t kMostText = 64 * 1024;
constexpr std::size_t kMostOfFile = 32 * 1024;
constexpr std::size_t kLeastOfFile = 256;  ///< less of one is of no use
constexpr int kMostFiles = 50;
constexpr std::size_t kMostTaken = 500;  ///< looked at, whether told or not
constexpr std::size_t kMostNamed = 20;
constexpr int kDeepestImport = 5;
constexpr std::string_view kClaudeFiles[] = {"CLAUDE.md", ".claude/CLAUDE.md", "CLAUDE.local.md"};
constexpr std::string_view kRules = ".claude/rules";
constexpr std::string_view kAgentsFiles[] = {"AGENTS.md", ".claude/AGENTS.md"};

/// The text with all that Markdown takes for code or HTML replaced by spaces.
std::string plain_text_of(const std::string& markdown) {
  // md4c 0.4.8 reads beyond a text that ends within a line.
  const auto source = markdown + "\n";
  struct Mask {
    const std::string& source;
    std::string text;
  } mask{source, source};
  MD_PARSER parser{};
  parser.enter_block = [](MD_BLOCKTYPE, void*, void*) { return 0; };
  parser.leave_block = parser.enter_block;
  parser.enter_span = [](MD_SPANTYPE, void*, void*) { return 0; };
  parser.leave_span = parser.enter_span;
  parser.text = [](MD_TEXTTYPE type, const MD_CHAR* text, MD_SIZE size, void* self) {
    auto& to = *static_cast<Mask*>(self);
    const auto* begin = to.source.data();
    const std::less_equal<const MD_CHAR*> not_after;
    // Some of what it passes on is not a part of the source.
    if ((type == MD_TEXT_CODE || type == MD_TEXT_HTML) && not_after(begin, text) &&
        not_after(text + size, begin + to.source.size())) {
      std::fill_n(to.text.begin() + (text - begin), size, ' ');
    }
    return 0;
  };
  return md_parse(source.data(), static_cast<MD_SIZE>(source.size()), &parser, &mask) == 0 ? mask.text
                                                                                           : std::string();
}

/// The path behind an "@": up to white space that has no backslash before it, without what follows "#".
std::string import_path(std::string_view text) {
  std::string path;
  while (!text.empty() && !begins_with_space(text)) {
    if (text.front() == '\\') {
      if (text.size() < 2 || text[1] != ' ') {
        break;
      }
      text.remove_prefix(1);
    }
    path += text.front();
    text.remove_prefix(1);
  }
  return path.substr(0, path.find('#'));
}

std::vector<std::string> imports_of(const std::string& markdown) {
  std::vector<std::string> imports;
  const auto text = plain_text_of(markdown);
  for (auto at = text.find('@'); at != std::string::npos; at = text.find('@', at + 1)) {
    const std::string_view words = text;
    auto before = at - std::min<std::size_t>(at, 1);
    while (before > 0 && (static_cast<unsigned char>(words[before]) & 0xC0) == 0x80) {
      --before;
    }
    if (at == 0 || begins_with_space(words.substr(before))) {
      imports.push_back(import_path(words.substr(at + 1)));
    }
  }
  return imports;
}

std::string words_of(const ProjectFolder::File& file) {
  const auto clean = [&](std::size_t from, std::size_t size) {
    return base::strip_controls(base::to_valid_utf8(std::string_view(file.text).substr(from, size)));
  };
  const auto half = file.text.size() / 2;
  return file.left_out == 0 ? clean(0, file.text.size())
                            : fmt::format("{}\n[… {} bytes left out …]\n{}", clean(0, half), file.left_out,
                                          clean(half, file.text.size()));
}

class Context {
 public:
  explicit Context(const fs::path& folder) : folder_(folder) {}

  /// Takes these files, then what they import, level by level; whether any of them is there. One that was
  /// taken already is not told again.
  bool add(const std::vector<std::string>& paths);
  std::vector<std::string> rules() const;
  /// Whether what is taken from now on is told; else the CLI reads it by itself.
  void tell(bool is_told) { is_told_ = is_told; }
  std::string text() const;

 private:
  struct Wanted {
    std::string path;
    std::string importer = {};  ///< empty for one that stands for itself
    int depth = 0;
  };
  bool take(const Wanted& wanted, std::vector<Wanted>& queue);

  const ProjectFolder folder_;
  std::set<std::string> taken_;
  bool is_told_ = true;
  int told_ = 0;
  std::string text_;
  std::vector<std::string> left_out_;  ///< for want of room
};

bool Context::add(const std::vector<std::string>& paths) {
  std::vector<Wanted> queue;
  for (const auto& path : paths) {
    queue.push_back({path});
  }
  bool any = false;
  for (std::size_t i = 0; i < queue.size() && taken_.size() < kMostTaken; ++i) {
    const auto wanted = queue[i];  // the queue grows
    any = take(wanted, queue) || any;
  }
  return any;
}

bool Context::take(const Wanted& wanted, std::vector<Wanted>& queue) {
  const auto used = std::min(text_.size(), kMostText);
  const bool fits = kMostText - used >= kLeastOfFile && told_ < kMostFiles;
  const auto most = !is_told_ ? kMostOfFile : fits ? std::min(kMostText - used, kMostOfFile) : 1;
  const auto file = folder_.read(wanted.path, most);
  if (!file || file->text.find('\0') != std::string::npos || !taken_.insert(file->path).second) {
    return file.has_value();
  }
  if (is_told_ && !fits && file->left_out > 0) {
    left_out_.push_back(file->path);
    return true;
  }
  const auto words = words_of(*file);
  if (is_told_) {
    ++told_;
    text_ += wanted.importer.empty()
                 ? fmt::format("\n\nFor reference, the project's {} as it is now:\n\n", wanted.path)
                 : fmt::format("\n\nThe project's {}, which {} imports:\n\n", file->path, wanted.importer);
    text_ += words;
  }
  if (wanted.depth < kDeepestImport) {
    const auto from = fs::path(file->path).parent_path();
    for (const auto& import : imports_of(words)) {
      queue.push_back({(from / import).string(), file->path, wanted.depth + 1});
    }
  }
  return true;
}

std::vector<std::string> Context::rules() const {
  std::vector<std::string> rules;
  for (const auto& name : folder_.names_in(kRules)) {
    if (name.ends_with(".md")) {
      rules.push_back(fmt::format("{}/{}", kRules, name));
    }
  }
  return rules;
}

std::string Context::text() const {
  if (left_out_.empty()) {
    return text_;
  }
  const auto named = std::min(left_out_.size(), kMostNamed);
  const auto more = left_out_.size() - named;
  return fmt::format(
      "{}\n\nFor want of room this leaves out more of the project's instructions; read them before you begin: "
      "{}{}",
      text_, fmt::join(left_out_.begin(), left_out_.begin() + static_cast<std::ptrdiff_t>(named), ", "),
      more > 0 ? fmt::format(" and {} more", more) : "");
}

}  // namespace

std::string project_context(const fs::path& folder, ReadByCli by_cli) {
  const std::vector<std::string> claude(std::begin(kClaudeFiles), std::end(kClaudeFiles));
  const std::vector<std::string> agents(std::begin(kAgentsFiles), std::end(kAgentsFiles));
  Context context(folder);
  if (by_cli == ReadByCli::claude_md) {
    context.tell(false);
    if (!context.add(claude)) {
      return {};
    }
    context.add(context.rules());
    context.tell(true);
    context.add(agents);
    return context.text();
  }
  auto main_files = claude;
  main_files.insert(main_files.end(), agents.begin(), agents.end());
  context.add(main_files);
  context.add(context.rules());
  return context.text();
}

std::string first_claude_md(const fs::path& folder, const std::string& slug, const std::string& description) {
  for (const auto path : kAgentsFiles) {
    std::error_code ec;
    if (fs::exists(fs::symlink_status(folder / path, ec))) {
      return {};
    }
  }
  return fmt::format(
      "# {}\n\n{}\n\n## Conventions\n\n- Keep everything of this project in this folder.\n"
      "- Say what was done, what was checked and what was not.\n",
      slug, description.empty() ? "A project of the chat." : description);
}

}  // namespace dispatch
