#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/fd.h"

namespace support {

/// A server of the Anthropic Messages API whose answers come piece by piece, when the test says so. It takes
/// one request at a time; the functions are about the newest. Thread rule: any thread.
class SlowModel {
 public:
  SlowModel();
  ~SlowModel();
  SlowModel(const SlowModel&) = delete;
  SlowModel& operator=(const SlowModel&) = delete;

  std::string url() const;

  /// Waits until so many requests have come in all, each of which then has the beginning of an answer. False
  /// after twenty seconds.
  bool wait_for_requests(std::size_t count);
  /// The body of the newest.
  std::string request() const;

  /// The next piece of the answer's text.
  void text(const std::string& piece);
  /// A call of a tool, whole.
  void call(const std::string& tool, const std::string& input);
  /// The end of the answer.
  void end();
  /// An error in the middle of the stream.
  void fail(const std::string& type);
  /// The connection breaks.
  void cut();
  /// Whether the program has hung up.
  bool is_left();

 private:
  void serve(const std::stop_token& stop);
  bool read_request(int fd, std::string& body) const;
  void send(const std::string& bytes);
  void send_event(const std::string& json);

  base::Fd listener_;
  int port_ = 0;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  base::Fd peer_;
  std::size_t blocks_ = 0;  ///< of this answer
  bool in_text_ = false;
  bool called_ = false;
  std::vector<std::string> requests_;
  std::jthread thread_;
};

}  // namespace support
