#include "base/process/spawn.h"

#include <system_error>

namespace base {
namespace {

std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const auto& text : texts) {
    pointers.push_back(const_cast<char*>(text.c_str()));  // not written to; the interface is older than const
  }
  pointers.push_back(nullptr);
  return pointers;
}

void check(int error) {
  if (error != 0) {
    throw std::system_error(error, std::generic_category(), "cannot start a process");
  }
}

}  // namespace

Spawn::Spawn() {
  ::posix_spawn_file_actions_init(&actions_);
  ::posix_spawnattr_init(&attributes_);
  ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP);
}

Spawn::~Spawn() {
  ::posix_spawnattr_destroy(&attributes_);
  ::posix_spawn_file_actions_destroy(&actions_);
}

void Spawn::map(const Fd& fd, int number) {
  check(::posix_spawn_file_actions_adddup2(&actions_, fd.get(), number));
}

void Spawn::keep(const Fd& fd) {
  map(fd, fd.get());  // dup2 onto itself takes the close-on-exec flag away (glibc 2.29)
}

void Spawn::directory(const std::string& path) {
  check(::posix_spawn_file_actions_addchdir_np(&actions_, path.c_str()));
}

pid_t Spawn::run(const char* program, const std::vector<std::string>& argv,
                 const std::vector<std::string>& environment) const {
  pid_t pid = -1;
  check(::posix_spawn(&pid, program, &actions_, &attributes_, pointers_to(argv).data(),
                      pointers_to(environment).data()));
  return pid;
}

}  // namespace base
