#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/error.h"
#include "base/http.h"

namespace bot::chat {

/// A webhook call that is refused. `status` is the HTTP status, what() the sentence in the answer.
class Refused : public std::runtime_error {
 public:
  Refused(int code, const std::string& sentence, base::HttpFields fields = {})
      : std::runtime_error(sentence), status(code), headers(std::move(fields)) {}
  int status;
  base::HttpFields headers;  ///< of the answer
};

/// A call to a service that certainly had no effect; it may be made again.
class NotSent : public base::TransientError {
 public:
  using base::TransientError::TransientError;
};

/// What was to be edited is not there any more: somebody took it away.
class Gone : public base::PermanentError {
 public:
  using base::PermanentError::PermanentError;
};

/// The service gave the chat another id, without a thread; the call had no effect under the old one.
class Moved : public NotSent {
 public:
  Moved(const std::string& what, std::string new_chat) : NotSent(what), to(std::move(new_chat)) {}
  std::string to;
};

/// A call that the service's pace does not allow before `until`. It is no failed attempt.
class RateLimited : public std::runtime_error {
 public:
  explicit RateLimited(base::Timestamp when) : std::runtime_error("the service's pace"), until(when) {}
  base::Timestamp until;
};

}  // namespace bot::chat
