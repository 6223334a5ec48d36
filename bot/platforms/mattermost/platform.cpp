#include "bot/platforms/mattermost/platform.h"

#include <algorithm>
#include <mutex>
#include <sstream>

#include <nlohmann/json.hpp>

#include "base/guarded.h"
#include "base/http_address.h"
#include "base/json.h"
#include "base/log.h"
#include "base/utf8.h"
#include "bot/chat/capabilities.h"
#include "bot/markup/chat_markup.h"
#include "bot/platforms/mattermost/calls.h"
#include "bot/platforms/mattermost/click.h"
#include "bot/platforms/mattermost/events.h"
#include "bot/platforms/mattermost/listener.h"
#include "bot/platforms/mattermost/markup.h"
#include "bot/platforms/mattermost/setup.h"
#include "bot/platforms/shared/service_call.h"
#include "bot/platforms/shared/service_drafts.h"
#include "bot/platforms/shared/typing_indicator.h"
#include "bot/platforms/shared/webhook_call.h"

namespace bot::mattermost {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

constexpr std::size_t kMostParts = 4;
/// Clients take "is typing" away after five seconds.
constexpr milliseconds kShowAgain{4'000};
constexpr milliseconds kFirstPause{60'000};
constexpr milliseconds kLongestPause{15 * 60'000};

struct Options {
  std::string url;
  std::string token;
  std::vector<std::string> webhook_tokens;
  std::vector<std::string> trigger_words;
  std::string public_url;
  std::string section;
  bool streams = true;
};

class Mattermost final : public chat::Platform,
                         public chat::TakesWebhooks,
                         public chat::Listens,
                         public chat::ShowsTyping,
                         public chat::ShowsDrafts,
                         public chat::KnowsNames,
                         public chat::SpellsOutNames,
                         public chat::ReadsThreads,
                         public chat::FetchesFiles,
                         public chat::HasRateLimit,
                         public chat::ChecksSetup {
 public:
  Mattermost(Options options, const base::Clock& clock)
      : options_(std::move(options)),
        command_prefix_(options_.trigger_words.front() + " "),
        api_(options_.url, options_.token),
        clicks_(click_target(options_.public_url, options_.section, options_.token)),
        listener_(api_, options_.trigger_words, clock),
        typing_([this](const std::string& chat_id, std::stop_token stop) { show_typing(chat_id, stop); },
                kShowAgain),
        drafts_(clock, kDraftPace,
                [this, &clock](const chat::Draft& draft, const std::string& text,
                               const std::string& external_id, std::stop_token stop) {
                  const auto now = clock.now();
                  if (const auto until = closed_until(); until > now) {
                    throw chat::RateLimited(until);
                  }
                  return show_draft(api_, pace_, draft, text, external_id, now, std::move(stop));
                }) {}

  /// Mattermost itself takes a "/" at the beginning.
  chat::Features features() const override {
    return {.command_prefix = command_prefix_, .sends_files = true};
  }

  chat::Received receive(const base::HttpRequest& request, base::Timestamp /*now*/) const override {
    shared::require_post(request);
    chat::Received received{{}, base::HttpResponse::json("{}")};
    const auto call = base::parse_json(request.body);
    if (call && is_click(*call)) {
      received.incoming.push_back(read_click(*call, clicks_));
    } else {
      listener_.ring(read_notice(request, options_.webhook_tokens));
    }
    return received;
  }

  std::string deliver(const store::OutgoingCall& call, store::MessageParts& parts, base::Timestamp now,
                      std::stop_token stop) override {
    if (const auto until = closed_until(); until > now) {
      throw chat::RateLimited(until);
    }
    drafts_.end(call, parts, now);
    const auto wanted =
        chat::parts_of(call.post, markup::render_parts(call.post.text, dialect(), kMaxPost), kMostParts);
    const auto calls = make_calls(api_, pace_, clicks_, call, now, std::move(stop));
    try {
      auto id = chat::deliver_parts(call, wanted, parts, *calls, now);
      closed_.with([](Closed& closed) { closed = {}; });
      return id;
    } catch (const Refusal& e) {
      if (e.is_about_access()) {
        throw chat::NotSent(e.what(), close(e, now));
      }
      throw;
    }
  }

  base::Timestamp ready_at(const std::string& chat_id, base::Timestamp now) override {
    return std::max(closed_until(), pace_.posts.ready_at(chat::ChatAddress::parse(chat_id).chat, now));
  }

  void show_presence(const std::string& chat_id, Presence presence) override {
    presence == Presence::idle ? typing_.idle(chat_id) : typing_.thinking(chat_id);
  }

  DraftTerms draft_terms(const chat::Draft& /*draft*/) const override {
    return {.shown = options_.streams, .is_message = true, .patience = shared::kDraftPatience};
  }
  void add_to_draft(const chat::Draft& draft, std::string_view text) override { drafts_.add(draft, text); }
  void withdraw_draft(const chat::Draft& draft) override { drafts_.withdraw(draft); }

  std::string name_of(const std::string& user_id, std::stop_token stop) override {
    try {
      return user_name_of(api_.get("/users/" + user_id, std::move(stop)));
    } catch (const base::TransientError&) {
      // Mattermost is asked again when the person writes again.
    } catch (const base::PermanentError&) {
    }
    return {};
  }

  /// Texts hold names; only who wrote something is told by id.
  std::string with_names(const std::string& text, std::stop_token stop) override {
    auto name = is_id(text) ? name_of(text, std::move(stop)) : std::string();
    return name.empty() ? text : name;
  }

  std::vector<chat::Quotation> thread_before(const std::string& chat_id, const std::string& message_id,
                                             const IsKnown& is_known, std::stop_token stop) override {
    const auto root = chat::ChatAddress::parse(chat_id).thread;
    try {
      if (is_id(root)) {
        const auto self = api_.get("/users/me", stop);
        return mattermost::thread_before(api_.get("/posts/" + root + "/thread", stop), message_id, is_known,
                                         base::json_text(self, "id"));
      }
    } catch (const base::PermanentError& e) {
      base::log_warning("what was said in the thread before cannot be read: {}", e.what());
    }
    return {};
  }

  void fetch(const std::string& handle, std::uint64_t max_bytes,
             const std::function<void(std::string_view)>& sink, std::stop_token stop) override {
    if (!is_id(handle)) {
      throw base::PermanentError("the file is none of Mattermost's");
    }
    shared::fetch_file(api_.file_url(handle), api_.authorization(), max_bytes, sink, std::move(stop));
  }

  void start(chat::Receiver& receiver) override {
    const std::lock_guard lock(mutex_);
    listener_.start(receiver);
  }
  void stop() override {
    const std::lock_guard lock(mutex_);
    listener_.stop();
  }

  std::vector<chat::CheckResult> check(chat::Repair /*repair*/) override {
    return check_setup(api_, {options_.section, options_.public_url, !options_.webhook_tokens.empty()});
  }

 private:
  /// Mattermost takes no call at all.
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
        base::log_error("nothing can be said on Mattermost: {}; next try in {} s", why.what(),
                        closed.pause.count() / 1'000);
      }
      return std::chrono::duration_cast<milliseconds>(closed.until - now);
    });
  }

  void show_typing(const std::string& chat_id, std::stop_token stop) const {
    const auto target = chat::ChatAddress::parse(chat_id);
    api_.send("POST", "/users/me/typing", {{"channel_id", target.chat}, {"parent_id", target.thread}},
              std::move(stop));
  }

  const Options options_;
  const std::string command_prefix_;
  const Api api_;
  const ClickTarget clicks_;
  RateLimits pace_;
  mutable base::Guarded<Closed> closed_;
  std::mutex mutex_;
  mutable Listener listener_;  ///< a call of the webhook only wakes it
  shared::TypingIndicator typing_;
  shared::ServiceDrafts drafts_;
};

std::string server_url(config::Section& section) {
  auto url = section.required_string("url");
  while (url.ends_with('/')) {
    url.pop_back();
  }
  if (const auto problem = base::address_problem(url)) {
    section.fail("url", *problem);
  }
  return url;
}

std::unique_ptr<chat::Platform> make(config::Section section, const chat::PlatformContext& context) {
  Options options;
  options.url = server_url(section);
  options.token = section.required_secret("token");
  std::istringstream tokens(section.optional_secret("webhook_token").value_or(""));
  for (std::string token; tokens >> token;) {
    options.webhook_tokens.push_back(token);
  }
  options.trigger_words = section.texts("trigger_words");
  for (const auto& word : options.trigger_words) {
    if (word.empty() || word.find_first_of(" \t\n") != std::string::npos) {
      section.fail("trigger_words", "must be words without spaces");
    }
  }
  if (options.trigger_words.empty()) {
    options.trigger_words = {"@frontdesk"};
  }
  options.streams = section.boolean("stream", true);
  section.finish();
  options.public_url = context.public_url;
  options.section = context.name;
  return std::make_unique<Mattermost>(std::move(options), context.clock);
}

std::optional<std::string> id_problem(std::string_view id, chat::IdOf of) {
  if (is_id(id)) {
    return std::nullopt;
  }
  return of == chat::IdOf::person
             ? "is no id of a person: ids of 26 letters and digits only, because names change hands"
             : "is no id of a channel: ids of 26 letters and digits only, because names change hands";
}

constexpr const char* kExample = R"(# [chat.corp]                    # needs server.public_url for buttons
# platform = "mattermost"
# url = "https://chat.example.org"
# token = "env:MATTERMOST_TOKEN"
# webhook_token = "env:MATTERMOST_WEBHOOK_TOKEN"
# stream = false                # answers only when they are whole
)";

}  // namespace

chat::PlatformType platform_type() {
  return {
      .name = "mattermost",
      .make = make,
      .id_problem = id_problem,
      .example_section = kExample,
      .dialect = dialect,
      .setup_text = setup_text,
  };
}

}  // namespace bot::mattermost
