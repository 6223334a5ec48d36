#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace fuzz {

/// A parser broke a promise; what() says which.
class Broken : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// Throws Broken unless the promise is kept.
inline void require(bool kept, const std::string& promise) {
  if (!kept) {
    throw Broken(promise);
  }
}

/// One parser that reads what others wrote.
struct Target {
  std::string_view name;          ///< of its file <name>_fuzz.cpp and its corpus corpus/<name>/
  void (*run)(std::string_view);  ///< takes any bytes; throws, whatever it is, where the parser is wrong
};

/// All of them.
const std::vector<Target>& targets();

/// The target, or nullptr.
const Target* find_target(std::string_view name);

// Each is in the file of its name.
void anthropic_stream(std::string_view input);
void chat_markup(std::string_view input);
void claude_code_stream(std::string_view input);
void command(std::string_view input);
void config_file(std::string_view input);
void discord_interaction(std::string_view input);
void http_fields(std::string_view input);
void http_request(std::string_view input);
void json(std::string_view input);
void markdown(std::string_view input);
void mattermost_webhook(std::string_view input);
void openai_stream(std::string_view input);
void picture(std::string_view input);
void selector(std::string_view input);
void server_sent_events(std::string_view input);
void slack_events(std::string_view input);
void slack_form(std::string_view input);
void telegram_update(std::string_view input);
void text(std::string_view input);
void webhook_body(std::string_view input);

}  // namespace fuzz
