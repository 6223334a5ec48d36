#pragma once

#include <string>
#include <vector>

#include "base/process/child_process.h"

namespace support {

/// A script of tests/fakes that prints "listening on <address>" and serves there until this is gone.
class NodeServer {
 public:
  /// Waits until it listens.
  explicit NodeServer(const std::string& script, std::vector<std::string> arguments = {});

  /// As it printed it.
  const std::string& url() const { return url_; }

 private:
  base::ChildProcess child_;
  std::string url_;
};

/// The folder of the npm packages.
std::string node_modules();

}  // namespace support
