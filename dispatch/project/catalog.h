#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dispatch/task/specialist.h"

namespace dispatch {

/// A project as its folder describes it, whoever made it: Frontdesk or expert-dispatch 1.0.2. What is missing
/// is empty.
struct ProjectInfo {
  std::string slug;
  std::filesystem::path folder;
  std::string description;
  std::string created, updated;          ///< as project.json says, ISO 8601
  std::string last_session;              ///< the session that `resume` continues
  std::string last_run;                  ///< the name of the newest result file
  std::string holder;                    ///< who works in it now; empty: nobody
  std::optional<std::string> last_text;  ///< the last result's words
};

/// Reads the folders under a projects folder without locking or changing them. A folder is a project if its
/// name is a slug and it has a log folder. Thread rule: none; every call reads again.
class ProjectCatalog {
 public:
  explicit ProjectCatalog(std::filesystem::path root) : root_(std::move(root)) {}

  /// By slug; empty where the projects folder is not there. Throws std::system_error if it cannot be read.
  std::vector<ProjectInfo> all() const;
  /// Those whose slug, description or last result hold every word, in any case.
  std::vector<ProjectInfo> search(const std::vector<std::string>& words) const;
  /// Also a folder without a log folder, which `resume` takes, too.
  std::optional<ProjectInfo> find(const std::string& slug) const;

  /// What the newest result file says; nothing where there is none. One that cannot be read is an error.
  static std::optional<Report> last_report(const ProjectInfo& project);

 private:
  std::optional<ProjectInfo> read(const std::string& slug, bool with_holder) const;

  std::filesystem::path root_;
};

/// "2026-03-31 14:30:22" of a result file's name, which begins with that moment in local time; "" of another.
std::string run_time(std::string_view result_file);

}  // namespace dispatch
