#pragma once

#include <deque>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/id.h"
#include "tests/support/chat_services/webhook_signature.h"
#include "tests/support/files.h"
#include "tests/support/http_loop.h"
#include "tests/support/program/program.h"

namespace bench {

constexpr int kChats = 64;
// The key of the peer.
constexpr const char* kSecret = "whsec_ZnJvbnRkZXNrLWJhcnMtc2VjcmV0LTAxMjM0NTY3ODk=";

inline std::string answer_of_model() {
  const auto event = [](const char* type, const std::string& rest) {
    return std::string("event: ") + type + "\ndata: {\"type\":\"" + type + "\"" + rest + "}\n\n";
  };
  const auto body =
      event(
          "message_start",
          R"(,"message":{"id":"m","type":"message","role":"assistant","model":"bench","content":[],"usage":{"input_tokens":10,"output_tokens":1}})") +
      event("content_block_start", R"(,"index":0,"content_block":{"type":"text","text":""})") +
      event("content_block_delta", R"(,"index":0,"delta":{"type":"text_delta","text":"An answer."})") +
      event("content_block_stop", R"(,"index":0)") +
      event("message_delta", R"(,"delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":5})") +
      event("message_stop", "");
  return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// What is around the program: a model that answers at once, a receiver, and chats whose people write. Thread
/// rule: one thread, in loop.step().
class Surroundings {
 public:
  Surroundings() {
    model_ = loop.listen([this](std::string_view, std::string_view) {
      return model_answers ? answer_of_model() : std::string();
    });
    receiver_ = loop.listen([this](std::string_view, std::string_view body) {
      if (const auto at = body.find("\"chat-"); at != std::string_view::npos) {
        delivered.push_back(std::atoi(body.data() + at + 6));
      }
      return std::string("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
    });
  }

  int model() const { return model_; }
  int receiver() const { return receiver_; }

  /// The program with its database in that folder, which may have one already; sets `port`. Throws
  /// std::runtime_error where it does not start.
  std::unique_ptr<support::Program> start(const std::filesystem::path& home);

  support::HttpLoop loop;
  bool model_answers = true;
  std::deque<int> delivered;  ///< the chats of the answers that came
  int port = 0;

 private:
  int model_ = 0, receiver_ = 0;
};

inline std::unique_ptr<support::Program> Surroundings::start(const std::filesystem::path& home) {
  std::filesystem::create_directories(home);
  support::write_text(home / "secret", kSecret);
  support::write_text(home / "key", "key-of-the-bench");
  support::write_text(
      home / "frontdesk.toml",
      "[secretary]\napi_key = \"file:key\"\nbase_url = \"http://127.0.0.1:" + std::to_string(model_) +
          "\"\n[dispatch]\nprojects_dir = \"projects\"\nsandbox = \"off\"\n"
          "[chat.ops]\nplatform = \"webhook\"\nsecret = \"file:secret\"\n"
          "callback_url = \"http://127.0.0.1:" +
          std::to_string(receiver_) + "/cb\"\n");
  auto program = std::make_unique<support::Program>(
      std::vector<std::string>{support::program_path("FRONTDESK_BIN"), "serve", "--config",
                               (home / "frontdesk.toml").string(), "--listen", "127.0.0.1:0"},
      home);
  port = program->wait_for_port(std::chrono::minutes(5));  // a profiler around it takes its time
  if (port == 0) {
    throw std::runtime_error("the program did not start:\n" + program->log());
  }
  return program;
}

/// A signed call of that type to the door of the program.
inline std::string request(const std::string& type, int chat) {
  const auto id = base::random_hex(8);
  const auto body = "{\"type\":\"" + type + "\",\"message_id\":\"" + id + "\",\"chat_id\":\"chat-" +
                    std::to_string(chat) + "\",\"user_id\":\"u-" + std::to_string(chat) +
                    "\",\"text\":\"How long does order " + id + " take, and who looks after it?\"}";
  std::string head = "POST /webhooks/ops HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n";
  const auto signature = support::sign(kSecret, id, body);
  for (const auto& [name, value] : signature.all()) {
    head += name + ": " + value + "\r\n";
  }
  return head + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace bench
