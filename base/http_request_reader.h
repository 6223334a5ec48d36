#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/http_request_head.h"

namespace base {

/// Puts the requests of one connection together from the pieces in which they come, and holds no more than
/// the limits. No I/O. Thread rule: one thread at a time.
class HttpRequestReader {
 public:
  struct Limits {
    std::size_t max_header_bytes;
    std::size_t max_body_bytes;
  };
  enum class State {
    none,      ///< nothing of a request has come
    head,      ///< part of its head
    body,      ///< its head and perhaps part of its body
    complete,  ///< take() gives it
    refused    ///< refusal() says why; where the next request begins is unknown
  };

  explicit HttpRequestReader(const Limits& limits) : limits_(&limits) {}

  /// What came next. May hold the beginning of the next request, too, which waits until take().
  void feed(std::string_view bytes);

  State state() const { return state_; }
  HttpRefusal refusal() const { return refusal_; }
  /// Of the request that is being read, or was refused; empty where that is not known.
  std::string_view target() const { return state_ == State::refused ? refused_target_ : head_.target; }
  /// Whether the client waits for "100 Continue"; true once.
  bool take_go_ahead();
  /// Whether bytes behind the complete request are there already.
  bool has_more() const { return !input_.empty(); }
  /// How much memory its bytes take.
  std::size_t held_bytes() const { return input_.capacity() + head_bytes_ + body_.capacity(); }

  struct Request {
    HttpRequestHead head;
    std::string body;
  };
  /// The complete request. What came behind it is read next.
  Request take();

 private:
  enum class Chunk { size, data, data_end, trailer };

  void advance();
  bool read_head();
  bool read_sized();
  bool read_chunks();
  bool read_chunk_line(std::string_view line);
  bool read_chunk_size(std::string_view line);
  void refuse(int status, std::string_view sentence);

  const Limits* limits_;
  State state_ = State::none;
  std::string input_;         ///< what is not understood yet
  std::size_t searched_ = 0;  ///< so far no line of it is open
  HttpRequestHead head_;
  std::size_t head_bytes_ = 0;  ///< of head_, as it came
  std::string body_;
  Chunk chunk_ = Chunk::size;
  std::size_t chunk_left_ = 0;
  std::size_t trailer_bytes_ = 0;
  bool waits_ = false;
  HttpRefusal refusal_{400, ""};
  std::string refused_target_;
};

}  // namespace base
