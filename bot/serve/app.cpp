#include "bot/serve/app.h"

#include <algorithm>
#include <thread>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "base/error.h"
#include "base/http.h"
#include "base/log.h"
#include "base/memory.h"
#include "bot/chat/capabilities.h"
#include "bot/messages/delivery.h"
#include "bot/messages/intake.h"
#include "bot/messages/pictures.h"
#include "bot/messages/receiver.h"
#include "bot/platforms/chat_platforms.h"
#include "bot/reminders/due.h"
#include "bot/reporting/search_index.h"
#include "bot/runs/approval_desk.h"
#include "bot/runs/dispatch_run.h"
#include "bot/runs/end_write.h"
#include "bot/runs/long_ago.h"
#include "bot/runs/pruning.h"
#include "bot/runs/shell_log.h"
#include "bot/runtime/changed_keys.h"
#include "bot/runtime/secretary_model.h"
#include "bot/runtime/worker.h"
#include "bot/serve/demo_server.h"
#include "bot/serve/missing.h"
#include "bot/serve/recovery.h"
#include "bot/serve/sandbox.h"
#include "bot/serve/specialists.h"
#include "bot/tools/asked_calls.h"
#include "bot/tools/servers.h"
#include "bot/turns/routing_outcomes.h"
#include "bot/turns/turn.h"
#include "bot/web/server.h"
#include "bot/web/session.h"
#include "config/config_file.h"
#include "dispatch/specialists.h"
#include "store/checkpointer.h"
#include "store/commit_group.h"
#include "store/reminders.h"
#include "store/serve_lock.h"

namespace bot::serve {
namespace {

using namespace std::chrono_literals;

// What is under way together shares commits; a model that takes one call at a time must get through all.
constexpr int kTurnThreads = 8;
constexpr int kQuickTurnThreads = 2;
// Where all turns hang, in calls that a service has forgotten for instance, others are tried beside them.
constexpr int kTurnThreadsBesideHung = 8;
constexpr std::chrono::seconds kHung{15};
/// Runs that wait for a person keep their thread, but not their place.
constexpr int kAwaitingThreads = 16;
constexpr int kDeliveryThreads = 16;
constexpr int kReminderThreads = 4;
constexpr std::chrono::seconds kLastDeliveries{3};
/// For threads that end a call that they have begun, after all else was waited for.
constexpr std::chrono::seconds kLastThreads{20};

bool any_is_busy(const std::vector<runtime::Worker*>& workers) {
  return std::ranges::any_of(workers, [](const auto* worker) { return worker->busy() > 0; });
}

}  // namespace

class App::Impl {
 public:
  explicit Impl(const runtime::Flags& flags)
      : flags_(flags),
        settings_(runtime::load_settings(flags)),
        values_(config::configured_values(settings_.file)),
        lock_(settings_.database),
        policy_(turns::policy_of(settings_)),
        demo_(settings_.secretary.demo ? std::make_unique<DemoServer>(clock_) : nullptr),
        model_(make_model()),
        sandbox_(sandbox_of(settings_)),
        specialists_(make_specialists(settings_, sandbox_, demo_.get())),
        secretary_(*model_, clock_, secretary_options(settings_, specialists_)),
        services_{settings_, clock_,   policy_,   *model_,   secretary_, specialists_, platforms_, runs_,
                  slots_,    metrics_, notifier_, stopping_, &commits_,  &tools_,      &pictures_},
        intake_(services_, commits_),
        server_(web::http_options(settings_.server,
                                  [this](int status, auto on) { web_->note_refusal(status, on); }),
                [this](const base::HttpRequest& request) { return web_->handle(request); }),
        session_(settings_.server, server_.port(), settings_.policy.admin, store::Database(commits_), clock_),
        streams_(session_,
                 [this](const std::string& topic, std::string_view data) { server_.publish(topic, data); }),
        console_(services_, store::Database(commits_)),
        chat_(services_, intake_, page_section(), store::Database(commits_)) {
    web_ =
        std::make_unique<web::Server>(services_, intake_, session_, console_, chat_, streams_,
                                      store::Database(commits_), [this] { return server_.open_streams(); });
    chat_.set_publish(
        [this](const std::string& topic, std::string_view data) { streams_.publish(topic, data); });
    console_.tell_changes(
        [this](const std::string& topic, std::string_view data) { streams_.publish(topic, data); });
    for (const auto& chat : settings_.chats) {
      metrics_.expect_section(chat.name);
      auto& platform = platforms_[chat.name];
      platform = platforms::platform_type(chat.platform)
                     .make(chat.section, {chat.name, settings_.server.public_url, clock_});
      if (auto* const paged = chat::capability<chat::SpeaksThroughPage>(platform.get())) {
        paged->attach(chat_);
      }
    }
    for (const auto& specialist : specialists_.all()) {
      metrics_.expect_specialist(specialist->name());
    }
    for (const auto& server : settings_.tool_servers) {
      metrics_.expect_tool_server(server.name);
    }
    make_workers();
  }

