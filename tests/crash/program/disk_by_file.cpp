// Linked with the program's own main(): puts a FaultyDisk under it that obeys the file named by
// FRONTDESK_TEST_DISK. The words in it: "full", "io_error", "read_only"; nothing: all is well; "cut N": the
// power goes at the N-th write or sync from then on, and what that leaves of the database, which is beside
// the file, stands in the folder "after-cut" there.
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <optional>
#include <random>
#include <sstream>
#include <string>

#include <signal.h>

#include "tests/support/disk/faulty_disk.h"
#include "tests/support/files.h"

namespace {

using support::DiskFault;

class DiskByFile {
 public:
  explicit DiskByFile(const char* file) : file_(file) {
    disk_.wait_in_earnest();
    disk_.watch(file_.parent_path());
    disk_.at_calls([this] { obey(); });
    disk_.at_moments([this](support::FaultyDisk::Moment) { count_down(); });
  }

 private:
  void obey() {
    const std::lock_guard lock(mutex_);
    const auto order = support::read_text(file_);
    if (order != obeyed_) {
      obeyed_ = order;
      std::istringstream words(order);
      std::string word;
      words >> word;
      until_cut_ = 0;
      word == "cut" ? void(words >> until_cut_) : set_fault(word);
    }
  }
  void count_down() {
    const std::lock_guard lock(mutex_);
    if (until_cut_ > 0 && --until_cut_ == 0) {
      disk_.leave(file_.parent_path() / "after-cut", support::WrittenFiles::Left::chance, random_);
      ::kill(::getpid(), SIGKILL);
    }
  }
  void set_fault(const std::string& word) {
    const auto kind = word == "full"        ? std::optional(DiskFault::Kind::full)
                      : word == "io_error"  ? std::optional(DiskFault::Kind::io_error)
                      : word == "read_only" ? std::optional(DiskFault::Kind::read_only)
                                            : std::nullopt;
    kind ? disk_.fail({.kind = *kind}) : disk_.heal();
  }

  const std::filesystem::path file_;
  support::FaultyDisk disk_;
  std::mutex mutex_;
  std::string obeyed_;
  int until_cut_ = 0;
  std::mt19937 random_{std::random_device{}()};
};

/// Before main(), and never taken away: threads may use it to the last moment.
const auto* const kDisk = [] {
  const char* file = std::getenv("FRONTDESK_TEST_DISK");
  return file == nullptr ? nullptr : new DiskByFile(file);
}();

}  // namespace
