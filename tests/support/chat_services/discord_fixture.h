#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/clock.h"
#include "bot/platforms/discord/platform.h"
#include "config/config_file.h"
#include "store/job_queue.h"
#include "store/message_parts.h"
#include "store/outbox.h"
#include "tests/support/chat_services/capabilities.h"
#include "tests/support/chat_services/discord_service.h"
#include "tests/support/store_fixture.h"

namespace support {

/// A platform, the service that it speaks to, and a real database with the chat "500" in it.
struct DiscordFixture : StoreFixture {
  DiscordService service;
  std::unique_ptr<bot::chat::Platform> platform;
  store::Outbox outbox{db};
  store::Conversations conversations{db};
  store::Conversation chat;
  store::MessageParts pieces{db};

  DiscordFixture() {
    // The service numbers its messages by the real time.
    clock.set(base::SystemClock().now());
    chat = conversations.open("svc", "500", clock.now());
    platform = make(DiscordService::kBotToken, "");
  }
  std::unique_ptr<bot::chat::Platform> make(const std::string& token, const std::string& more,
                                            const std::string& public_url = "") {
    return make_at(service.url() + "/api/v10", token, more, public_url);
  }
  std::unique_ptr<bot::chat::Platform> make_at(const std::string& api, const std::string& token,
                                               const std::string& more, const std::string& public_url) {
    folder.write("token", token + "\n");
    const auto toml = "application_id = \"" + std::string(DiscordService::kApplication) +
                      "\"\npublic_key = \"" + DiscordService::kPublicKey +
                      "\"\nbot_token = \"file:token\"\napi_base_url = \"" + api + "\"\n" + more;
    return bot::discord::platform_type().make(config::parse_config(toml, "frontdesk.toml", folder.path()),
                                              {"svc", public_url, clock});
  }
  /// A command or click that was received and stored, with its ticket. Returns its id.
  std::string received(const base::HttpRequest& request) {
    const auto taken = support::receive(*platform, request, clock.now());
    const auto& incoming = taken.incoming.at(0);
    const auto message = conversations.add_incoming(chat.id, person.id, incoming.own_id(), incoming.text,
                                                    incoming.button, clock.now());
    conversations.keep_ticket(message, incoming.ticket, clock.now() + incoming.ticket_life);
    return incoming.own_id();
  }
  std::string command(const std::string& text = "hello") { return received(service.message({text, "500"})); }
  store::MessageId post(const std::string& text, const std::string& answers = {},
                        const std::vector<store::Button>& buttons = {}) {
    return outbox.post(chat, {text, buttons, answers}, clock.now());
  }
  /// Makes the next call; what it throws is thrown, and it is made again the next time.
  std::string deliver(std::stop_token stop = {}) {
    store::JobQueue queue(db);
    const auto job = queue.claim("deliver:svc", clock.now());
    if (!job) {
      throw std::logic_error("there is no call to make");
    }
    const auto call = outbox.get({job->ref});
    outbox.mark_attempted(call.id);
    try {
      const auto id = platform->deliver(call, pieces, clock.now(), std::move(stop));
      outbox.mark_delivered(call.id, id, clock.now());
      queue.complete(*job);
      return id;
    } catch (...) {
      queue.retry(*job, clock.now(), clock.now());
      throw;
    }
  }
  /// Delivers as the worker does: again when the rate allows.
  std::string deliver_in_pace() {
    while (true) {
      try {
        return deliver();
      } catch (const bot::chat::RateLimited&) {
        clock.advance(std::chrono::seconds(2));
      }
    }
  }
  std::string say_and_deliver(const std::string& text, const std::string& answers = {}) {
    post(text, answers);
    return deliver();
  }
  /// A message in another channel.
  void say_and_deliver_elsewhere() {
    store::OutgoingCall call;
    call.key = call.target_key = "msg_elsewhere";
    call.chat_id = "999";
    call.message = say("x");
    call.post.text = "hello";
    platform->deliver(call, pieces, clock.now(), {});
  }
  /// The calls of that kind, in order.
  std::vector<ServiceCall> calls(const std::string& method, const std::string& part) const {
    auto all = service.calls();
    std::erase_if(all, [&](const auto& call) {
      return call.request.method != method || call.request.path.find(part) == std::string::npos;
    });
    return all;
  }
  std::vector<std::string> texts() const {
    std::vector<std::string> all;
    for (const auto& shown : service.shown()) {
      all.push_back(shown.text);
    }
    return all;
  }
  /// The next calls that change the screen have their effect, but nobody is told.
  void lose_answers(int times) {
    DiscordService::Behaviour behaviour;
    behaviour.times = times;
    behaviour.accepts = true;
    service.behave(behaviour);
  }
  /// The next call by a command's or click's token has its effect, but nobody is told.
  void lose_answer_by_interaction() {
    DiscordService::Behaviour behaviour;
    behaviour.accepts = true;
    behaviour.applies = [](const ServiceCall& call) {
      return call.request.method == "POST" && call.request.path.starts_with("/api/v10/webhooks/");
    };
    service.behave(behaviour);
  }
  /// The next call that would change the screen breaks.
  void break_call() { service.behave({}); }
};

}  // namespace support
