#include "bot/messages/files_out.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/utf8.h"
#include "bot/texts/buttons.h"
#include "bot/texts/commands.h"
#include "bot/texts/files.h"
#include "dispatch/project/files.h"
#include "store/dispatch_log.h"

namespace bot::messages {
namespace {

constexpr std::size_t kMostButtons = 3;
constexpr std::size_t kLongestLabel = 40;
/// What is shown as text in a chat that takes no files.
constexpr std::uint64_t kMostShown = 6'000;

constexpr std::array<std::string_view, 36> kWanted = {
    "pdf", "doc", "docx", "odt", "rtf",  "epub", "md",  "txt", "html", "tex", "xls", "xlsx",
    "ods", "csv", "tsv",  "ppt", "pptx", "odp",  "png", "jpg", "jpeg", "gif", "svg", "webp",
    "mp3", "wav", "mp4",  "zip", "tar",  "gz",   "tgz", "xz",  "7z",   "ics", "apk", "stl"};
constexpr std::array<std::string_view, 8> kUnwanted = {"pyc", "o",   "lock", "log",
                                                       "tmp", "bak", "map",  "class"};
constexpr std::array<std::string_view, 7> kToolFolders = {
    "node_modules", "__pycache__", "venv", "site-packages", "vendor", "target", "coverage"};
constexpr std::array<std::string_view, 3> kUnwantedNames = {"CLAUDE.md", "package-lock.json",
                                                            "requirements.txt"};

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

std::string_view base_name(std::string_view path) {
  return path.substr(path.find_last_of('/') + 1);
}

std::string extension(std::string_view path) {
  const auto name = base_name(path);
  const auto dot = name.rfind('.');
  return dot == std::string_view::npos ? "" : base::ascii_lower(name.substr(dot + 1));
}

bool may_be_wanted(std::string_view path) {
  if (!dispatch::is_shown_path(path) || is_one_of(kUnwanted, extension(path)) ||
      is_one_of(kUnwantedNames, base_name(path))) {
    return false;
  }
  for (auto slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/')) {
    if (is_one_of(kToolFolders, path.substr(0, slash))) {
      return false;
    }
    path.remove_prefix(slash + 1);
  }
  return true;
}

bool is_text(const std::string& content) {
  return base::is_utf8(content) && content.find('\0') == std::string::npos;
}

}  // namespace

std::vector<std::string> likely_wanted(const std::filesystem::path& folder,
                                       const std::vector<dispatch::FileChange>& changes, std::size_t most) {
  using Kind = dispatch::FileChange::Kind;
  std::vector<std::tuple<bool, std::ptrdiff_t, bool, std::string>> ranked;
  for (const auto& change : changes) {
    if (change.kind == Kind::deleted || !may_be_wanted(change.path)) {
      continue;
    }
    const auto depth = std::count(change.path.begin(), change.path.end(), '/');
    const bool source = depth > 1 || !is_one_of(kWanted, extension(change.path));
    ranked.emplace_back(source, depth, change.kind == Kind::changed, change.path);
  }
  std::sort(ranked.begin(), ranked.end());
  std::vector<std::string> wanted;
  for (const auto& [source, depth, changed, path] : ranked) {
    if (wanted.size() == most) {
      break;
    }
    try {
      const auto size = dispatch::project_file_size(folder, path);
      if (size > 0 && size <= kMostSent) {
        wanted.push_back(path);
      }
    } catch (const base::PermanentError&) {
      continue;  // a link, or gone
    }
  }
  return wanted;
}

std::vector<store::Button> FilesOut::offer(const store::Conversation& conversation,
                                           store::DispatchId dispatch, const std::filesystem::path& folder,
                                           const std::vector<dispatch::FileChange>& changes) {
  const auto* const platform = services_.platform(conversation.section);
  if (platform == nullptr || !platform->features().sends_files) {
    return {};
  }
  std::vector<store::Button> buttons;
  for (const auto& path : likely_wanted(folder, changes, kMostButtons)) {
    const auto id = store::OfferedFiles(db_).add({dispatch, path});
    const auto shown = path.size() <= kLongestLabel ? path : std::string(base_name(path));
    buttons.push_back({store::ButtonKind::file, id.value,
                       texts::kSend + base::ellipsize(base::strip_controls(shown), kLongestLabel)});
  }
  return buttons;
}

std::filesystem::path FilesOut::folder_of(const store::Project& project) const {
  return services_.settings.dispatch.projects_dir / project.slug;
}

store::Post FilesOut::post_of(const store::Conversation& conversation, const store::Project& project,
                              const std::string& path) {
  store::Post post;
  try {
    const auto folder = folder_of(project);
    const auto size = dispatch::project_file_size(folder, path);
    const auto* const platform = services_.platform(conversation.section);
    const auto what = texts::file_of_project(path, project.slug, static_cast<std::int64_t>(size));
    if (platform != nullptr && platform->features().sends_files) {
      if (size == 0) {
        post.text = texts::file_empty(what);
        return post;
      }
      if (size > kMostSent) {
        post.text = texts::file_too_large(what, kMostSent);
        return post;
      }
      post.text = texts::file_sent(what);
      post.file = store::Post::File{project.id, path, std::string(base_name(path))};
      return post;
    }
    const auto content =
        size <= kMostShown ? dispatch::read_project_file(folder, path, kMostShown) : std::string();
    post.text = size <= kMostShown && is_text(content)
                    ? texts::file_shown(what, base::strip_controls(base::redacted(content)))
                    : texts::file_not_shown(what, base::abbreviate_home(folder / path));
  } catch (const base::PermanentError& e) {
    post.text = texts::file_not_had(project.slug, e.what());
  }
  return post;
}

store::Post FilesOut::requested(const store::Conversation& conversation, const std::string& argument) {
  store::Projects projects(db_);
  auto words = argument;
  std::erase(words, '`');
  const auto first = words.substr(0, words.find_first_of(" \n\t"));
  auto path = std::string(base::trim(std::string_view(words).substr(first.size())));
  // Whether another chat has a project of that name is nobody's business here.
  auto project = projects.find(first);
  if (!project || !store::is_of(*project, conversation)) {
    const auto latest = projects.of(conversation, 1);
    project = latest.empty() ? std::nullopt : std::optional(latest.front());
    path = words;
  }
  store::Post post;
  if (words.empty() || path.empty()) {
    post.text = texts::kFileMissing;
    return post;
  }
  if (!project) {
    post.text = texts::kNoFiles;
    return post;
  }
  while (path.starts_with("./")) {
    path.erase(0, 2);
  }
  return post_of(conversation, *project, path);
}

store::Post FilesOut::offered(const store::Conversation& conversation, store::OfferedFileId id) {
  const auto file = store::OfferedFiles(db_).find(id);
  if (!file) {
    return {texts::kUnknownFile};
  }
  const auto project = store::Projects(db_).get(store::DispatchLog(db_).dispatch(file->dispatch).project);
  if (!store::is_of(project, conversation)) {
    return {texts::kFileOfOtherChat};
  }
  return post_of(conversation, project, file->path);
}

void FilesOut::read(const store::Conversation& conversation, store::Post& post) {
  if (!post.file) {
    return;
  }
  try {
    const auto project = store::Projects(db_).get(post.file->project);
    if (!store::is_of(project, conversation)) {
      throw base::PermanentError(texts::kProjectOfOtherChat);
    }
    auto content = dispatch::read_project_file(folder_of(project), post.file->path, kMostSent);
    post.file->content = is_text(content) ? base::redacted(content) : std::move(content);
  } catch (const base::PermanentError& e) {
    post.text += "\n\n" + texts::file_not_sent(e.what());
    post.file.reset();
  }
}

}  // namespace bot::messages
