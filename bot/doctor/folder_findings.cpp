#include "bot/doctor/folder_findings.h"

#include <algorithm>
#include <system_error>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "base/file.h"
#include "base/id.h"
#include "base/private_folder.h"

namespace bot::doctor {
namespace {

namespace fs = std::filesystem;
using Mark = chat::CheckResult::Mark;

constexpr std::uintmax_t kLittleSpace = 500ULL * 1024 * 1024;
constexpr std::uintmax_t kNoSpace = 50ULL * 1024 * 1024;
constexpr auto kOthers = fs::perms::group_all | fs::perms::others_all;

bool is_open_to_others(const fs::path& folder) {
  std::error_code ec;
  const auto status = fs::status(folder, ec);
  return fs::is_directory(status) && (status.permissions() & kOthers) != fs::perms::none;
}

}  // namespace

Finding folder_finding(const std::string& what, const fs::path& path) {
  try {
    base::make_private_folders(path);
    const auto probe = path / (".frontdesk-probe-" + base::random_hex(4));
    base::write_file_atomically(probe, "probe");
    fs::remove(probe);
  } catch (const std::exception& e) {
    return {what, {Mark::failure, fmt::format("cannot write to {}: {}", path.string(), e.what())}};
  }
  std::error_code ec;
  const auto space = fs::space(path, ec);
  const auto detail = fmt::format("{}, {} MiB free", path.string(), space.available >> 20);
  if (ec || space.available < kNoSpace) {
    return {what, {Mark::failure, detail + "; the disk is full"}};
  }
  if (space.available < kLittleSpace) {
    return {what, {Mark::warning, detail + "; the disk is almost full"}};
  }
  return {what, {Mark::ok, detail}};
}

std::vector<Finding> project_folder_findings(const fs::path& projects) {
  constexpr std::size_t kMostShown = 5;
  std::vector<std::string> open;
  std::error_code ec;
  if (!is_open_to_others(projects)) {
    return {};  // nobody else comes as far as the projects
  }
  for (fs::directory_iterator it(projects, ec); !ec && it != fs::directory_iterator(); it.increment(ec)) {
    if (is_open_to_others(it->path())) {
      open.push_back(it->path().filename().string());
    }
  }
  if (open.empty()) {
    return {};
  }
  std::sort(open.begin(), open.end());
  const auto count = open.size();
  open.resize(std::min(count, kMostShown));
  return {
      {"projects folder",
       {Mark::warning,
        fmt::format(
            "other users of this machine can look into {} of its projects ({}{}), which an earlier version "
            "or another program made: chmod 700 {}",
            count, fmt::join(open, ", "), count > kMostShown ? ", …" : "", projects.string())}}};
}

}  // namespace bot::doctor