  ~Impl() { stop(); }

  void start() {
    for (const auto& warning : settings_.warnings) {
      base::log_warning("{}", warning);
    }
    if (settings_.secretary.demo) {
      base::log_warning(
          "demo model: the answers are scripted; set ANTHROPIC_API_KEY or a provider in frontdesk.toml for a "
          "real one");
    }
    tell_what_is_missing(specialists_, settings_.dispatch.projects_dir);
    {
      store::Database db(commits_);
      runs::ask_about_old_orders(services_, db);
      store::JobQueue(db).follow_clock(clock_.now());
      recovery_.recover(db);
      runs::expire_open_approvals(services_, db);
      tools::AskedCalls(services_, db).recover();
      runs::settle_lost_shell_runs(db, settings_.dispatch.projects_dir);
      runs::hold_reserve(db);
    }
    recovery_.start_workers();
    server_.start();
    web_->set_ready();
    start_platforms();
    pruning_.start();
    search_index_.start();
    base::log_info("listening on {}", url_of(settings_.server.host, server_.port()));
    base::log_info("chat page: {}", session_.address());
    started_ = true;
  }

  void reload() {
    try {
      const auto settings = runtime::load_settings(flags_);
      auto fresh = turns::policy_of(settings);
      for (const auto& [name, platform] : platforms_) {
        if (!fresh->access.contains(name)) {
          throw base::ConfigError(
              fmt::format("chat.{}: adding or removing a chat section needs a restart", name));
        }
      }
      policy_.with([&](auto& policy) { policy = std::move(fresh); });
      const bool had_password = session_.has_password();
      session_.reload(settings.policy.admin);
      for (const auto& warning : settings.warnings) {
        base::log_warning("{}", warning);
      }
      const auto waiting = runtime::keys_that_wait(
          values_, config::configured_values(config::find_config_file(flags_.config)));
      if (!waiting.empty()) {
        base::log_warning("changed, but in force only after a restart: {}", fmt::join(waiting, ", "));
      }
      base::log_info("routing, access and budgets were reloaded");
      if (had_password && !session_.has_password()) {
        base::log_info("chat page: {}", session_.address());
      }
    } catch (const std::exception& e) {
      base::log_error("the new settings have an error, the old ones stay in force: {}", e.what());
    }
  }

  void stop() {
    if (!started_) {
      return;
    }
    started_ = false;
    stopping_ = true;
    base::log_info("stopping: no new requests; running work has {} s to finish",
                   settings_.server.shutdown_grace.count());
    pruning_.stop();
    search_index_.stop();
    server_.stop();
    for (const auto& [name, platform] : platforms_) {
      if (auto* const listener = chat::capability<chat::Listens>(platform.get())) {
        listener->stop();
      }
    }
    recovery_.stop();
    slots_.close();
    reminders_->close();
    for (auto* worker : working_) {
      worker->close();
    }
    const auto until = std::chrono::steady_clock::now() + settings_.server.shutdown_grace;
    while (std::chrono::steady_clock::now() < until && any_is_busy(working_)) {
      std::this_thread::sleep_for(20ms);
    }
    runs_.stop_all();
    for (auto* worker : working_) {
      worker->stop();
    }
    tools_.stop();
    finish_deliveries();
    for (auto& worker : workers_) {
      worker->stop();
    }
    base::log_info("stopped");
  }

