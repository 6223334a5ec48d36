#include "base/http_request_reader.h"

#include <algorithm>
#include <charconv>
#include <utility>
#include <variant>

#include "base/http_field_syntax.h"
#include "base/utf8.h"

namespace base {
namespace {

/// Of a chunk's size and what else a client writes beside it.
constexpr std::size_t kMaxChunkLine = 256;

constexpr std::string_view kBadChunk = "The chunked body is malformed.";
/// Assigning an empty one would keep the memory.
void give_back(std::string& bytes) {
  std::string().swap(bytes);
}

constexpr std::string_view kBareLineFeed = "A line of the header does not end with CR and LF.";

/// The second word of the request line with which `head` begins; empty where there is none.
std::string target_of_line(std::string_view head) {
  const auto line = head.substr(0, head.find('\r'));
  const auto begin = line.find(" /");
  return begin == std::string_view::npos
             ? std::string()
             : std::string(line.substr(begin + 1, line.find(' ', begin + 1) - begin - 1));
}

}  // namespace

void HttpRequestReader::feed(std::string_view bytes) {
  if (state_ == State::body && head_.body == HttpRequestHead::Body::sized && input_.empty()) {
    // Straight to its place.
    const auto part = std::min(bytes.size(), head_.length - body_.size());
    body_.append(bytes.substr(0, part));
    bytes.remove_prefix(part);
  }
  input_.append(bytes);
  if (state_ != State::complete && state_ != State::refused) {
    advance();
  }
}

bool HttpRequestReader::take_go_ahead() {
  return std::exchange(waits_, false);
}

HttpRequestReader::Request HttpRequestReader::take() {
  Request request{std::move(head_), std::move(body_)};
  head_ = {};
  head_bytes_ = 0;
  give_back(body_);
  state_ = State::none;
  searched_ = 0;
  chunk_ = Chunk::size;
  chunk_left_ = trailer_bytes_ = 0;
  if (input_.empty()) {
    give_back(input_);
  }
  return request;
}

void HttpRequestReader::advance() {
  bool goes_on = true;
  while (goes_on && state_ != State::complete && state_ != State::refused) {
    goes_on = state_ == State::body
                  ? (head_.body == HttpRequestHead::Body::sized ? read_sized() : read_chunks())
                  : read_head();
  }
  waits_ = waits_ && state_ == State::body;
}

bool HttpRequestReader::read_head() {
  if (searched_ == 0) {
    // RFC 9112 section 2.2: an empty line before a request is overlooked.
    std::size_t empty = 0;
    while (input_.compare(empty, 2, "\r\n") == 0) {
      empty += 2;
    }
    input_.erase(0, empty);
    if (input_.empty() || input_ == "\r") {
      return false;
    }
  }
  state_ = State::head;
  while (true) {
    const auto end = input_.find('\n', searched_);
    if (std::min(end, input_.size()) >= limits_->max_header_bytes) {
      refuse(431, "The header is too large.");
      return true;
    }
    if (end == std::string::npos) {
      searched_ = std::max<std::size_t>(input_.size(), 1);
      return false;
    }
    if (end == 0 || input_[end - 1] != '\r') {
      refuse(400, kBareLineFeed);
      return true;
    }
    searched_ = end + 1;
    if (end >= 3 && input_[end - 2] == '\n') {
      break;
    }
  }
  auto parsed =
      parse_request_head(std::string_view(input_).substr(0, searched_ - 2), limits_->max_body_bytes);
  if (const auto* refusal = std::get_if<HttpRefusal>(&parsed)) {
    refuse(refusal->status, refusal->sentence);
    return true;
  }
  head_ = std::get<HttpRequestHead>(std::move(parsed));
  input_.erase(0, searched_);
  head_bytes_ = std::exchange(searched_, 0);
  const bool has_body =
      head_.body == HttpRequestHead::Body::sized || head_.body == HttpRequestHead::Body::chunked;
  state_ = has_body ? State::body : State::complete;
  waits_ = has_body && head_.expects == HttpRequestHead::Expects::go_ahead;
  return true;
}

bool HttpRequestReader::read_sized() {
  if (body_.empty() && input_.size() <= head_.length) {
    body_.swap(input_);  // not for a moment twice
    state_ = body_.size() == head_.length ? State::complete : State::body;
    return state_ == State::complete;
  }
  const auto part = std::min(input_.size(), head_.length - body_.size());
  body_.append(input_, 0, part);
  input_.erase(0, part);
  if (input_.empty()) {
    give_back(input_);
  }
  state_ = body_.size() == head_.length ? State::complete : State::body;
  return state_ == State::complete;
}

bool HttpRequestReader::read_chunks() {
  std::string_view rest = input_;
  bool goes_on = true;
  while (goes_on && state_ == State::body && !rest.empty()) {
    if (chunk_ == Chunk::data) {
      const auto part = std::min(rest.size(), chunk_left_);
      body_.append(rest.substr(0, part));
      rest.remove_prefix(part);
      chunk_left_ -= part;
      chunk_ = chunk_left_ == 0 ? Chunk::data_end : Chunk::data;
      continue;
    }
    const auto end = rest.find('\n');
    const auto limit = chunk_ == Chunk::trailer ? limits_->max_header_bytes : kMaxChunkLine;
    const bool is_line = std::min(end, rest.size()) < limit &&
                         (end == std::string_view::npos || (end > 0 && rest[end - 1] == '\r'));
    if (is_line && end == std::string_view::npos) {
      goes_on = false;
    } else if (is_line && read_chunk_line(rest.substr(0, end - 1))) {
      rest.remove_prefix(end + 1);
    } else if (state_ != State::refused) {
      refuse(400, kBadChunk);
    }
  }
  if (rest.empty()) {
    give_back(input_);
  } else {
    input_.erase(0, input_.size() - rest.size());
  }
  return state_ != State::body;
}

bool HttpRequestReader::read_chunk_line(std::string_view line) {
  if (chunk_ == Chunk::size) {
    return read_chunk_size(line);
  }
  if (chunk_ == Chunk::data_end) {
    chunk_ = Chunk::size;
    return line.empty();
  }
  if (line.empty()) {
    state_ = State::complete;
    return true;
  }
  // Fields behind a body are checked and dropped.
  trailer_bytes_ += line.size() + 2;
  std::string_view name, value;
  return trailer_bytes_ <= limits_->max_header_bytes && split_field_line(line, name, value);
}

bool HttpRequestReader::read_chunk_size(std::string_view line) {
  const auto digits = line.substr(0, line.find_first_not_of("0123456789abcdefABCDEF"));
  auto extension = line.substr(digits.size());
  std::size_t size = 0;
  const auto* const end = digits.data() + digits.size();
  if (digits.empty() || !is_field_value(extension) ||
      (!extension.empty() && !trim(extension).starts_with(';'))) {
    return false;
  }
  if (std::from_chars(digits.data(), end, size, 16).ec != std::errc() ||
      size > limits_->max_body_bytes - body_.size()) {
    refuse(413, "The body is too large.");
    return false;
  }
  chunk_left_ = size;
  chunk_ = size == 0 ? Chunk::trailer : Chunk::data;
  return true;
}

void HttpRequestReader::refuse(int status, std::string_view sentence) {
  state_ = State::refused;
  refusal_ = {status, sentence};
  refused_target_ = head_.target.empty() ? target_of_line(input_) : head_.target;
  head_ = {};
  head_bytes_ = 0;
  give_back(input_);
  give_back(body_);
}

}  // namespace base
