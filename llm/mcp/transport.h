#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "base/process/sandbox.h"
#include "llm/mcp/server_program.h"

namespace llm::mcp {

/// The way to a server: messages as JSON texts, in both directions. Thread rule: one thread; wake() any.
class Transport {
 public:
  virtual ~Transport() = default;

  /// Queues one message.
  virtual void send(std::string message) = 0;

  enum class Next { message, too_long, ended, timeout, woken };
  /// Waits for the next message, which need not be one of the protocol.
  virtual Next next(std::string& message, std::chrono::steady_clock::time_point until) = 0;

  /// Any thread: makes next() return `woken`, once for any number of calls.
  virtual void wake() = 0;

  /// No more is sent; waits a short time until the server has ended by itself, then makes it end.
  virtual void close() = 0;

  /// After `ended`: how it ended, a clause such as "it ended with status 1 (last words: …)".
  virtual std::string how_it_ended() const = 0;

  /// The last lines that it wrote beside its messages, for the log and for doctor; empty where there are
  /// none.
  virtual std::string last_lines() const = 0;

  /// Whether its program could not be started at all; after `ended`.
  virtual bool could_not_start() const = 0;
};

/// Starts the program of a server in that sandbox, with `folder` as its working folder, which it may write.
/// Throws std::system_error where no process can be started.
std::unique_ptr<Transport> start_program(const ServerProgram& program, const base::Sandbox& sandbox,
                                         const std::filesystem::path& folder);

}  // namespace llm::mcp