  std::chrono::seconds longest_stop() const {
    return settings_.server.shutdown_grace + 2 * kLastDeliveries + kLastThreads;
  }
  int port() const { return server_.port(); }
  std::string page_address() const { return session_.address(); }

 private:
  /// What was just said is delivered, and no call is cut in the middle: nobody could tell what became of it.
  void finish_deliveries() {
    store::Database db(commits_);
    store::JobQueue queue(db);
    const auto is_due = [&] {
      return std::any_of(platforms_.begin(), platforms_.end(), [&](const auto& entry) {
        const auto due = queue.next_due(store::Outbox::job_kind(entry.first));
        return due && *due <= clock_.now();
      });
    };
    const auto begun = std::chrono::steady_clock::now();
    while (std::chrono::steady_clock::now() < begun + kLastDeliveries &&
           (is_due() || any_is_busy(deliveries_))) {
      std::this_thread::sleep_for(20ms);
    }
    for (auto* worker : deliveries_) {
      worker->close();
    }
    while (std::chrono::steady_clock::now() < begun + 2 * kLastDeliveries && any_is_busy(deliveries_)) {
      std::this_thread::sleep_for(20ms);
    }
  }

  void start_platforms() {
    for (const auto& [name, platform] : platforms_) {
      if (auto* const listener = chat::capability<chat::Listens>(platform.get())) {
        listener->start(
            *receivers_.emplace_back(std::make_unique<messages::SectionReceiver>(intake_, name, *platform)));
      }
    }
  }

  std::string page_section() const {
    const auto page = std::ranges::find(settings_.chats, "web", &runtime::ChatSettings::platform);
    return page != settings_.chats.end() ? page->name : "web";
  }

  std::unique_ptr<llm::ChatModel> make_model() {
    const auto& secretary = settings_.secretary;
    return demo_ ? runtime::make_demo_model(secretary, demo_->address(), demo_->key(), &metrics_)
                 : runtime::make_secretary_model(secretary, &metrics_);
  }

  template <typename Handler>
  runtime::Worker* add_worker(const std::string& kind, int threads, Handler handler,
                              const runtime::Worker::Claims& claims = {}) {
    return workers_
        .emplace_back(std::make_unique<runtime::Worker>(services_, kind, threads, std::move(handler), claims))
        .get();
  }

  void add_delivery(const std::string& section, int threads, std::chrono::milliseconds overdue = {}) {
    const auto begin = [this](store::Database& db, const store::Job& job) {
      return messages::begin_delivery(services_, db, job);
    };
    deliveries_.push_back(add_worker(store::Outbox::job_kind(section), threads, begin, {.overdue = overdue}));
  }

