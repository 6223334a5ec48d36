#include "tests/support/disk/faulty_disk.h"

#include <cstring>
#include <new>
#include <stdexcept>
#include <string>

#include <sqlite3.h>
#include <unistd.h>

#include "tests/support/files.h"

namespace support {

/// What SQLite asks of the disk, as far as faults differ in it.
enum class Call { open, read, write, truncate, sync, size, remove, look, lock, share, map };

/// No error: the file is opened, but only to be read.
constexpr int kOpensReadOnly = -1;

class FaultyDisk::Impl {
 public:
  /// What SQLite is told instead; SQLITE_OK where the call goes on.
  int trouble(Call call) {
    if (at_calls_) {
      at_calls_();
    }
    const std::lock_guard lock(mutex_);
    if (!fault_ || !concerns(fault_->kind, call)) {
      return SQLITE_OK;
    }
    ++concerned_;
    if (concerned_ < fault_->first || (concerned_ > fault_->first && !fault_->lasts)) {
      return SQLITE_OK;
    }
    struck_ = true;
    return code(fault_->kind, call);
  }

  /// The name below the watched folder; empty for any other file.
  std::string watched(const char* path) const {
    const std::filesystem::path file(path == nullptr ? "" : path);
    const auto name = file.filename().string();
    const bool counts = name.ends_with(".db") || name.ends_with("-wal") || name.ends_with("-journal");
    return counts && !folder_.empty() && file.parent_path() == folder_ ? name : std::string();
  }
  template <typename Do>
  void on(const std::string& name, const Do& change) {
    if (!name.empty()) {
      const std::lock_guard lock(mutex_);
      change(files_);
    }
  }
  void moment(const std::string& name, Moment moment) {
    if (!name.empty() && at_moments_) {
      at_moments_(moment);
    }
  }
  void synced(const std::string& name, bool is_log) {
    on(name, [&](WrittenFiles& files) {
      if (!lies_) {
        files.synced(name);
        // SQLite syncs the folder along with the first sync of a log or a journal.
        is_log ? files.synced_names() : void();
      }
    });
  }
  void count_sync() { ++syncs_; }
  void count_write(int bytes) {
    ++writes_;
    bytes_ += static_cast<std::uint64_t>(bytes);
  }

  static bool concerns(DiskFault::Kind kind, Call call) {
    using Kind = DiskFault::Kind;
    switch (kind) {
      case Kind::io_error:
        return true;
      case Kind::full:
        return call == Call::write || call == Call::map || call == Call::sync;
      case Kind::read_only:
        return call == Call::write || call == Call::truncate || call == Call::remove || call == Call::map ||
               call == Call::open;
      case Kind::busy:
        return call == Call::lock || call == Call::share;
    }
    return false;
  }
  static int code(DiskFault::Kind kind, Call call) {
    if (kind == DiskFault::Kind::busy) {
      return SQLITE_BUSY;
    }
    switch (call) {
      case Call::open:
        return kind == DiskFault::Kind::read_only ? kOpensReadOnly : SQLITE_CANTOPEN;
      case Call::read:
        return SQLITE_IOERR_READ;
      case Call::write:
        return kind == DiskFault::Kind::full ? SQLITE_FULL : SQLITE_IOERR_WRITE;
      case Call::truncate:
        return SQLITE_IOERR_TRUNCATE;
      case Call::sync:
        return SQLITE_IOERR_FSYNC;
      case Call::size:
        return SQLITE_IOERR_FSTAT;
      case Call::remove:
        return SQLITE_IOERR_DELETE;
      case Call::look:
        return SQLITE_IOERR_ACCESS;
      case Call::lock:
        return SQLITE_IOERR_LOCK;
      case Call::share:
        return SQLITE_IOERR_SHMLOCK;
      case Call::map:
        return SQLITE_IOERR_SHMSIZE;
    }
    return SQLITE_IOERR;
  }

