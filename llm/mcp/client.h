#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "llm/mcp/error.h"
#include "llm/mcp/header_parameters.h"
#include "llm/mcp/result.h"
#include "llm/mcp/tool.h"
#include "llm/mcp/transport.h"

namespace llm::mcp {

/// One conversation with a server by the Model Context Protocol: revision 2026-07-28, whose requests stand
/// each for itself, or 2025-11-25 and earlier, which begin with a handshake. Offers the server nothing: what
/// it asks for (elicitation, sampling, roots) is declined, but it may ask whether we are there.
///
/// Functions that take a stop token throw base::Stopped where it is requested, and ServerError. After any but
/// `refused` the conversation is over. Thread rule: one thread.
class Client {
 public:
  struct Options {
    std::chrono::milliseconds timeout{
        30'000};  ///< of one request; with signs of progress up to five times as long
    std::chrono::milliseconds start_timeout{30'000};  ///< of the handshake
    std::size_t max_result_bytes = 24'000;
    bool probe = true;  ///< ask for the newer revision first; a server known to be older need not be asked
  };
  Client(std::unique_ptr<Transport> transport, Options options);
  /// Closes the conversation.
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Agrees on a revision. Comes before all else.
  void connect(std::stop_token stop);
  /// As agreed on.
  const std::string& revision() const { return revision_; }
  bool is_stateless() const { return stateless_; }

  /// All pages. A tool that makes no sense, or comes twice, is left out.
  std::vector<Tool> tools(std::stop_token stop);

  /// Calls a tool; `arguments` is the JSON text of an object. A tool that failed says so in the result.
  CallResult call(const std::string& name, const std::string& arguments, std::stop_token stop);

  /// Reads what the server has written by itself; false where it has ended, or writes without end.
  bool is_there();

  /// Whether the server has said since the last time that its list of tools is another one.
  bool take_list_changed();

  /// What the server wrote beside its messages, for the log and for doctor.
  std::string last_lines() const { return transport_->last_lines(); }

 private:
  using Clock = std::chrono::steady_clock;
  class Answer;

  nlohmann::json request(const std::string& method, nlohmann::json params, std::chrono::milliseconds timeout,
                         const std::stop_token& stop);
  /// Keeps what of a listed tool's arguments is repeated in headers; false where the tool must not be used.
  bool keep_header_parameters(const nlohmann::json& item);
  void cancel(std::int64_t id, const char* reason);
  /// What is not the answer to a request.
  void take_other(const nlohmann::json& id, const std::string& method);
  void note_rubbish(const std::string& line);
  /// Returns whether the server speaks the newer revision.
  bool probe(const std::stop_token& stop);
  void shake_hands(const std::stop_token& stop);
  [[noreturn]] void throw_ended();

  const std::unique_ptr<Transport> transport_;
  const Options options_;
  std::string revision_;
  bool stateless_ = false;
  bool list_changed_ = false;
  std::map<std::string, std::vector<HeaderParameter>> header_parameters_;  ///< of tools that have any
  std::int64_t next_id_ = 1;
  std::size_t rubbish_lines_ = 0;
  std::string first_rubbish_;
};

}  // namespace llm::mcp
