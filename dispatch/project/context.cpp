#include "dispatch/project/context.h"

#include <algorithm>
#include <functional>
#include <set>
#include <string_view>
#include <vector>

#include <fmt/core.h>
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
constexpr int kMostFiles = 50;
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

  /// Takes the file and what it imports; false where there is no such file. One that was taken already is
  /// not told again.
  bool add(const std::string& path, const std::string& importer = {}, int depth = 0);
  void add_rules();
  void forget_text() { text_.clear(); }
  std::string text() && { return std::move(text_); }

 private:
  const ProjectFolder folder_;
  std::set<std::string> taken_;
  std::string text_;
};

bool Context::add(const std::string& path, const std::string& importer, int depth) {
  const auto room = kMostText - std::min(text_.size(), kMostText);
  const auto file = folder_.read(path, std::min(room, kMostOfFile));
  if (!file || file->text.find('\0') != std::string::npos) {
    return file.has_value();
  }
  if (taken_.size() >= kMostFiles || !taken_.insert(file->path).second) {
    return true;
  }
  const auto words = words_of(*file);
  text_ += importer.empty()
               ? fmt::format("\n\nFor reference, the project's {} as it is now:\n\n", path)
               : fmt::format("\n\nThe project's {}, which {} imports:\n\n", file->path, importer);
  text_ += words;
  if (depth < kDeepestImport) {
    const auto from = fs::path(file->path).parent_path();
    for (const auto& import : imports_of(words)) {
      add((from / import).string(), file->path, depth + 1);
    }
  }
  return true;
}

void Context::add_rules() {
  for (const auto& name : folder_.names_in(kRules)) {
    if (name.ends_with(".md")) {
      add(fmt::format("{}/{}", kRules, name));
    }
  }
}

}  // namespace

std::string project_context(const fs::path& folder, ReadByCli by_cli) {
  Context context(folder);
  bool has_claude_md = false;
  for (const auto path : kClaudeFiles) {
    has_claude_md = context.add(std::string(path)) || has_claude_md;
  }
  context.add_rules();
  if (by_cli == ReadByCli::claude_md) {
    if (!has_claude_md) {
      return {};
    }
    context.forget_text();
  }
  for (const auto path : kAgentsFiles) {
    context.add(std::string(path));
  }
  return std::move(context).text();
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
