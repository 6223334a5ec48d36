#include "bot/platforms/slack/platform.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <thread>

#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <pthread.h>

#include "base/guarded.h"
#include "base/json.h"
#include "base/log.h"
#include "base/utf8.h"
#include "bot/chat/capabilities.h"
#include "bot/markup/chat_markup.h"
#include "bot/platforms/shared/api_address.h"
#include "bot/platforms/shared/service_call.h"
#include "bot/platforms/shared/service_drafts.h"
#include "bot/platforms/shared/ticket_memory.h"
#include "bot/platforms/shared/typing_indicator.h"
#include "bot/platforms/shared/webhook_call.h"
#include "bot/platforms/slack/calls.h"
#include "bot/platforms/slack/catch_up.h"
#include "bot/platforms/slack/drafts.h"
#include "bot/platforms/slack/events.h"
#include "bot/platforms/slack/markup.h"
#include "bot/platforms/slack/setup.h"
#include "bot/platforms/slack/signature.h"
#include "bot/platforms/slack/thread.h"
#include "bot/texts/clicks.h"

namespace bot::slack {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kMostParts = 8;
/// Slack takes the status away after two minutes.
constexpr std::chrono::seconds kShowAgain{90};
constexpr milliseconds kFirstPause{60'000};
constexpr milliseconds kLongestPause{15 * 60'000};
/// For one call that the app lacks a scope for; others may go on.
constexpr milliseconds kScopePause{5 * 60'000};
constexpr std::size_t kMostNames = 5'000;
/// Enough to tell a page from a file.
constexpr std::size_t kHead = 256;

bool looks_like_page(std::string_view head) {
  const auto begin = base::ascii_lower(base::trim(head));
  return begin.starts_with("<!doctype html") || begin.starts_with("<html");
}

class Slack final : public chat::Platform,
                    public chat::TakesWebhooks,
                    public chat::Listens,
                    public chat::AcknowledgesIncoming,
                    public chat::ShowsTyping,
                    public chat::ShowsDrafts,
                    public chat::KnowsNames,
                    public chat::SpellsOutNames,
                    public chat::ReadsThreads,
                    public chat::FetchesFiles,
                    public chat::HasRateLimit,
                    public chat::ChecksSetup {
 public:
  struct Options {
    std::string bot_token;
    std::vector<std::string> signing_secrets;
    std::string api_url;
    std::string public_url;
    std::string section;
    bool streams = true;
  };

  Slack(Options options, const base::Clock& clock)
      : options_(std::move(options)),
        clock_(clock),
        api_(options_.api_url, options_.bot_token),
        typing_([this](const std::string& chat_id, std::stop_token stop) { show_status(chat_id, stop); },
                kShowAgain),
        drafts_(clock, kDraftPace,
                [this](const chat::Draft& draft, const std::string& text, const std::string& external_id,
                       std::stop_token stop) {
                  const auto now = clock_.now();
                  if (const auto until = closed_until(); until > now) {
                    throw chat::RateLimited(until);
                  }
                  return show_draft(api_, pace_, draft, text, external_id, now, std::move(stop));
                }) {}
  ~Slack() override { Slack::stop(); }

  chat::Received receive(const base::HttpRequest& request, base::Timestamp now) const override {
    shared::require_post(request);
    if (const auto problem = signature_problem(request, options_.signing_secrets, now)) {
      throw chat::Refused(401, *problem);
    }
    auto received =
        read_call(request, options_.api_url, bot_user_.with([](const auto& user) { return user; }));
    for (const auto& incoming : received.incoming) {
      // Clicks by several people share the id of their message.
      if (!incoming.ticket.empty() && !incoming.button) {
        tickets_.keep(incoming, now);
      }
    }
    return received;
  }

  void on_refused(const chat::IncomingMessage& incoming) override {
    if (!incoming.ticket.empty()) {
      typing_.soon([ticket = incoming.ticket](std::stop_token stop) {
        WebApi::post_to(ticket,
                        base::dump_json({{"text", texts::kNotAdmittedYet},
                                         {"response_type", "ephemeral"},
                                         {"replace_original", false}}),
                        "application/json; charset=utf-8", std::move(stop));
      });
    }
  }

  std::string deliver(const store::OutgoingCall& call, store::MessageParts& parts, base::Timestamp now,
                      std::stop_token stop) override {
    if (const auto until = closed_until(); until > now) {
      throw chat::RateLimited(until);
    }
    drafts_.end(call, parts, now);
    const auto wanted =
        chat::parts_of(call.post, markup::render_parts(call.post.text, dialect(), kPartLimit), kMostParts);
    auto with_ticket = call;
    if (!call.ticket) {
      with_ticket.ticket = tickets_.find(call.answers);
    }
    const auto calls =
        make_calls(api_, pace_, chat::PartSteps(with_ticket, parts), with_ticket, now, std::move(stop));
    try {
      auto id = chat::deliver_parts(with_ticket, wanted, parts, *calls, now);
      closed_.with([](Closed& closed) { closed = {}; });
      return id;
    } catch (const Refusal& e) {
      if (e.is_about_access()) {
        throw chat::NotSent(e.what(), close(e, now));
      }
      // The words may arrive where a file does not.
      if (e.code == "missing_scope" && !call.post.file) {
        base::log_error("Slack does not take what is to be said: {}; next try in {} s", e.what(),
                        kScopePause.count() / 1'000);
        throw chat::NotSent(e.what(), kScopePause);
      }
      throw;
    }
  }

  base::Timestamp ready_at(const std::string& chat_id, base::Timestamp now) override {
    const auto channel = chat::ChatAddress::parse(chat_id).chat;
    return std::max(closed_until(),
                    std::min(pace_.posts.ready_at(channel, now), pace_.edits.ready_at(channel, now)));
  }

  void show_presence(const std::string& chat_id, Presence presence) override {
    if (presence == Presence::idle) {
      typing_.idle(chat_id);
    } else if (can_show_status_ && !chat::ChatAddress::parse(chat_id).thread.empty()) {
      typing_.thinking(chat_id);
    }
  }

  DraftTerms draft_terms(const chat::Draft& /*draft*/) const override {
    return {.shown = options_.streams, .is_message = true, .patience = shared::kDraftPatience};
  }
  void add_to_draft(const chat::Draft& draft, std::string_view text) override { drafts_.add(draft, text); }
  void withdraw_draft(const chat::Draft& draft) override { drafts_.withdraw(draft); }

  std::string name_of(const std::string& user_id, std::stop_token stop) override {
    try {
      if (can_read_names_) {
        const auto answer = api_.ask("users.info", {{"user", user_id}}, std::move(stop));
        const auto* user = base::json_member(answer, "user");
        return user == nullptr ? std::string() : user_name_of(*user);
      }
    } catch (const Refusal& e) {
      // An app without that scope would be refused each time.
      can_read_names_ = e.code == "user_not_found";
    } catch (const base::TransientError&) {
      // Slack is asked again when the person writes again.
    } catch (const base::PermanentError&) {
      can_read_names_ = false;
    }
    return {};
  }

  std::string with_names(const std::string& text, std::stop_token stop) override {
    return slack::with_names(text, [&](const std::string& user) { return known_name(user, stop); });
  }

  std::vector<chat::Quotation> thread_before(const std::string& chat_id, const std::string& message_id,
                                             const IsKnown& is_known, std::stop_token stop) override {
    try {
      return slack::thread_before(
          api_, chat::ChatAddress::parse(chat_id), message_id, is_known,
          bot_user_.with([](const auto& user) { return user; }),
          [&](const std::string& user) { return known_name(user, stop); }, stop);
    } catch (const base::PermanentError& e) {
      base::log_warning("what was said in the thread before cannot be read: {}", e.what());
    }
    return {};
  }

  /// Slack's own client takes a single "/" for itself.
  chat::Features features() const override { return {.command_prefix = "/frontdesk ", .sends_files = true}; }

  void fetch(const std::string& handle, std::uint64_t max_bytes,
             const std::function<void(std::string_view)>& sink, std::stop_token stop) override;

  void start(chat::Receiver& receiver) override {
    const std::lock_guard lock(mutex_);
    const auto now = clock_.now();
    // Before anything comes in that would count as the last that did.
    auto used = receiver.chats_used_since(now - kLongestCatchUp);
    catch_up_ = std::jthread([this, &receiver, used = std::move(used), now](std::stop_token stop) {
      try {
        bot_user_.with([user = learn_bot(api_, stop)](auto& known) { known = user; });
      } catch (const base::Stopped&) {
        return;
      } catch (const std::exception& e) {
        base::log_warning("Slack does not say who this bot is: {}", e.what());
      }
      catch_up(api_, receiver, used, now, std::move(stop));
    });
    pthread_setname_np(catch_up_.native_handle(), "slack-catch-up");
  }
  void stop() override {
    const std::lock_guard lock(mutex_);
    catch_up_ = {};
  }

  std::vector<chat::CheckResult> check(chat::Repair repair) override {
    return check_setup(api_, options_.public_url, options_.section, repair);
  }

 private:
  /// Slack takes no call at all.
  struct Closed {
    base::Timestamp until;
    milliseconds pause{0};
  };

  base::Timestamp closed_until() const {
    return closed_.with([](const Closed& closed) { return closed.until; });
  }

  /// Returns for how long nothing is tried.
  milliseconds close(const Refusal& why, base::Timestamp now) {
    return closed_.with([&](Closed& closed) {
      if (closed.until <= now) {
        closed.pause = std::clamp(closed.pause * 2, kFirstPause, kLongestPause);
        closed.until = now + closed.pause;
        base::log_error("nothing can be said on Slack: {}; next try in {} s", why.what(),
                        closed.pause.count() / 1'000);
      }
      return std::chrono::duration_cast<milliseconds>(closed.until - now);
    });
  }

  void show_status(const std::string& chat_id, std::stop_token stop) {
    const auto target = chat::ChatAddress::parse(chat_id);
    try {
      api_.call("assistant.threads.setStatus",
                {{"channel_id", target.chat}, {"thread_ts", target.thread}, {"status", "is thinking…"}},
                std::move(stop));
    } catch (const Refusal& e) {
      // An app without that feature would be refused each time.
      can_show_status_ = e.code != "missing_scope" && e.code != "unknown_method";
      throw;
    }
  }

  /// name_of(), asked once for each person.
  std::string known_name(const std::string& user, const std::stop_token& stop) {
    auto name = names_.with([&](const auto& names) {
      const auto known = names.find(user);
      return known == names.end() ? std::string() : known->second;
    });
    if (name.empty() && !(name = name_of(user, stop)).empty()) {
      names_.with([&](auto& names) {
        if (names.size() >= kMostNames) {
          names.clear();
        }
        names[user] = name;
      });
    }
    return name;
  }

  const Options options_;
  const base::Clock& clock_;
  const WebApi api_;
  RateLimits pace_;
  mutable base::Guarded<Closed> closed_;
  mutable base::Guarded<std::string> bot_user_;                      ///< empty until Slack has told it
  mutable base::Guarded<std::map<std::string, std::string>> names_;  ///< of people, by their ids
  /// The store keeps those of messages that were taken; who was refused has to be answered, too.
  mutable shared::TicketMemory tickets_;
  std::atomic<bool> can_show_status_ = true;
  std::atomic<bool> can_read_names_ = true;
  shared::TypingIndicator typing_;
  shared::ServiceDrafts drafts_;
  std::mutex mutex_;
  std::jthread catch_up_;
};

void Slack::fetch(const std::string& handle, std::uint64_t max_bytes,
                  const std::function<void(std::string_view)>& sink, std::stop_token stop) {
  auto file = base::parse_json(handle);
  auto url = file ? base::json_string(*file, "url").value_or("") : "";
  if (const auto id = file ? base::json_string(*file, "id").value_or("") : ""; url.empty() && !id.empty()) {
    const auto info = api_.ask("files.info", {{"file", id}}, stop);
    const auto* told = base::json_member(info, "file");
    url = told == nullptr ? "" : base::json_string(*told, "url_private_download").value_or("");
    url = url.empty() && told != nullptr ? base::json_string(*told, "url_private").value_or("") : url;
  }
  if (!api_.is_own_host(url)) {
    throw base::PermanentError("the file is not kept by Slack itself");
  }
  const bool may_be_page = base::json_string(*file, "type").value_or("").find("html") != std::string::npos;
  // Where the app lacks the scope, Slack gives the page to log in instead of the file.
  std::string head;
  bool is_file = may_be_page;
  const auto pass_on = [&] {
    if (!is_file && looks_like_page(head)) {
      throw base::PermanentError("Slack showed a page to log in; the app needs the scope files:read");
    }
    is_file = true;
    sink(head);
    head.clear();
  };
  shared::fetch_file(
      url, api_.authorization(), max_bytes,
      [&](std::string_view bytes) {
        head += bytes;
        if (is_file || head.size() >= kHead) {
          pass_on();
        }
      },
      std::move(stop));
  if (!head.empty()) {
    pass_on();
  }
}

std::unique_ptr<chat::Platform> make(config::Section section, const chat::PlatformContext& context) {
  Slack::Options options;
  options.bot_token = section.required_secret("bot_token");
  options.signing_secrets = section.required_secrets("signing_secret");
  options.api_url = shared::read_api_base_url(section, kApi);
  options.streams = section.boolean("stream", true);
  section.finish();
  options.public_url = context.public_url;
  options.section = context.name;
  return std::make_unique<Slack>(std::move(options), context.clock);
}

/// U… or W… for people, C… or G… for channels, then capitals and digits
/// (https://api.slack.com/types/conversation).
std::optional<std::string> id_problem(std::string_view id, chat::IdOf of) {
  const std::string_view first = of == chat::IdOf::person ? "UW" : "CG";
  const bool plain = id.size() > 1 && first.find(id.front()) != std::string_view::npos &&
                     std::all_of(id.begin(), id.end(),
                                 [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); });
  if (plain) {
    return std::nullopt;
  }
  return of == chat::IdOf::person
             ? "is no id of a person: ids only, such as U012ABCDEF, because names change hands"
             : "is no id of a channel: ids only, such as C012ABCDEF";
}

constexpr const char* kExample = R"(# [chat.team]                    # needs server.public_url
# platform = "slack"
# bot_token = "env:SLACK_BOT_TOKEN"
# signing_secret = "env:SLACK_SIGNING_SECRET"
# stream = false                # answers only when they are whole
)";

}  // namespace

chat::PlatformType platform_type() {
  return {
      .name = "slack",
      .make = make,
      .id_problem = id_problem,
      .example_section = kExample,
      .dialect = dialect,
      .setup_text = manifest,
  };
}

}  // namespace bot::slack
