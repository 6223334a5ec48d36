#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace base {

/// Bubblewrap around a specialist: it sees the system read-only, its project folder, its own state folder and
/// what the operator allows; nothing else of the home folder and no other process. It shares the network,
/// since it needs its model. A value; thread rule: none.
class Sandbox {
 public:
  /// Whether bubblewrap works on this machine.
  struct Check {
    bool works = false;
    std::string detail;  ///< one line: its version, or why it does not work and what to do
  };
  /// Starts bubblewrap once, with the same namespaces that a run gets; takes some 20 ms.
  static Check check();

  /// No sandbox: wrap() changes nothing.
  Sandbox() = default;
  /// One that also shows these paths read-only; those that are not there are left out. `hidden` folders are
  /// not shown even inside one that is.
  Sandbox(std::vector<std::filesystem::path> readable, std::vector<std::filesystem::path> hidden);

  bool active() const { return active_; }

  /// A folder that is shown, read-write, at another place than its own.
  struct Mount {
    std::filesystem::path source;
    std::filesystem::path at;
  };

  /// What is not there is left out; a link is shown as what it leads to. What is readable and lies in a
  /// folder that is shown is shown as that folder is.
  struct Bounds {
    std::filesystem::path folder;  ///< the working folder, read-write, but for its log folder; empty: none
    bool folder_is_read_only = false;
    std::vector<std::filesystem::path> scratch = {};  ///< empty folders that are gone with the run
    std::vector<std::filesystem::path> writable = {};
    std::vector<std::filesystem::path> readable = {};
    std::vector<Mount> mounts = {};
    bool network = true;  ///< else not even the loopback interface
  };
  /// The command that runs `argv` within the bounds.
  std::vector<std::string> wrap(const std::vector<std::string>& argv, const Bounds& bounds) const;

 private:
  bool active_ = false;
  std::vector<std::filesystem::path> readable_;
  std::vector<std::filesystem::path> hidden_;
};

/// Where a program's files are, so that it can be started in a sandbox: the folder of the path it is called
/// by and of what that leads to, or the node_modules folder around them. Empty for one in the system's own
/// folders.
std::vector<std::filesystem::path> folders_of_program(const std::string& command);
/// The same for one that is looked for in these folders, as PATH writes them.
std::vector<std::filesystem::path> folders_of_program(const std::string& command,
                                                      const std::string& search_path);

}  // namespace base
