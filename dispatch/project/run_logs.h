#pragma once

#include <filesystem>
#include <string>

namespace dispatch {

// What is taken out of a project folder because of a person. Nothing here follows a link. Each throws
// std::system_error where a folder cannot be read; what cannot be removed stays. Thread rule: any thread.

/// Removes what a run left in the log folder of the project: its result, its errors and its events; with
/// `last` also last-result.txt. Returns how many files went.
int remove_run_logs(const std::filesystem::path& root, const std::string& slug, const std::string& record,
                    bool last);

/// Takes what the project is about out of its project.json; false where it said nothing.
bool forget_description(const std::filesystem::path& root, const std::string& slug);

/// Removes a file that was placed in the project; false where it is gone.
bool remove_project_file(const std::filesystem::path& root, const std::string& slug, const std::string& path);

}  // namespace dispatch