  mutable std::mutex mutex_;
  std::optional<DiskFault> fault_;
  int concerned_ = 0;
  bool struck_ = false;
  bool lies_ = false;
  std::atomic<bool> waits_ = false;
  std::filesystem::path folder_;
  WrittenFiles files_;
  AtMoment at_moments_;
  std::function<void()> at_calls_;
  std::atomic<std::uint64_t> syncs_ = 0, writes_ = 0, bytes_ = 0;
};

namespace {

FaultyDisk::Impl* disk = nullptr;
sqlite3_vfs* under = nullptr;

/// SQLite gives memory for it and for the file of the VFS underneath, which stands behind it.
struct File {
  sqlite3_file base;
  std::string* name;  ///< of a watched file, else empty
  bool is_log;
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

File& file_of(sqlite3_file* file) {
  return *reinterpret_cast<File*>(file);
}

int close_file(sqlite3_file* file) {
  auto& f = file_of(file);
  const int result = f.real()->pMethods->xClose(f.real());
  delete f.name;
  return result;
}

/// A method of the file underneath, and the same unless there is trouble with such a call.
template <auto Method>
struct Pass;
template <typename Result, typename... Args, Result (*sqlite3_io_methods::*Method)(sqlite3_file*, Args...)>
struct Pass<Method> {
  static Result on(sqlite3_file* file, Args... args) {
    auto* const real = file_of(file).real();
    return (real->pMethods->*Method)(real, args...);
  }
  template <Call Kind>
  static int unless(sqlite3_file* file, Args... args) {
    const int trouble = disk->trouble(Kind);
    return trouble != SQLITE_OK ? trouble : on(file, args...);
  }
};

int pass_write(File& f, const void* from, int bytes, sqlite3_int64 at) {
  const int result = f.real()->pMethods->xWrite(f.real(), from, bytes, at);
  if (result == SQLITE_OK) {
    disk->count_write(bytes);
    disk->on(*f.name, [&](WrittenFiles& files) {
      files.wrote(*f.name, at, {static_cast<const char*>(from), static_cast<std::size_t>(bytes)});
    });
  }
  return result;
}

int write_file(sqlite3_file* file, const void* from, int bytes, sqlite3_int64 at) {
  auto& f = file_of(file);
  disk->moment(*f.name, FaultyDisk::Moment::before_write);
  const int trouble = disk->trouble(Call::write);
  if (trouble == SQLITE_FULL) {
    pass_write(f, from, bytes / 2, at);
  }
  return trouble != SQLITE_OK ? trouble : pass_write(f, from, bytes, at);
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  auto& f = file_of(file);
  disk->moment(*f.name, FaultyDisk::Moment::before_write);
  if (const int trouble = disk->trouble(Call::truncate); trouble != SQLITE_OK) {
    return trouble;
  }
  const int result = f.real()->pMethods->xTruncate(f.real(), size);
  if (result == SQLITE_OK) {
    disk->on(*f.name, [&](WrittenFiles& files) { files.truncated(*f.name, size); });
  }
  return result;
}

int sync_file(sqlite3_file* file, int) {
  auto& f = file_of(file);
  disk->moment(*f.name, FaultyDisk::Moment::before_sync);
  if (const int trouble = disk->trouble(Call::sync); trouble != SQLITE_OK) {
    return trouble;
  }
  disk->count_sync();
  disk->synced(*f.name, f.is_log);
  disk->moment(*f.name, FaultyDisk::Moment::after_sync);
  return SQLITE_OK;
}

int lock_shared(sqlite3_file* file, int offset, int n, int flags) {
  const int trouble = (flags & SQLITE_SHM_LOCK) != 0 ? disk->trouble(Call::share) : SQLITE_OK;
  return trouble != SQLITE_OK
             ? trouble
             : file_of(file).real()->pMethods->xShmLock(file_of(file).real(), offset, n, flags);
}

using Methods = sqlite3_io_methods;
// Version 2: with version 1 SQLite quietly goes without the write-ahead log.
const sqlite3_io_methods kMethods = {2,
                                     close_file,
                                     Pass<&Methods::xRead>::unless<Call::read>,
                                     write_file,
                                     truncate_file,
                                     sync_file,
                                     Pass<&Methods::xFileSize>::unless<Call::size>,
                                     Pass<&Methods::xLock>::unless<Call::lock>,
                                     Pass<&Methods::xUnlock>::on,
                                     Pass<&Methods::xCheckReservedLock>::on,
                                     Pass<&Methods::xFileControl>::on,
                                     Pass<&Methods::xSectorSize>::on,
                                     Pass<&Methods::xDeviceCharacteristics>::on,
                                     Pass<&Methods::xShmMap>::unless<Call::map>,
                                     lock_shared,
                                     Pass<&Methods::xShmBarrier>::on,
                                     Pass<&Methods::xShmUnmap>::on,
                                     nullptr,
                                     nullptr};

int open_file(sqlite3_vfs*, const char* path, sqlite3_file* file, int flags, int* opened) {
  auto& f = *new (file) File{};
  const int trouble = disk->trouble(Call::open);
  if (trouble != SQLITE_OK && trouble != kOpensReadOnly) {
    return trouble;
  }
  if (trouble == kOpensReadOnly && (flags & SQLITE_OPEN_READWRITE) != 0) {
    flags = (flags & ~(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)) | SQLITE_OPEN_READONLY;
  }
  const auto name = disk->watched(path);
  const bool is_new = !name.empty() && ::access(path, F_OK) != 0;
  if (const int result = under->xOpen(under, path, f.real(), flags, opened); result != SQLITE_OK) {
    return result;
  }
  f.base.pMethods = &kMethods;
  f.name = new std::string(name);
  f.is_log = (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0;
  disk->on(name, [&](WrittenFiles& files) {
    if (is_new || !files.knows(name)) {
      const auto content = is_new ? std::string() : read_text(path);
      // An empty one was made a moment ago.
      files.found(name, content, !content.empty());
    }
  });
  return SQLITE_OK;
}

int remove_file(sqlite3_vfs*, const char* path, int sync_folder) {
  const auto name = disk->watched(path);
  disk->moment(name, FaultyDisk::Moment::before_write);
  if (const int trouble = disk->trouble(Call::remove); trouble != SQLITE_OK) {
    return trouble;
  }
  const int result = under->xDelete(under, path, 0);
  if (result == SQLITE_OK) {
    disk->on(name, [&](WrittenFiles& files) {
      files.knows(name) ? files.removed(name) : void();
      sync_folder != 0 ? files.synced_names() : void();
    });
  }
  return result;
}

int look_at_file(sqlite3_vfs*, const char* path, int how, int* answer) {
  const int trouble = disk->trouble(Call::look);
  return trouble != SQLITE_OK ? trouble : under->xAccess(under, path, how, answer);
}

int sleep_for(sqlite3_vfs*, int microseconds) {
  return disk->waits_ ? under->xSleep(under, microseconds) : microseconds;
}

sqlite3_vfs make_vfs() {
  auto vfs = *under;
  vfs.iVersion = 1;
  vfs.szOsFile = static_cast<int>(sizeof(File)) + under->szOsFile;
  vfs.pNext = nullptr;
  vfs.zName = "faulty";
  vfs.xOpen = open_file;
  vfs.xDelete = remove_file;
  vfs.xAccess = look_at_file;
  vfs.xSleep = sleep_for;
  return vfs;
}

sqlite3_vfs our_vfs;

}  // namespace

FaultyDisk::FaultyDisk() : impl_(std::make_unique<Impl>()) {
  if (disk != nullptr) {
    throw std::logic_error("there is a faulty disk already");
  }
  under = sqlite3_vfs_find("unix");
  our_vfs = make_vfs();
  disk = impl_.get();
  if (sqlite3_vfs_register(&our_vfs, 1) != SQLITE_OK) {
    throw std::runtime_error("SQLite does not take the faulty disk");
  }
}

FaultyDisk::~FaultyDisk() {
  sqlite3_vfs_unregister(&our_vfs);
  sqlite3_vfs_register(under, 1);
  disk = nullptr;
}

void FaultyDisk::fail(const DiskFault& fault) {
  const std::lock_guard lock(impl_->mutex_);
  impl_->fault_ = fault;
  impl_->concerned_ = 0;
  impl_->struck_ = false;
}

void FaultyDisk::heal() {
  const std::lock_guard lock(impl_->mutex_);
  impl_->fault_.reset();
}

bool FaultyDisk::struck() const {
  const std::lock_guard lock(impl_->mutex_);
  return impl_->struck_;
}

void FaultyDisk::watch(const std::filesystem::path& folder) {
  impl_->folder_ = folder;
  impl_->files_ = {};
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (const auto name = impl_->watched(entry.path().c_str()); !name.empty()) {
      impl_->files_.found(name, read_text(entry.path()), true);
    }
  }
}

void FaultyDisk::at_moments(AtMoment call) {
  impl_->at_moments_ = std::move(call);
}

void FaultyDisk::at_calls(std::function<void()> call) {
  impl_->at_calls_ = std::move(call);
}

void FaultyDisk::leave(const std::filesystem::path& to, WrittenFiles::Left left, std::mt19937& random) const {
  const std::lock_guard lock(impl_->mutex_);
  impl_->files_.leave(to, left, random);
}

bool FaultyDisk::all_synced() const {
  const std::lock_guard lock(impl_->mutex_);
  return impl_->files_.all_synced();
}

void FaultyDisk::lie_about_syncs() {
  impl_->lies_ = true;
}

FaultyDisk::Counts FaultyDisk::counts() const {
  return {impl_->syncs_, impl_->writes_, impl_->bytes_};
}

void FaultyDisk::wait_in_earnest() {
  impl_->waits_ = true;
}

}  // namespace support
