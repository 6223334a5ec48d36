#pragma once

#include <stdexcept>
#include <string>

namespace llm::mcp {

/// A server could not do what was asked. what() is a sentence without the server's name, for people and for
/// the log; it may hold words of the server, on one line and bounded.
class ServerError : public std::runtime_error {
 public:
  enum class Kind {
    cannot_start,  ///< its program is not there
    not_taken,     ///< the request did not reach it, or it refused to look at it: nothing was done
    session_over,  ///< the same, because it has ended the session: a new one may do
    ended,         ///< it ended, or the connection did, before it answered
    timeout,       ///< it did not answer in time
    unreadable,    ///< what it wrote is not the protocol, or more than anybody reads
    refused        ///< it answered with an error of the protocol
  };
  ServerError(Kind why, const std::string& what) : std::runtime_error(what), kind(why) {}
  Kind kind;
};

}  // namespace llm::mcp
