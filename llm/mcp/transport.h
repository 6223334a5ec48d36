#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/process/sandbox.h"
#include "llm/mcp/server_address.h"
#include "llm/mcp/server_program.h"

namespace llm::mcp {

/// The revision whose requests each stand for itself; all earlier ones begin with a handshake.
inline constexpr const char* kStatelessRevision = "2026-07-28";

/// A request, and what HTTP says of it outside its text.
struct Outgoing {
  std::string text;
  std::string method;
  std::string tool;                                             ///< that is called; else empty
  std::vector<std::pair<std::string, std::string>> parameters;  ///< header fields that repeat arguments
};

/// Whoever waits for the answer to a request.
class Receiver {
 public:
  virtual ~Receiver() = default;
  /// Takes the next message, which need not be one of the protocol. `is_answer`: it came where only the
  /// answer can come, whatever its id. Returns whether that was the answer. May send, and may throw, which
  /// ends the exchange.
  virtual bool take(const std::string& message, bool is_answer) = 0;
  /// How long to wait for it; later after a sign of progress.
  virtual std::chrono::steady_clock::time_point until() const = 0;
};

/// The way to a server: messages as JSON texts, in both directions. Thread rule: one thread.
class Transport {
 public:
  virtual ~Transport() = default;

  /// The revision of the protocol that is spoken from now on; empty before it is agreed on.
  virtual void speak(const std::string& revision) = 0;

  /// Sends a notification or an answer. What becomes of it shows in the next exchange.
  virtual void send(std::string message) = 0;

  enum class End { received, too_long, ended, timeout, stopped };
  /// Sends a request and gives the receiver what comes, until that was the answer, its time is over, or a
  /// stop is requested. Throws ServerError for what only this way knows to go wrong.
  virtual End exchange(const Outgoing& request, Receiver& receiver, const std::stop_token& stop) = 0;

  /// Takes what the server has written by itself, without waiting; false where it has ended, or writes
  /// without end.
  virtual bool look(const std::function<void(const std::string&)>& take) = 0;

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

/// Streamable HTTP to that address. Nothing is sent before the first exchange.
std::unique_ptr<Transport> reach(const ServerAddress& address);

}  // namespace llm::mcp
