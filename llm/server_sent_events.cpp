#include "llm/server_sent_events.h"

#include <charconv>
#include <cstdint>
#include <utility>

namespace llm {

std::vector<ServerSentEvent> ServerSentEventParser::push(std::string_view bytes) {
  std::vector<ServerSentEvent> events;
  while (!bytes.empty()) {
    if (std::exchange(after_carriage_return_, false) && bytes.front() == '\n') {
      bytes.remove_prefix(1);
      continue;
    }
    const auto end = bytes.find_first_of("\r\n");
    line_.append(bytes.substr(0, end));
    if (end == std::string_view::npos) {
      break;
    }
    after_carriage_return_ = bytes[end] == '\r';
    bytes.remove_prefix(end + 1);
    end_line(events);
  }
  return events;
}

void ServerSentEventParser::end_line(std::vector<ServerSentEvent>& events) {
  const auto whole = std::exchange(line_, {});
  std::string_view line = whole;
  if (constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
      std::exchange(first_line_, false) && line.starts_with(kByteOrderMark)) {
    line.remove_prefix(kByteOrderMark.size());
  }
  if (line.empty()) {
    last_id_ = id_;
    auto type = std::exchange(type_, {});
    auto data = std::exchange(data_, {});
    if (std::exchange(has_data_, false)) {
      events.push_back({type.empty() ? "message" : std::move(type), std::move(data)});
    }
    return;
  }
  const auto colon = line.find(':');
  const auto field = line.substr(0, colon);
  auto value = colon == std::string_view::npos ? std::string_view{} : line.substr(colon + 1);
  if (value.starts_with(' ')) {
    value.remove_prefix(1);
  }
  if (field == "event") {
    type_ = value;
  } else if (field == "data") {
    if (std::exchange(has_data_, true)) {
      data_ += '\n';
    }
    data_ += value;
  } else if (field == "id" && value.find('\0') == std::string_view::npos) {
    id_ = value;
  } else if (field == "retry" && !value.empty() && value.find_first_not_of("0123456789") == value.npos) {
    std::uint32_t milliseconds = 0;
    if (std::from_chars(value.data(), value.data() + value.size(), milliseconds).ec == std::errc()) {
      retry_ = std::chrono::milliseconds(milliseconds);
    }
  }
}

}  // namespace llm
