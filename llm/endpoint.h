#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace llm {

/// How an adapter is reached. Each adapter documents what it needs of this.
struct Endpoint {
  std::string provider;  ///< a name from providers() of chat_models.h
  std::string model;
  std::string base_url;
  std::string api_key;  ///< may be empty for local servers
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds silence{60'000};    ///< the longest wait for the next byte
  std::chrono::milliseconds deadline{120'000};  ///< for complete() as a whole, retries included
  int max_attempts = 4;
  /// An attempt that took this long and failed is the last one.
  std::chrono::milliseconds patience{120'000};
  std::size_t max_answer_bytes = 65'536;         ///< the text of an answer is cut there while it comes in
  std::chrono::milliseconds first_backoff{500};  ///< doubles with each attempt, with jitter
  enum class Images {
    tried,  ///< sent until the server says that it takes none
    taken,  ///< sent each time
    none    ///< never sent
  };
  Images images = Images::tried;
};

}  // namespace llm
