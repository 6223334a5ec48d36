#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

#include "base/http.h"

namespace base {

/// What stands before the body of a request.
struct HttpRequestHead {
  enum class Body {
    none,
    sized,    ///< `length` bytes
    chunked,  ///< until its last chunk
    unread    ///< there is one where none is expected: the connection ends with the response
  };
  enum class Expects { nothing, go_ahead };  ///< go_ahead: "100 Continue" before it sends its body

  std::string method;
  std::string target;   ///< begins with "/", or is "*"
  std::string version;  ///< HTTP/1.1 or HTTP/1.0
  HttpFields fields;
  Body body = Body::none;
  std::size_t length = 0;
  Expects expects = Expects::nothing;
  bool keep_alive = true;  ///< as far as the client is concerned
};

/// Why a request is not taken.
struct HttpRefusal {
  int status;
  std::string_view sentence;
};

/// `head` is a request line and its fields, each with its CRLF, without the empty line. Whatever leaves the
/// length of the request or its host in doubt is refused, also where other programs would guess (RFC 9112
/// sections 2.2, 3, 5, 6): who stands in front of us could guess otherwise. Pure.
std::variant<HttpRequestHead, HttpRefusal> parse_request_head(std::string_view head,
                                                              std::size_t max_body_bytes);

/// Name and value of one line without its CRLF; false where it is none (RFC 9112 section 5).
bool split_field_line(std::string_view line, std::string_view& name, std::string_view& value);

}  // namespace base
