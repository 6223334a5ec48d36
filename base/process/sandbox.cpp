#include "base/process/sandbox.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/process/child_process.h"
#include "base/process/program_path.h"
#include "base/process/supervisor.h"
#include "base/utf8.h"

namespace base {
namespace {

namespace fs = std::filesystem;

constexpr const char* kBubblewrap = "bwrap";
constexpr std::chrono::seconds kCheckTimeout{10};
constexpr std::array kSystem = {"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/opt"};

/// These are the machine's memory, so they are bounded.
constexpr const char* kLargeFolder = "1073741824";
constexpr const char* kSmallFolder = "67108864";

std::vector<std::string> namespaces() {
  // --die-with-parent: with the supervisor, bubblewrap goes, and with it everything in its PID namespace.
  // Ours, whatever PATH the command is given.
  return {find_program(kBubblewrap).value_or(kBubblewrap), "--die-with-parent", "--new-session",
          "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--cap-drop", "ALL",
          "--ro-bind", "/usr", "/usr", "--proc", "/proc", "--dev", "/dev", "--size", kLargeFolder, "--tmpfs",
          "/dev/shm", "--remount-ro", "/dev",
          // Root can write to some of these without any capability, and bubblewrap 0.8 does not prevent it.
          "--ro-bind", "/proc/sys", "/proc/sys", "--ro-bind-try", "/proc/sysrq-trigger",
          "/proc/sysrq-trigger"};
}

bool is_in_system(const fs::path& path) {
  const auto text = path.string();
  return text.starts_with("/usr/") || std::any_of(kSystem.begin(), kSystem.end(), [&](const char* folder) {
           return text.starts_with(std::string(folder) + "/");
         });
}

/// The outermost node_modules around the path, else its folder.
fs::path package_folder(const fs::path& path) {
  fs::path folder;
  for (const auto& part : path) {
    folder /= part;
    if (part == "node_modules") {
      return folder;
    }
  }
  return path.parent_path();
}

void add(std::vector<std::string>& argv, const char* option, const fs::path& path) {
  argv.insert(argv.end(), {option, path.string(), path.string()});
}

bool lies_in(const fs::path& path, const fs::path& folder) {
  const auto normal = folder / "";
  return (path / "").lexically_normal().string().starts_with(normal.lexically_normal().string());
}

/// Shows these read-only, but for what a folder that is shown anyway holds: as a mount of its own a file
/// could not be replaced, by a server that writes a new one and renames it, for example.
void add_readable(std::vector<std::string>& argv, const std::vector<const std::vector<fs::path>*>& readable,
                  std::vector<fs::path> shown) {
  std::error_code ec;
  std::erase_if(shown, [&](const fs::path& path) { return path.empty() || !fs::exists(path, ec); });
  for (const auto* paths : readable) {
    for (const auto& path : *paths) {
      if (std::none_of(shown.begin(), shown.end(),
                       [&](const fs::path& folder) { return lies_in(path, folder); })) {
        add(argv, "--ro-bind-try", path);
        if (fs::exists(path, ec)) {
          shown.push_back(path);
        }
      }
    }
  }
}

void add_memory_folder(std::vector<std::string>& argv, const fs::path& path, const char* bytes) {
  argv.insert(argv.end(), {"--size", bytes, "--tmpfs", path.string()});
}

/// Root can read more of /etc than others; its specialist must not. Listed for each run, since it
/// changes.
void hide_secrets_of_etc(std::vector<std::string>& argv) {
  std::error_code ec;
  fs::recursive_directory_iterator it("/etc", fs::directory_options::skip_permission_denied, ec);
  for (; !ec && it != fs::recursive_directory_iterator(); it.increment(ec)) {
    struct stat info {};
    if (::lstat(it->path().c_str(), &info) != 0) {
      continue;
    }
    if (S_ISDIR(info.st_mode) && (info.st_mode & S_IXOTH) == 0) {
      argv.insert(argv.end(), {"--tmpfs", it->path().string()});
      it.disable_recursion_pending();
    } else if (S_ISREG(info.st_mode) && (info.st_mode & S_IROTH) == 0) {
      argv.insert(argv.end(), {"--ro-bind-try", "/dev/null", it->path().string()});
    }
  }
}

}  // namespace

std::vector<fs::path> folders_of_program(const std::string& command, const std::string& search_path) {
  const auto path = find_program(command, search_path);
  if (!path) {
    return {};
  }
  std::error_code ec;
  std::vector<fs::path> folders;
  for (const auto& at : {fs::path(*path), fs::canonical(*path, ec)}) {
    auto folder = package_folder(at);
    const char* home = std::getenv("HOME");
    if (home != nullptr &&
        (fs::path(home) / "x").lexically_normal().string().starts_with((folder / "").string())) {
      folder = at;  // its folder is the home folder, or one above it
    }
    // /opt is there already, but what lies in it may be hidden: a checkout with its configuration, for
    // example.
    const bool there = is_in_system(at) && !at.string().starts_with("/opt/");
    if (!at.empty() && !there && std::find(folders.begin(), folders.end(), folder) == folders.end()) {
      folders.push_back(folder);
    }
  }
  return folders;
}

std::vector<fs::path> folders_of_program(const std::string& command) {
  const char* path = std::getenv("PATH");
  return folders_of_program(command, path != nullptr ? path : "");
}

Sandbox::Check Sandbox::check() {
  auto argv = namespaces();
  for (const char* folder : kSystem) {
    add(argv, "--ro-bind-try", folder);
  }
  argv.insert(argv.end(), {"--", "/usr/bin/true"});
  const char* path = std::getenv("PATH");
  const auto finished = run_to_end(
      {argv, {fmt::format("PATH={}", path != nullptr ? path : "/usr/bin:/bin")}, "/"}, kCheckTimeout);
  if (finished && finished->exit_status == 0) {
    return {true, "bubblewrap works"};
  }
  if (finished && finished->exit_status == kCannotStart) {
    return {false, "bubblewrap is not installed; install the package bubblewrap"};
  }
  const auto words = finished ? base::trim(finished->error_output) : std::string_view();
  return {false,
          fmt::format(
              "bubblewrap does not work here ({}); a system that restricts user namespaces, such as Ubuntu "
              "24.04, needs an AppArmor profile that allows them",
              words.empty() ? "no response" : base::ellipsize(words.substr(0, words.find('\n')), 200))};
}

Sandbox::Sandbox(std::vector<fs::path> readable, std::vector<fs::path> hidden)
    : active_(true), readable_(std::move(readable)), hidden_(std::move(hidden)) {}

std::vector<std::string> Sandbox::wrap(const std::vector<std::string>& argv, const Bounds& bounds) const {
  if (!active_) {
    return argv;
  }
  std::error_code ec;
  auto wrapped = namespaces();
  if (!bounds.network) {
    wrapped.emplace_back("--unshare-net");
  }
  for (const char* folder : kSystem) {
    add(wrapped, "--ro-bind-try", folder);
  }
  add(wrapped, "--ro-bind", "/etc");
  hide_secrets_of_etc(wrapped);
  for (const auto& folder : hidden_) {
    if (is_in_system(folder) && fs::is_directory(folder, ec)) {
      wrapped.insert(wrapped.end(), {"--tmpfs", folder.string()});
    }
  }
  add_memory_folder(wrapped, "/tmp", kLargeFolder);
  add_memory_folder(wrapped, "/var/tmp", kSmallFolder);
  add_memory_folder(wrapped, "/run", kSmallFolder);
  // Often a link into /run.
  if (const auto resolver = fs::canonical("/etc/resolv.conf", ec); !ec && resolver != "/etc/resolv.conf") {
    add(wrapped, "--ro-bind-try", resolver);
  }
  if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/' && home[1] != '\0') {
    add_memory_folder(wrapped, home, kLargeFolder);
  }
  for (const auto& path : bounds.scratch) {
    add_memory_folder(wrapped, path, kLargeFolder);
  }
  auto shown = bounds.writable;
  shown.push_back(bounds.folder);
  add_readable(wrapped, {&readable_, &bounds.readable}, std::move(shown));
  for (const auto& path : bounds.writable) {
    add(wrapped, "--bind-try", path);
  }
  for (const auto& mount : bounds.mounts) {
    wrapped.insert(wrapped.end(), {"--bind-try", mount.source.string(), mount.at.string()});
  }
  if (bounds.folder.empty()) {
    wrapped.insert(wrapped.end(), {"--chdir", "/"});
  } else {
    add(wrapped, bounds.folder_is_read_only ? "--ro-bind" : "--bind", bounds.folder);
    // The audit trail is not the specialist's to change.
    add(wrapped, "--ro-bind-try", bounds.folder / ".dispatch-logs");
    wrapped.insert(wrapped.end(), {"--chdir", bounds.folder.string()});
  }
  wrapped.insert(wrapped.end(), {"--remount-ro", "/", "--"});
  wrapped.insert(wrapped.end(), argv.begin(), argv.end());
  return wrapped;
}

}  // namespace base
