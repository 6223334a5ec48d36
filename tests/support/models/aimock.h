#pragma once

#include <map>
#include <string>
#include <thread>

#include "base/fd.h"

namespace support {

/// The model emulator @copilotkit/aimock (its program `llmock`) on a free port of the loopback interface, for
/// as long as the object lives. The kernel ends it with the test program, however that ends. The program is
/// looked for in the folder that FRONTDESK_NPM_BIN names; the constructor throws std::runtime_error, in a
/// sentence, where it is missing or does not listen within 20 s.
class Aimock {
 public:
  /// `fixtures` is a file below tests/fixtures; `environment` is added to this program's.
  explicit Aimock(const std::string& fixtures, const std::map<std::string, std::string>& environment = {});
  ~Aimock();
  Aimock(const Aimock&) = delete;
  Aimock& operator=(const Aimock&) = delete;

  /// "http://127.0.0.1:port"
  const std::string& url() const { return url_; }

 private:
  void end();

  int pid_ = -1;
  base::Fd output_;
  std::string url_;
  std::thread drain_;
};

}  // namespace support
