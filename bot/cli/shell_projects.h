#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace bot::cli {

/// `frontdesk status`, `list` and `search`: what the project folders hold.
struct ShellProjects {
  std::string config;
  std::string slug;                ///< of status
  std::vector<std::string> words;  ///< of search
  bool json = false;
  std::string program = "frontdesk";  ///< as it was called
};

/// Says on `err` that there is no such project, and returns the exit status.
int tell_missing_project(const std::string& program, const std::string& slug, std::ostream& err);

/// Each prints on `out` and returns the exit status: 1 where status finds no such project, else 0.
int show_status(const ShellProjects& options, std::ostream& out, std::ostream& err);
int show_list(const ShellProjects& options, std::ostream& out);
int show_search(const ShellProjects& options, std::ostream& out);

}  // namespace bot::cli