  void make_workers() {
    const auto turn = [this](store::Database& db, const store::Job& job) {
      return turns::begin_turn(services_, db, job);
    };
    runtime::Worker::Claims claims{.order = store::JobQueue::Order::shared_out};
    auto* const quick_turns = add_worker(runtime::kQuickTurnJob, kQuickTurnThreads, turn, claims);
    claims.under_way = &turns_under_way_;
    auto* const turns = add_worker(runtime::kTurnJob, kTurnThreads + tools_.most_held_up(), turn, claims);
    claims.beside_hung = true;
    auto* const turns_beside_hung = add_worker(runtime::kTurnJob, kTurnThreadsBesideHung, turn, claims);
    auto* const dispatches =
        add_worker(runtime::kDispatchJob, settings_.dispatch.concurrency + kAwaitingThreads,
                   [this](store::Database& db, const store::Job& job, std::stop_token stop) {
                     // Before the run looks at its dispatch, which may be cancelled meanwhile.
                     runtime::RunSlots::Place place(slots_, stop);
                     runs::DispatchRun(services_, db, job, place).run(std::move(stop));
                     recovery_.note_memory_kills();
                   });
    working_ = {turns, quick_turns, turns_beside_hung, dispatches};
    add_worker(runtime::kQuestionJob, 1, [this](store::Database& db, const store::Job& job, std::stop_token) {
      turns::expire_question(services_, db, job);
    });
    add_worker(tools::AskedCalls::kJob, 1,
               [this](store::Database& db, const store::Job& job, std::stop_token) {
                 tools::AskedCalls(services_, db).expire(job);
               });
    reminders_ = add_worker(store::Reminders::kJob, kReminderThreads,
                            [this](store::Database& db, const store::Job& job, std::stop_token) {
                              reminders::come_due(services_, db, job, began_);
                            },
                            {.order = store::JobQueue::Order::longest_due, .longest_wait = 1s});
    for (const auto& [name, platform] : platforms_) {
      add_delivery(name, platform->features().is_local ? 1 : kDeliveryThreads);
    }
    // What is open for a section that was taken out of the configuration must come to an end, too.
    store::Database db(commits_);
    for (const auto& name : store::Outbox(db).sections()) {
      if (!platforms_.contains(name)) {
        add_delivery(name, 1, messages::kGiveUpAfter);
      }
    }
    for (auto* const delivery : deliveries_) {
      turns->claim_for(*delivery);
      quick_turns->claim_for(*delivery);
    }
  }

  const runtime::Flags flags_;
  base::SystemClock clock_;
  const base::Timestamp began_ = clock_.now();
  const runtime::Settings settings_;
  const config::Values values_;  ///< those that were read at the start
  const store::ServeLock lock_;
  store::CommitGroup commits_{settings_.database};
  const store::Checkpointer checkpointer_{commits_};
  base::Guarded<std::shared_ptr<const runtime::Policy>> policy_;
  runtime::Metrics metrics_;
  std::unique_ptr<DemoServer> demo_;
  std::unique_ptr<llm::ChatModel> model_;
  const base::Sandbox sandbox_;
  tools::Servers tools_{settings_, sandbox_};
  messages::Pictures pictures_{sandbox_, clock_};
  const dispatch::Specialists specialists_;
  router::Secretary secretary_;
  std::map<std::string, std::unique_ptr<chat::Platform>> platforms_;
  runtime::UnderWay turns_under_way_{kHung, kTurnThreads};
  runtime::RunRegistry runs_;
  runtime::RunSlots slots_{settings_.dispatch.concurrency, [] { return base::available_memory(); }};
  base::Notifier notifier_;
  std::atomic<bool> stopping_ = false;
  runtime::Services services_;
  runs::Pruning pruning_{services_};
  reporting::SearchIndex search_index_{services_};
  messages::Intake intake_;
  std::vector<std::unique_ptr<messages::SectionReceiver>> receivers_;  ///< of the platforms that listen
  std::unique_ptr<web::Server> web_;
  base::HttpServer server_;
  web::Session session_;
  web::SessionStreams streams_;
  console::Api console_;
  web::ChatApi chat_;
  std::vector<std::unique_ptr<runtime::Worker>> workers_;
  std::vector<runtime::Worker*> working_;  ///< on turns and dispatches
  runtime::Worker* reminders_ = nullptr;
  std::vector<runtime::Worker*> deliveries_;
  Recovery recovery_{services_, workers_};
  bool started_ = false;
};

App::App(const runtime::Flags& flags) : impl_(std::make_unique<Impl>(flags)) {}
App::~App() = default;
void App::start() {
  impl_->start();
}
void App::reload() {
  impl_->reload();
}
void App::stop() {
  impl_->stop();
}
std::chrono::seconds App::longest_stop() const {
  return impl_->longest_stop();
}
int App::port() const {
  return impl_->port();
}
std::string App::page_address() const {
  return impl_->page_address();
}

}  // namespace bot::serve
