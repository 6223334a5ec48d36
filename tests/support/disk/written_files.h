#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace support {

/// What a disk holds of the files of one folder, as far as it has promised to, and what was written since: so
/// that it can be said what a cut of the power may leave. Thread rule: one thread at a time.
class WrittenFiles {
 public:
  /// How much of what was not synced a cut leaves.
  enum class Left {
    all,     ///< as kill -9 does: the program is gone, the kernel is not
    none,    ///< nothing
    chance,  ///< any of the writes, in any order, each whole, torn or as rubbish
  };

  /// The file is there with that content; `named`: its name would outlive a cut.
  void found(const std::string& file, std::string content, bool named);
  bool knows(const std::string& file) const { return files_.contains(file); }
  void wrote(const std::string& file, std::int64_t offset, std::string_view bytes);
  void truncated(const std::string& file, std::int64_t size);
  void removed(const std::string& file);
  void synced(const std::string& file);
  /// The folder: which names there are outlives a cut from now on.
  void synced_names();

  /// Whether everything was synced.
  bool all_synced() const;
  /// Writes what a cut now would leave into the folder `to`, which it makes.
  void leave(const std::filesystem::path& to, Left left, std::mt19937& random) const;

 private:
  struct Change {
    std::int64_t offset;
    std::string bytes;
    bool is_truncation = false;
  };
  struct File {
    std::string durable;
    std::vector<Change> pending;
    bool named = false;
    bool there = true;
    /// A file of that name that was removed, but whose name is still on the disk.
    std::optional<std::string> ghost;
  };
  static std::optional<std::string> left_of(const File& file, Left left, std::mt19937& random);
  static void apply(std::string& content, const Change& change);
  static void apply_torn(std::string& content, const Change& change, std::mt19937& random);

  std::map<std::string, File> files_;
};

}  // namespace support
