#include "bot/platforms/discord/platform.h"

#include <map>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/crypto.h"
#include "base/error.h"
#include "base/form.h"
#include "base/guarded.h"
#include "base/json.h"
#include "base/utf8.h"
#include "base/wait.h"
#include "bot/chat/capabilities.h"
#include "bot/markup/chat_markup.h"
#include "bot/platforms/discord/api.h"
#include "bot/platforms/discord/calls.h"
#include "bot/platforms/discord/interactions.h"
#include "bot/platforms/discord/markup.h"
#include "bot/platforms/discord/setup.h"
#include "bot/platforms/shared/api_address.h"
#include "bot/platforms/shared/ids.h"
#include "bot/platforms/shared/service_call.h"
#include "bot/platforms/shared/service_drafts.h"
#include "bot/platforms/shared/signed_time.h"
#include "bot/platforms/shared/ticket_memory.h"
#include "bot/platforms/shared/typing_indicator.h"
#include "bot/platforms/shared/webhook_call.h"
#include "bot/texts/clicks.h"

namespace bot::discord {
namespace {

using nlohmann::json;

constexpr std::size_t kLongestContent = 2000;
constexpr std::size_t kMostParts = 5;
constexpr int kOnlyForThem = 1 << 6;

/// About five changes in five seconds are allowed in a channel.
constexpr std::chrono::milliseconds kDraftPace{2'000};

constexpr int kMostAttempts = 5;
constexpr std::chrono::milliseconds kAskAgain{500};

/// Discord shows "is typing" for ten seconds.
constexpr std::chrono::seconds kTypingAgain{8};

class Discord final : public chat::Platform,
                      public chat::TakesWebhooks,
                      public chat::AcknowledgesIncoming,
                      public chat::ShowsTyping,
                      public chat::ShowsDrafts,
                      public chat::FetchesFiles,
                      public chat::HasRateLimit,
                      public chat::ChecksSetup {
 public:
  Discord(Api::Account account, Installation installation, std::string key, bool streams,
          const base::Clock& clock)
      : clock_(clock),
        streams_(streams),
        api_(std::move(account)),
        installation_(std::move(installation)),
        public_key_(std::move(key)),
        typing_([this](const std::string& chat_id, std::stop_token stop) { type(chat_id, stop); },
                kTypingAgain) {}

  chat::Received receive(const base::HttpRequest& request, base::Timestamp now) const override;
  void on_refused(const chat::IncomingMessage& incoming) override;
  std::string deliver(const store::OutgoingCall& call, store::MessageParts& parts, base::Timestamp now,
                      std::stop_token stop) override;
  base::Timestamp ready_at(const std::string& chat_id, base::Timestamp now) override {
    return api_.rate_limiter().ready_at(channel_of(chat_id), now);
  }
  void show_presence(const std::string& chat_id, Presence presence) override {
    presence == Presence::thinking ? typing_.thinking(chat_id) : typing_.idle(chat_id);
  }
  DraftTerms draft_terms(const chat::Draft& draft) const override;
  void add_to_draft(const chat::Draft& draft, std::string_view text) override { drafts_.add(draft, text); }
  void withdraw_draft(const chat::Draft& draft) override { drafts_.withdraw(draft); }
  chat::Features features() const override { return {.sends_files = true}; }
  void fetch(const std::string& handle, std::uint64_t max_bytes,
             const std::function<void(std::string_view)>& sink, std::stop_token stop) override;
  std::vector<chat::CheckResult> check(chat::Repair repair) override {
    return check_setup(api_, installation_, repair);
  }

 private:
  void type(const std::string& chat_id, std::stop_token stop);
  /// The token of the command that is answered, while its answer can be filled in.
  std::optional<std::string> token_of(const chat::Draft& draft) const;
  std::string show_draft(const chat::Draft& draft, const std::string& text, std::stop_token stop);
  /// A call by the token of an interaction that came just now.
  void call_soon(const Api::Call& call, std::stop_token stop);

  const base::Clock& clock_;
  const bool streams_;
  mutable Api api_;
  const Installation installation_;
  const std::string public_key_;          ///< the 32 bytes
  mutable shared::TicketMemory tickets_;  ///< of the interactions that came lately
  shared::TypingIndicator typing_;
  /// Of its own, so that an answer need not wait for what its draft has used; a message has room beside it.
  shared::RateLimiter draft_pace_{{kDraftPace, 1}, {std::chrono::milliseconds(100), 5}};
  shared::ServiceDrafts drafts_{clock_, kDraftPace,
                                [this](const chat::Draft& draft, const std::string& text, const std::string&,
                                       std::stop_token stop) { return show_draft(draft, text, stop); }};
};

chat::Received Discord::receive(const base::HttpRequest& request, base::Timestamp now) const {
  shared::require_post(request);
  if (!is_signed(request, public_key_)) {
    throw chat::Refused(401, "The signature is missing or wrong.");
  }
  if (const auto problem = shared::signed_time_problem(
          kTimestampHeader, request.headers.get(kTimestampHeader).value_or(""), now)) {
    throw chat::Refused(401, *problem);
  }
  auto received = read_interaction(request.body);
  for (const auto& incoming : received.incoming) {
    tickets_.keep(incoming, now);
  }
  return received;
}

void Discord::on_refused(const chat::IncomingMessage& incoming) {
  const auto ticket = parse_ticket(incoming.ticket);
  if (!ticket) {
    return;
  }
  // Else "is thinking" would stay for a quarter of an hour.
  const bool command = ticket->kind == Ticket::Kind::command;
  Api::Call call{command ? "PATCH" : "POST",
                 "/webhooks/" + api_.account().application_id + "/" + base::url_encode(ticket->token) +
                     (command ? "/messages/@original" : "?wait=true"),
                 channel_of(incoming.chat_id)};
  json body = {{"content", texts::kNotAdmittedYet}, {"allowed_mentions", {{"parse", json::array()}}}};
  if (!command) {
    body["flags"] = kOnlyForThem;
  }
  call.body = base::dump_json(body);
  call.right = Api::Call::Right::ticket;
  typing_.soon([this, call](std::stop_token stop) { call_soon(call, std::move(stop)); });
}

void Discord::call_soon(const Api::Call& call, std::stop_token stop) {
  for (int attempt = 1;; ++attempt) {
    try {
      api_.call(call, clock_.now(), stop);
      return;
    } catch (const Refusal& e) {
      // Discord may not have read yet that the interaction was received.
      if (e.status != 404 || attempt == kMostAttempts || !base::wait_for(kAskAgain, stop)) {
        throw;
      }
    }
  }
}

std::string Discord::deliver(const store::OutgoingCall& call, store::MessageParts& parts, base::Timestamp now,
                             std::stop_token stop) {
  drafts_.end(call, parts, now);
  auto texts = markup::render_parts(call.post.text, dialect(), kLongestContent);
  if (texts.empty()) {
    texts.emplace_back("…");  // Discord takes no message without content
  }
  std::vector<std::string> known;
  for (const auto& part : parts.of(call.message)) {
    if (!part.external_id.empty()) {
      known.push_back(part.external_id);
    }
  }
  Calls calls(api_, call, call.ticket ? call.ticket : tickets_.find(call.answers), std::move(known), now,
              std::move(stop));
  return chat::deliver_parts(call, chat::parts_of(call.post, std::move(texts), kMostParts), parts, calls,
                             now);
}

std::optional<std::string> Discord::token_of(const chat::Draft& draft) const {
  const auto kept = tickets_.find(draft.answers);
  const auto ticket = kept && clock_.now() < kept->expires ? parse_ticket(kept->value) : std::nullopt;
  return ticket && ticket->kind == Ticket::Kind::command ? std::optional(ticket->token) : std::nullopt;
}

/// The answer to a command takes the place of Discord's "thinking…", and so may a draft of it, as often as it
/// likes: the call is idempotent. What answers a click would be a message of its own, which could be found
/// again for some minutes only.
chat::ShowsDrafts::DraftTerms Discord::draft_terms(const chat::Draft& draft) const {
  return {.shown = streams_ && token_of(draft), .is_message = true, .patience = shared::kDraftPatience};
}

std::string Discord::show_draft(const chat::Draft& draft, const std::string& text, std::stop_token stop) {
  const auto channel = channel_of(draft.chat_id);
  const auto token = token_of(draft);
  if (!token) {
    throw base::PermanentError("the command cannot be answered any more");
  }
  const auto now = clock_.now();
  if (const auto at = api_.rate_limiter().ready_at(channel, now, {kDraftPace, 1}); at > now) {
    throw chat::RateLimited(at);
  }
  draft_pace_.take(channel, now);
  Api::Call call{
      "PATCH",
      "/webhooks/" + api_.account().application_id + "/" + base::url_encode(*token) + "/messages/@original",
      channel};
  call.right = Api::Call::Right::ticket;
  call.body = base::dump_json({{"content", chat::draft_text(text, dialect(), kLongestContent)},
                               {"flags", kSuppressEmbeds},
                               {"allowed_mentions", {{"parse", json::array()}}}});
  auto id = base::json_string(api_.call(call, now, std::move(stop)), "id").value_or("");
  if (!is_id(id)) {
    throw base::TransientError("Discord did not say which message it changed");
  }
  return id;
}

void Discord::type(const std::string& chat_id, std::stop_token stop) {
  const auto now = clock_.now();
  const auto channel = channel_of(chat_id);
  if (api_.rate_limiter().ready_at(channel, now) > now || api_.is_closed(channel, now)) {
    return;
  }
  try {
    api_.call({"POST", "/channels/" + base::url_encode(channel) + "/typing", channel}, now, std::move(stop));
  } catch (const Refusal& e) {
    if (e.status == 403) {
      api_.note_closed(channel, now);
    }
  }
}

void Discord::fetch(const std::string& handle, std::uint64_t max_bytes,
                    const std::function<void(std::string_view)>& sink, std::stop_token stop) {
  const auto host = shared::host_of(handle);
  const bool own_host = host == "cdn.discordapp.com" || host == "media.discordapp.net";
  const auto& api = api_.account().base_url;
  const bool api_host = !host.empty() && host == shared::host_of(api) &&
                        handle.starts_with("https:") == api.starts_with("https:");
  if (!api_host && !(own_host && handle.starts_with("https://"))) {
    throw base::PermanentError("it does not lie on a host of Discord's");
  }
  shared::fetch_file(handle, {}, max_bytes, sink, std::move(stop));
}

std::unique_ptr<chat::Platform> make(config::Section section, const chat::PlatformContext& context) {
  Api::Account account;
  Installation installation{context.name, context.public_url, {}, {}};
  account.section = section.path();
  account.application_id = section.required_string("application_id");
  installation.public_key = base::ascii_lower(section.required_string("public_key"));
  account.bot_token = section.required_secret("bot_token");
  account.base_url = shared::read_api_base_url(section, kApi);
  installation.guild_id = section.string("guild_id", "");
  const bool streams = section.boolean("stream", true);
  section.finish();
  const auto key = base::from_hex(installation.public_key);
  if (!key || key->size() != 32) {
    section.fail("public_key",
                 "must be 64 hexadecimal digits; the portal shows them under General Information");
  }
  if (base::is_weak_ed25519_key(*key)) {
    section.fail("public_key",
                 "is no key that Discord gives, and anybody could sign for it; the portal shows the "
                 "application's under General Information");
  }
  if (!is_snowflake(account.application_id)) {
    section.fail("application_id",
                 "must be a number in quotes; the portal shows it under General Information");
  }
  if (!installation.guild_id.empty() && !is_snowflake(installation.guild_id)) {
    section.fail("guild_id", "must be the number of a server in quotes");
  }
  if (!context.public_url.empty()) {
    account.home_page = context.public_url;
  }
  return std::make_unique<Discord>(std::move(account), std::move(installation), *key, streams, context.clock);
}

/// Digits (https://discord.com/developers/docs/reference#snowflakes).
std::optional<std::string> id_problem(std::string_view id, chat::IdOf /*of*/) {
  return shared::is_number(id)
             ? std::nullopt
             : std::optional<std::string>(
                   "is no id: numeric ids only, because names change hands; Discord's developer mode "
                   "has \"Copy ID\"");
}

constexpr const char* kExample = R"(# [chat.guild]                   # needs server.public_url
# platform = "discord"
# application_id = "1234"
# public_key = "<64 hexadecimal digits>"
# bot_token = "env:DISCORD_TOKEN"
# stream = false                # answers only when they are whole
)";

}  // namespace

chat::PlatformType platform_type() {
  return {
      .name = "discord",
      .make = make,
      .id_problem = id_problem,
      .example_section = kExample,
      .dialect = dialect,
  };
}

}  // namespace bot::discord
