#include "bot/cli/doctor.h"

#include <algorithm>
#include <ostream>

#include <fmt/core.h>
#include <unistd.h>

#include "base/error.h"
#include "base/id.h"
#include "base/log.h"
#include "base/memory.h"
#include "bot/platforms/chat_platforms.h"
#include "bot/runs/sandbox_choice.h"
#include "bot/runtime/services.h"
#include "dispatch/specialists.h"
#include "llm/chat_models.h"
#include "store/database.h"
#include "store/message_parts.h"
#include "store/migrations.h"
#include "store/outbox.h"

namespace bot::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kLittleSpace = 500ULL * 1024 * 1024;
constexpr std::uintmax_t kNoSpace = 50ULL * 1024 * 1024;

class Doctor {
 public:
  explicit Doctor(std::ostream& out) : out_(out) {}

  void ok(const std::string& what, const std::string& detail) { line("ok  ", what, detail); }
  void warn(const std::string& what, const std::string& detail) { line("warn", what, detail); }
  void fail(const std::string& what, const std::string& detail) {
    all_well_ = false;
    line("FAIL", what, detail);
  }
  bool all_well() const { return all_well_; }

  void database(const runtime::Settings& settings) {
    try {
      store::Database db(settings.database);
      db.probe_write(clock_.now());
      const int dead = store::Outbox(db).dead_count();
      ok("database",
         fmt::format("{}, schema {}, writable{}", settings.database.string(), store::schema_version(),
                     dead > 0 ? fmt::format(", {} messages could not be delivered and are dead", dead) : ""));
      doubts(db, settings.secretary.timezone);
    } catch (const std::exception& e) {
      fail("database", fmt::format("{}: {}", settings.database.string(), e.what()));
    }
  }

  /// What nobody can tell whether it arrived: somebody has to look into the chat.
  void doubts(store::Database& db, const std::string& timezone) {
    constexpr int kMostShown = 5;
    store::MessageParts pieces(db);
    std::string list;
    for (const auto& doubt : pieces.doubts(kMostShown)) {
      list += fmt::format(
          "; {} in {}:{}: {}", base::format_minute(doubt.attempted, timezone), doubt.section, doubt.chat_id,
          doubt.uncertain ? fmt::format("part {} of a message may be missing", doubt.position + 1)
                          : "an empty placeholder may have stayed");
    }
    if (!list.empty()) {
      warn("deliveries", fmt::format("{} are uncertain{}", pieces.doubtful_count(), list));
    }
  }

  void folder(const std::string& what, const fs::path& path) {
    try {
      fs::create_directories(path);
      const auto probe = path / (".frontdesk-probe-" + base::random_hex(4));
      base::write_file_atomically(probe, "probe");
      fs::remove(probe);
    } catch (const std::exception& e) {
      fail(what, fmt::format("{} cannot be written: {}", path.string(), e.what()));
      return;
    }
    std::error_code ec;
    const auto space = fs::space(path, ec);
    const auto detail = fmt::format("{}, {} MiB free", path.string(), space.available >> 20);
    if (ec || space.available < kNoSpace) {
      fail(what, detail + "; the disk is full");
    } else if (space.available < kLittleSpace) {
      warn(what, detail + "; that is little");
    } else {
      ok(what, detail);
    }
  }

  void secretary(const runtime::Settings& settings) {
    const auto& s = settings.secretary;
    if (s.demo) {
      warn("secretary",
           "the scripted demo model; set ANTHROPIC_API_KEY or a provider in frontdesk.toml for a real one");
      return;
    }
    try {
      llm::Endpoint endpoint;
      endpoint.provider = s.provider;
      endpoint.model = s.model;
      endpoint.base_url = s.base_url;
      endpoint.api_key = s.api_key;
      endpoint.max_attempts = 1;
      endpoint.deadline = std::chrono::seconds(30);
      llm::ChatRequest request;
      request.guide = "Answer with the word OK.";
      request.messages = {{llm::Role::user, {llm::Text{"Are you there?"}}}};
      request.max_tokens = 16;
      llm::make_chat_model(endpoint)->complete(request, {});
      ok("secretary", fmt::format("{} answers at {}", s.model, s.base_url));
    } catch (const llm::ModelError& e) {
      if (e.kind == llm::ModelError::Kind::malformed) {
        warn("secretary", fmt::format("{} at {} answered strangely: {}", s.model, s.base_url, e.what()));
      } else {
        fail("secretary", fmt::format("{} at {}: {}", s.model, s.base_url, e.what()));
      }
    }
  }

