#include "bot/platforms/telegram/platform.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <tuple>

#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <pthread.h>

#include "base/backoff.h"
#include "base/crypto.h"
#include "base/error.h"
#include "base/guarded.h"
#include "base/json.h"
#include "base/log.h"
#include "base/utf8.h"
#include "base/wait.h"
#include "bot/chat/capabilities.h"
#include "bot/markup/chat_markup.h"
#include "bot/platforms/shared/api_address.h"
#include "bot/platforms/shared/ids.h"
#include "bot/platforms/shared/service_drafts.h"
#include "bot/platforms/shared/typing_indicator.h"
#include "bot/platforms/shared/webhook_call.h"
#include "bot/platforms/telegram/api.h"
#include "bot/platforms/telegram/markup.h"
#include "bot/platforms/telegram/setup.h"
#include "bot/platforms/telegram/updates.h"

namespace bot::telegram {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

/// Characters of one message, after entities parsing.
constexpr std::size_t kMessageLimit = 4096;
constexpr std::size_t kMostParts = 5;
/// "Typing" is shown for five seconds.
constexpr std::chrono::milliseconds kTypingRepeat{4'500};
constexpr std::chrono::seconds kPollTimeout{25};
/// As often as a chat may be written to; what is said for good has room for some calls more at any time.
constexpr std::chrono::milliseconds kDraftPace{1'000};
constexpr int kRoomForDrafts = 1;
constexpr std::chrono::milliseconds kShortestRound{250};
constexpr std::chrono::seconds kCourtesyPatience{5};
constexpr base::Backoff kBackoff{.first = std::chrono::seconds(1), .longest = std::chrono::seconds(60)};
constexpr std::size_t kMaxSecret = 256;

class Telegram final : public chat::Platform,
                       public chat::TakesWebhooks,
                       public chat::Listens,
                       public chat::AcknowledgesIncoming,
                       public chat::ShowsTyping,
                       public chat::ShowsDrafts,
                       public chat::FetchesFiles,
                       public chat::HasRateLimit,
                       public chat::ChecksSetup {
 public:
  Telegram(Installation installation, const std::string& token, const base::Clock& clock)
      : installation_(std::move(installation)), clock_(clock), api_(installation_.api_base_url, token) {
    self_.with([&](Self& self) { self.id = self.key = token.substr(0, token.find(':')); });
  }
  ~Telegram() override { Telegram::stop(); }

  chat::Received receive(const base::HttpRequest& request, base::Timestamp now) const override;
  void on_stored(const chat::IncomingMessage& incoming) override;
  std::string deliver(const store::OutgoingCall& call, store::MessageParts& parts, base::Timestamp now,
                      std::stop_token stop) override;
  base::Timestamp ready_at(const std::string& chat_id, base::Timestamp now) override;
  void show_presence(const std::string& chat_id, Presence presence) override;
  DraftTerms draft_terms(const chat::Draft& draft) const override;
  void add_to_draft(const chat::Draft& draft, std::string_view text) override { drafts_.add(draft, text); }
  void withdraw_draft(const chat::Draft& draft) override { drafts_.withdraw(draft); }
  chat::Features features() const override { return {.sends_files = true}; }
  void fetch(const std::string& handle, std::uint64_t max_bytes,
             const std::function<void(std::string_view)>& sink, std::stop_token stop) override;
  void start(chat::Receiver& receiver) override;
  void stop() override;
  std::vector<chat::CheckResult> check(chat::Repair repair) override {
    return check_setup(api_, installation_, repair);
  }

 private:
  Self self() const {
    return self_.with([](const Self& self) { return self; });
  }
  void show_typing(const std::string& chat_id, std::stop_token stop);
  void show_draft(const chat::Draft& draft, const std::string& text, std::stop_token stop);
  void work(chat::Receiver& receiver, const std::stop_token& stop);
  /// Whether the service told who we are.
  bool learn_own_name(const std::stop_token& stop);
  void warn_of_other_webhook(const std::stop_token& stop) const;
  /// One round of long polling; returns the next offset.
  std::int64_t poll(std::int64_t offset, chat::Receiver& receiver, const std::stop_token& stop);

  const Installation installation_;
  const base::Clock& clock_;
  const Api api_;
  shared::RateLimiter rate_limiter_{rate_limit_of("-"), kOverallRateLimit};
  mutable base::Guarded<Self> self_;
  shared::TypingIndicator typing_{
      [this](const std::string& chat_id, std::stop_token stop) { show_typing(chat_id, std::move(stop)); },
      kTypingRepeat};
  std::atomic<bool> can_show_drafts_ = true;
  shared::ServiceDrafts drafts_{
      clock_, kDraftPace,
      [this](const chat::Draft& draft, const std::string& text, const std::string&, std::stop_token stop) {
        show_draft(draft, text, std::move(stop));
        return std::string();
      }};
  std::jthread thread_;
};

chat::Received Telegram::receive(const base::HttpRequest& request, base::Timestamp) const {
  shared::require_post(request);
  if (installation_.secrets.empty()) {
    throw chat::Refused(404, "This chat asks Telegram for its messages; it has no webhook.");
  }
  const auto given = request.headers.get("X-Telegram-Bot-Api-Secret-Token").value_or("");
  if (std::none_of(installation_.secrets.begin(), installation_.secrets.end(),
                   [&](const std::string& secret) { return base::constant_time_equal(given, secret); })) {
    throw chat::Refused(401, "The header X-Telegram-Bot-Api-Secret-Token is missing or wrong.");
  }
  const auto update = base::parse_json(request.body);
  if (!update || !update_id_of(*update)) {
    throw chat::Refused(400, "The body is not an Update of the Bot API.");
  }
  chat::Received received{{}, base::HttpResponse::json("{}")};
  if (auto incoming = read_update(*update, self())) {
    received.incoming.push_back(*std::move(incoming));
  } else if (auto answer = answer_to_lost_click(*update, self())) {
    // A call may be made in the answer to the webhook ("Making requests when getting updates").
    (*answer)["method"] = "answerCallbackQuery";
    received.response = base::HttpResponse::json(base::dump_json(*answer));
  }
  return received;
}

void Telegram::show_typing(const std::string& chat_id, std::stop_token stop) {
  const auto now = clock_.now();
  if (ready_at(chat_id, now) > now) {
    return;  // the service asked for a pause, or what is said needs the room
  }
  const auto chat = chat_of(chat_id);
  json parameters = {{"chat_id", chat.chat}, {"action", "typing"}};
  if (chat.topic) {
    parameters["message_thread_id"] = *chat.topic;
  }
  api_.call("sendChatAction", parameters, std::move(stop), kCourtesyPatience);
}

/// A group has room for twenty calls a minute, and no drafts that pass by themselves.
chat::ShowsDrafts::DraftTerms Telegram::draft_terms(const chat::Draft& draft) const {
  const bool shown = installation_.streams && can_show_drafts_ && !draft.chat_id.starts_with('-');
  return {.shown = shown, .patience = shared::kDraftPatience};
}

/// https://core.telegram.org/bots/api#sendmessagedraft: seen for half a minute, or until a message comes.
void Telegram::show_draft(const chat::Draft& draft, const std::string& text, std::stop_token stop) {
  const auto chat = chat_of(draft.chat_id);
  rate_limiter_.take(chat::ChatAddress::parse(draft.chat_id).chat, clock_.now(),
                     {kDraftPace, kRoomForDrafts});
  const auto shown = markup::render_parts(text, dialect(), kMessageLimit);
  json parameters = {{"chat_id", chat.chat},
                     {"draft_id", draft.answered.value},
                     {"text", shown.empty() ? "" : shown.front()},  // nothing: as if it were thinking
                     {"parse_mode", "HTML"}};
  if (chat.topic) {
    parameters["message_thread_id"] = *chat.topic;
  }
  try {
    api_.call("sendMessageDraft", parameters, std::move(stop), kCourtesyPatience);
  } catch (const WrongToken& e) {
    // An older server of the Bot API says so of a method that it does not know.
    can_show_drafts_ = false;
    throw base::PermanentError(e.answer);
  }
}

void Telegram::on_stored(const chat::IncomingMessage& incoming) {
  if (incoming.button && !incoming.ticket.empty()) {
    typing_.soon([this, id = incoming.ticket](std::stop_token stop) {
      api_.call("answerCallbackQuery", {{"callback_query_id", id}}, std::move(stop), kCourtesyPatience);
    });
  }
}

std::string Telegram::deliver(const store::OutgoingCall& call, store::MessageParts& parts,
                              base::Timestamp now, std::stop_token stop) {
  drafts_.end(call, parts, now);
  Calls calls(api_, rate_limiter_, call, now, std::move(stop));
  return chat::deliver_parts(
      call,
      chat::parts_of(call.post, markup::render_parts(call.post.text, dialect(), kMessageLimit), kMostParts),
      parts, calls, now);
}

base::Timestamp Telegram::ready_at(const std::string& chat_id, base::Timestamp now) {
  const auto chat = chat::ChatAddress::parse(chat_id).chat;
  return rate_limiter_.ready_at(chat, now, rate_limit_of(chat));
}

void Telegram::show_presence(const std::string& chat_id, Presence presence) {
  presence == Presence::thinking ? typing_.thinking(chat_id) : typing_.idle(chat_id);
}

void Telegram::fetch(const std::string& handle, std::uint64_t max_bytes,
                     const std::function<void(std::string_view)>& sink, std::stop_token stop) {
  api_.fetch(handle, max_bytes, sink, std::move(stop));
}

void Telegram::start(chat::Receiver& receiver) {
  // What came while the program was away is still with Telegram, for a day, by either transport.
  thread_ = std::jthread([this, &receiver](const std::stop_token& stop) { work(receiver, stop); });
  pthread_setname_np(thread_.native_handle(), "telegram");
}

void Telegram::stop() {
  thread_.request_stop();
  if (thread_.joinable()) {
    thread_.join();
  }
}

bool Telegram::learn_own_name(const std::stop_token& stop) {
  const auto me = api_.call("getMe", json::object(), stop);
  self_.with([&](Self& self) {
    self.username = base::json_string(me, "username").value_or("");
    if (const auto id = base::json_integer(me, "id")) {
      self.id = std::to_string(*id);
    }
  });
  return !self().username.empty();
}

void Telegram::warn_of_other_webhook(const std::stop_token& stop) const {
  const auto info = api_.call("getWebhookInfo", json::object(), stop);
  const auto url = base::json_string(info, "url").value_or("");
  if (!installation_.public_url.empty() && url != installation_.webhook_url()) {
    base::log_warning("{}: Telegram {}, so no message comes in; run `frontdesk doctor --fix`",
                      installation_.name,
                      url.empty() ? "has no webhook for this bot" : "calls another address");
  }
}

std::int64_t Telegram::poll(std::int64_t offset, chat::Receiver& receiver, const std::stop_token& stop) {
  json parameters = {{"timeout", kPollTimeout.count()}, {"allowed_updates", updates_wanted()}};
  if (offset != 0) {
    parameters["offset"] = offset;
  }
  const auto asked = std::chrono::steady_clock::now();
  const auto updates = api_.call("getUpdates", parameters, stop, kPollTimeout + 15s);
  if (updates.empty() && std::chrono::steady_clock::now() - asked < kShortestRound) {
    std::ignore =
        base::wait_for(kShortestRound, stop);  // something between us answers at once instead of waiting
  }
  for (const auto& update : updates.is_array() ? updates : json::array()) {
    const auto id = update_id_of(update);
    if (!id) {
      continue;
    }
    if (const auto incoming = read_update(update, self())) {
      receiver.take(*incoming);
    } else if (const auto answer = answer_to_lost_click(update, self())) {
      typing_.soon([this, answer](std::stop_token at_end) {
        api_.call("answerCallbackQuery", *answer, std::move(at_end), kCourtesyPatience);
      });
    }
    // Only now: the next call tells Telegram that everything before it is safe here.
    offset = *id + 1;
  }
  return offset;
}

void Telegram::work(chat::Receiver& receiver, const std::stop_token& stop) {
  std::int64_t offset = 0;
  int failures = 0;
  bool known = false;
  while (!stop.stop_requested()) {
    try {
      known = known || learn_own_name(stop);
      if (!installation_.polls) {
        warn_of_other_webhook(stop);
        return;
      }
      offset = poll(offset, receiver, stop);
      failures = 0;
    } catch (const base::Stopped&) {
      return;
    } catch (const std::exception& e) {
      const auto* transient = dynamic_cast<const base::TransientError*>(&e);
      const auto pause = base::at_least(kBackoff.pause(++failures),
                                        transient != nullptr ? transient->retry_after : std::nullopt);
      const bool conflict = std::string_view(e.what()).find(" 409") != std::string_view::npos;
      base::log_warning("{}: Telegram cannot be asked: {}{}; next try in {} ms", installation_.name, e.what(),
                        conflict ? "; another program uses this bot: end it, or take its webhook away with "
                                   "`frontdesk doctor --fix`"
                                 : "",
                        pause.count());
      receiver.note_trouble(e.what());
      if (!base::wait_for(pause, stop)) {
        return;
      }
    }
  }
}

bool is_secret_token(std::string_view text) {
  return !text.empty() && text.size() <= kMaxSecret && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

std::unique_ptr<chat::Platform> make(config::Section section, const chat::PlatformContext& context) {
  Installation installation;
  installation.name = context.name;
  const auto token = section.required_secret("token");
  installation.secrets = section.secrets("secret");
  const auto transport =
      section.one_of("transport", context.public_url.empty() ? "polling" : "webhook", {"webhook", "polling"});
  installation.polls = transport == "polling";
  installation.api_base_url = shared::read_api_base_url(section, kApi);
  installation.public_url = context.public_url;
  installation.streams = section.boolean("stream", true);
  section.finish();
  if (!installation.polls && installation.secrets.empty()) {
    section.fail("secret", "is missing; a webhook needs one, 1 to 256 of A-Z, a-z, 0-9, _ and -");
  }
  if (!std::all_of(installation.secrets.begin(), installation.secrets.end(), is_secret_token)) {
    section.fail(section.has("secrets") ? "secrets" : "secret",
                 "must be 1 to 256 of A-Z, a-z, 0-9, _ and - (Telegram takes no others)");
  }
  return std::make_unique<Telegram>(std::move(installation), token, context.clock);
}

/// Integers; those of groups and channels are negative (https://core.telegram.org/bots/api#chat).
std::optional<std::string> id_problem(std::string_view id, chat::IdOf of) {
  const bool negative = id.starts_with('-');
  if (!shared::is_number(id.substr(negative ? 1 : 0))) {
    return "is no id: numeric ids only, because user names change hands";
  }
  if (of == chat::IdOf::person && negative) {
    return "is the id of a group, and a person's is meant; groups are listed in \"groups\"";
  }
  if (of == chat::IdOf::group && !negative) {
    return "is the id of a person, and a group's is meant, which begins with -";
  }
  return std::nullopt;
}

constexpr const char* kExample =
    R"(# [chat.tg]                      # how to get the token: docs/chat-services.md
# platform = "telegram"
# token = "env:TELEGRAM_TOKEN"
# stream = false                # answers only when they are whole
)";

}  // namespace

chat::PlatformType platform_type() {
  return {
      .name = "telegram",
      .make = make,
      .id_problem = id_problem,
      .example_section = kExample,
      .dialect = dialect,
  };
}

}  // namespace bot::telegram
