#include "tests/fuzz/chat_platform_check.h"

#include <cstdlib>

#include <fmt/format.h>

#include "base/utf8.h"
#include "bot/platforms/chat_platforms.h"
#include "config/config_file.h"
#include "tests/fuzz/targets.h"
#include "tests/support/chat_services/capabilities.h"

namespace fuzz {
namespace {

void check_text(const std::string& text) {
  require(base::is_utf8(text), "what is received is UTF-8");
  require(base::strip_controls(text) == text, "what is received has no control characters");
}

void check_id(const std::string& id) {
  require(base::is_utf8(id), "an id is UTF-8");
  require(base::strip_controls(id) == id && id.find_first_of("\n\t") == std::string::npos,
          "an id has no control characters");
}

/// All that was received, as one text to compare.
std::string checked(const bot::chat::IncomingMessage& incoming) {
  require(!incoming.external_id.empty() && !incoming.chat_id.empty() && !incoming.user_id.empty(),
          "what is received has its ids");
  require(!incoming.chat_id.ends_with('/'), "a thread has an id");
  using Kind = bot::chat::IncomingMessage::Kind;
  require(incoming.button || !base::trim(incoming.text).empty() || !incoming.attachments.empty() ||
              !incoming.quotations.empty() || incoming.kind == Kind::unreadable ||
              incoming.kind == Kind::nameless,
          "what is received is a text, a file, a quotation or a click");
  require(!incoming.button || !incoming.button->empty(), "a click has a button");
  check_text(incoming.text);
  check_text(incoming.user_name);
  require(incoming.user_name.find('\n') == std::string::npos, "a name is one line");
  require(base::is_utf8(incoming.button.value_or("")), "a button's id is UTF-8");
  require(base::is_utf8(incoming.ticket), "a ticket is UTF-8");
  require(incoming.ticket.empty() == (incoming.ticket_life.count() == 0) || incoming.button,
          "a ticket has a life");
  for (const auto& id :
       {incoming.external_id, incoming.chat_id, incoming.user_id, incoming.message_id, incoming.twin_id}) {
    check_id(id);
  }
  auto text = fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}", incoming.external_id, incoming.chat_id,
                          incoming.user_id, incoming.message_id, incoming.twin_id, incoming.user_name,
                          incoming.text, incoming.button.value_or(""), incoming.ticket);
  for (const auto& file : incoming.attachments) {
    require(!file.handle.empty(), "a file can be fetched");
    require(base::is_utf8(file.handle) && base::is_utf8(file.name) && base::is_utf8(file.media_type),
            "what is told of a file is UTF-8");
    require(file.size.value_or(0) >= 0, "a size is not negative");
    text += "\n" + file.handle + "\n" + file.name + "\n" + file.media_type;
  }
  for (const auto& quotation : incoming.quotations) {
    check_text(quotation.text);
    check_text(quotation.author);
    require(!base::trim(quotation.text).empty(), "a quotation says something");
    require(quotation.author.find('\n') == std::string::npos, "an author is one line");
    text += "\n" + to_string(quotation.kind) + quotation.author + quotation.text;
  }
  return text;
}

/// All that was received, or the refusal, as one text to compare.
std::string outcome(const bot::chat::Platform& platform, const base::HttpRequest& request) {
  try {
    const auto received = support::receive(platform, request, call_time());
    require(received.response.status >= 200 && received.response.status < 300,
            "what is taken is answered with 2xx");
    auto text = fmt::format("{} {}", received.response.status, received.response.body);
    for (const auto& incoming : received.incoming) {
      text += "\n" + checked(incoming);
    }
    return text;
  } catch (const bot::chat::Refused& refused) {
    require(refused.status >= 400 && refused.status < 500 && refused.status != 401,
            "a signed body is refused for what is in it");
    require(std::string_view(refused.what()).ends_with("."), "a refusal is a sentence");
    return fmt::format("{} {}", refused.status, refused.what());
  }
}

}  // namespace

base::Timestamp call_time() {
  return base::from_unix_ms(1'795'363'500'000);
}

std::unique_ptr<bot::chat::Platform> make_platform(const std::string& platform, const std::string& toml,
                                                   const Secrets& secrets) {
  for (const auto& [variable, value] : secrets) {
    setenv(variable.c_str(), value.c_str(), 1);
  }
  static const base::SystemClock clock;
  return bot::platforms::platform_type(platform).make(config::parse_config(toml, "frontdesk.toml", "/"),
                                                      {"fuzz", "", clock});
}

void check_receive(const bot::chat::Platform& platform, const base::HttpRequest& request) {
  require(outcome(platform, request) == outcome(platform, request), "a body means the same every time");
}

}  // namespace fuzz