  void specialist(const runtime::Settings& settings) {
    dispatch::SpecialistDefaults defaults;
    defaults.command = settings.dispatch.command;
    try {
      defaults.sandbox = runs::choose_sandbox(settings.dispatch, runtime::own_folders(settings)).sandbox;
    } catch (const base::ConfigError&) {
      // told by sandbox()
    }
    if (settings.secretary.demo) {
      defaults.base_url = "http://127.0.0.1:9";
      defaults.api_key = "demo";
    }
    try {
      const dispatch::Specialists specialists(settings.specialists, settings.dispatch.specialist, defaults);
      for (const auto& specialist : specialists.all()) {
        const auto what =
            specialists.all().size() == 1 ? std::string("specialist") : "specialist " + specialist->name();
        const auto readiness = specialist->check();
        readiness.ready ? ok(what, readiness.detail) : fail(what, readiness.detail);
      }
    } catch (const std::exception& e) {
      fail("specialist", e.what());
    }
  }

  void memory(const runtime::Settings& settings) {
    const auto available = base::available_memory();
    if (!available) {
      return;
    }
    const auto fit = std::max<std::uint64_t>(1, *available / runtime::RunSlots::memory_of_run);
    const auto wanted = static_cast<std::uint64_t>(settings.dispatch.concurrency);
    const auto detail = fmt::format("{} MiB available", *available >> 20);
    fit < wanted ? warn("memory", fmt::format("{}, enough for {} of {} specialists at once; others wait",
                                              detail, fit, wanted))
                 : ok("memory", fmt::format("{}, enough for {} specialists at once", detail, wanted));
  }

  void platforms(const runtime::Settings& settings, chat::Repair repair) {
    for (const auto& chat : settings.chats) {
      const auto what = "chat." + chat.name;
      const auto& type = platforms::platform_type(chat.platform);
      try {
        const auto platform = type.make(chat.section, {chat.name, settings.server.public_url, clock_});
        if (auto* const setup = chat::capability<chat::ChecksSetup>(platform.get())) {
          for (const auto& result : setup->check(repair)) {
            take(what, result);
          }
        } else {
          ok(what, chat.platform == "web" ? "the chat page" : chat.platform);
        }
      } catch (const std::exception& e) {
        // Also where its keys are not there yet: the service gives them when it has been set up.
        fail(what, e.what());
      }
      const auto setup =
          type.setup_text == nullptr ? "" : type.setup_text(settings.server.public_url, chat.name);
      if (!setup.empty()) {
        below_.push_back(fmt::format("For the settings of {} with the service:\n{}", what, setup));
      }
    }
  }

  /// What is to be copied somewhere, after the lines.
  void print_below() {
    for (const auto& text : below_) {
      out_ << "\n" << base::redacted(text) << "\n";
    }
  }

  void sandbox(const runtime::Settings& settings) {
    try {
      const auto choice = runs::choose_sandbox(settings.dispatch, runtime::own_folders(settings));
      choice.sandbox.active() ? ok("sandbox", choice.detail) : warn("sandbox", choice.detail);
    } catch (const base::ConfigError& e) {
      fail("sandbox", e.what());
    }
    std::string trusted;
    for (const auto& slug : settings.dispatch.trusted_projects) {
      trusted += (trusted.empty() ? "" : ", ") + slug;
    }
    ok("project settings", "hooks, environment and MCP servers in a project's own folder are honoured in " +
                               (trusted.empty() ? "no project" : trusted));
    if (::geteuid() == 0) {
      warn("user", "this runs as root; a user of its own is safer");
    }
  }

 private:
  void take(const std::string& what, const chat::CheckResult& result) {
    switch (result.mark) {
      case chat::CheckResult::Mark::ok:
        ok(what, result.detail);
        break;
      case chat::CheckResult::Mark::warning:
        warn(what, result.detail);
        break;
      case chat::CheckResult::Mark::failure:
        fail(what, result.detail);
        break;
    }
  }

  void line(const char* mark, const std::string& what, const std::string& detail) {
    auto text = base::redacted(detail);
    std::replace(text.begin(), text.end(), '\n', ' ');
    out_ << mark << "  " << what << ": " << text << "\n";
  }

  std::ostream& out_;
  const base::SystemClock clock_;
  std::vector<std::string> below_;
  bool all_well_ = true;
};

}  // namespace

bool run_doctor(const runtime::Flags& flags, chat::Repair repair, std::ostream& out) {
  Doctor doctor(out);
  std::optional<runtime::Settings> settings;
  try {
    settings = runtime::load_settings(flags);
  } catch (const base::ConfigError& e) {
    doctor.fail("configuration", e.what());
    return false;
  }
  doctor.ok("configuration", settings->file ? settings->file->string() : "no file, embedded defaults");
  doctor.database(*settings);
  doctor.folder("data folder", settings->database.parent_path());
  doctor.folder("projects folder", settings->dispatch.projects_dir);
  doctor.secretary(*settings);
  doctor.specialist(*settings);
  doctor.memory(*settings);
  doctor.platforms(*settings, repair);
  doctor.sandbox(*settings);
  doctor.print_below();
  return doctor.all_well();
}

}  // namespace bot::cli
