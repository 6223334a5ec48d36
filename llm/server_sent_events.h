#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace llm {

struct ServerSentEvent {
  std::string type;  ///< "message" where the stream names none
  std::string data;  ///< several data lines are joined by line feeds
};

/// Cuts an event stream into events, as WHATWG HTML section 9.2.6 describes.
/// Thread rule: one thread.
class ServerSentEventParser {
 public:
  /// The events that `bytes` completes, in order. Bytes may be cut anywhere, inside a character or a line end
  /// too. An event without data is dropped, and so is one whose closing blank line never comes.
  std::vector<ServerSentEvent> push(std::string_view bytes);

  /// The `id` that was in force at the last blank line, also that of an event without data; from it on the
  /// stream can be asked for again.
  const std::string& last_id() const { return last_id_; }
  /// The last `retry`: how long to wait before asking again.
  std::optional<std::chrono::milliseconds> retry() const { return retry_; }

 private:
  void end_line(std::vector<ServerSentEvent>& events);

  std::string line_;
  std::string type_;
  std::string data_;
  std::string id_;
  std::string last_id_;
  std::optional<std::chrono::milliseconds> retry_;
  bool has_data_ = false;
  bool after_carriage_return_ = false;
  bool first_line_ = true;
};

}  // namespace llm
