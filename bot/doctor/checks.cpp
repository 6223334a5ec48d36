// A list of checks, each of which finds a line or a few.
//
// To add a line: write `void check_...(Doctor& doctor)` below, which calls doctor.ok, warn or fail with the
// line's name and what to do, and add it to kChecks at the end of this file, where the order is that of the
// lines. An exception that leaves a check becomes a failure under the check's name.
#include "bot/doctor/checks.h"

#include <algorithm>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/money.h"
#include "base/picture/pixels.h"
#include "base/utf8.h"
#include "bot/doctor/configuration_findings.h"
#include "bot/doctor/crash_lines.h"
#include "bot/doctor/doctor.h"
#include "bot/doctor/folder_findings.h"
#include "bot/doctor/tool_findings.h"
#include "bot/platforms/chat_platforms.h"
#include "bot/runs/sandbox_choice.h"
#include "bot/runtime/secretary_model.h"
#include "bot/runtime/services.h"
#include "bot/tools/inspection.h"
#include "bot/turns/console_thresholds.h"
#include "bot/turns/routing_outcomes.h"
#include "dispatch/specialists.h"
#include "llm/chat_models.h"
#include "llm/takes_tools.h"
#include "router/secretary_tools.h"
#include "store/database.h"
#include "store/durability.h"
#include "store/existing_database.h"
#include "store/message_parts.h"
#include "store/migrations.h"
#include "store/outbox.h"

namespace bot::doctor {
namespace {

/// What loads, but does not do what it seems to.
void check_configuration(Doctor& doctor) {
  doctor.add(configuration_findings(doctor.settings()));
}

void check_database(Doctor& doctor) {
  const auto file = doctor.settings().database.string();
  if (!store::database_exists(file)) {
    doctor.ok("database", fmt::format("there is none yet at {}; the first start makes it", file));
    return;
  }
  try {
    auto& db = doctor.db.emplace(doctor.settings().database);
    db.probe_write(base::SystemClock().now());
    const int dead = store::Outbox(db).dead_count();
    const auto dead_text = fmt::format(", {} dead {} (not delivered, not tried again)", dead,
                                       dead == 1 ? "message" : "messages");
    doctor.ok("database", fmt::format("{}, schema {}, writable{}", file, store::schema_version(),
                                      dead == 0 ? "" : dead_text));
  } catch (const std::exception& e) {
    doctor.db.reset();
    doctor.fail("database", fmt::format("{}: {}", file, e.what()));
  }
}

void check_thresholds(Doctor& doctor) {
  auto policy = doctor.settings().policy.routing;
  for (const auto& sentence : policy.contradictions()) {
    doctor.warn("thresholds", sentence);
  }
  if (policy.shadow()) {
    doctor.ok("routing", doctor.settings().secretary.demo
                             ? "the demo model's scripted confidence decides, p is only kept"
                             : "shadow is on: p is only kept, and the secretary's confidence alone decides");
  }
  if (!doctor.db) {
    return;
  }
  if (const auto console = turns::console_text(*doctor.db); !console.empty()) {
    doctor.ok("console", "thresholds above the file's: " + std::string(base::trim(console)));
  }
  if (!policy.needs_history()) {
    return;
  }
  const auto missing = turns::learn_thresholds(policy, *doctor.db, base::SystemClock().now());
  const auto t = policy.thresholds("", "", "");
  missing ? doctor.fail("thresholds", *missing)
          : doctor.ok("thresholds", fmt::format("ask_at {:.2f} ({}), dispatch_at {:.2f} ({})", t.ask_at,
                                                t.ask_from, t.dispatch_at, t.dispatch_from));
}

/// What nobody can tell whether it arrived: somebody has to look into the chat.
void check_deliveries(Doctor& doctor) {
  constexpr int kMostShown = 5;
  if (!doctor.db) {
    return;
  }
  store::MessageParts parts(*doctor.db);
  std::string list;
  for (const auto& doubt : parts.doubts(kMostShown)) {
    list += fmt::format(
        "; {} in {}:{}: {}", base::format_minute(doubt.attempted, doctor.settings().secretary.timezone),
        doubt.section, doubt.chat_id,
        doubt.uncertain ? fmt::format("part {} of a message may be missing", doubt.position + 1)
                        : "an empty placeholder may be left over");
  }
  if (!list.empty()) {
    doctor.warn("deliveries", fmt::format("{} uncertain, check the chat{}", parts.doubtful_count(), list));
  }
}

void check_crashes(Doctor& doctor) {
  if (!doctor.db) {
    return;
  }
  if (const auto lines =
          crash_lines(*doctor.db, base::SystemClock().now(), doctor.settings().secretary.timezone);
      !lines.empty()) {
    doctor.warn("crashes", lines);
  }
}

void check_data_folder(Doctor& doctor) {
  const auto folder = doctor.settings().database.parent_path();
  doctor.add({folder_finding("data folder", folder)});
  if (const auto why = store::why_not_durable(folder)) {
    doctor.warn("data folder", folder.string() + " " + *why);
  }
}

void check_projects_folder(Doctor& doctor) {
  const auto& projects = doctor.settings().dispatch.projects_dir;
  doctor.add({folder_finding("projects folder", projects)});
  doctor.add(project_folder_findings(projects));
}

/// A grey square: some models take nothing smaller.
llm::Image test_picture() {
  constexpr int kSide = 64;
  const auto jpeg = base::to_jpeg({kSide, kSide, std::vector<std::uint8_t>(kSide * kSide * 4, 200)}, 100'000);
  return {"test.png", kSide, kSide, std::make_shared<const std::string>(base::base64_encode(jpeg))};
}

void check_model(Doctor& doctor, const std::string& what, const runtime::ModelSettings& model) {
  auto endpoint = runtime::endpoint_of(model);
  endpoint.max_attempts = 1;
  endpoint.deadline = std::chrono::seconds(30);
  llm::ChatRequest request;
  request.guide = "Answer with the word OK.";
  request.messages = {{llm::Role::user, {llm::Text{"Are you there?"}}}};
  if (model.images != llm::Endpoint::Images::none) {
    request.messages.back().content.emplace_back(test_picture());
  }
  request.max_tokens = 16;
  request.tools = router::SecretaryTools::project_specs(true, {});
  try {
    const auto asked = llm::make_chat_model(endpoint);
    const auto completion = asked->complete(request, doctor.stop);
    const auto* tools = dynamic_cast<const llm::TakesTools*>(asked.get());
    const auto answers = fmt::format("{} answers at {}", model.model, model.base_url);
    const bool is_blind = model.images == llm::Endpoint::Images::none || completion.without_images;
    tools == nullptr || tools->takes_tools()
        ? doctor.ok(what, answers + (is_blind ? ", but looks at no pictures" : ", and takes pictures"))
        : doctor.warn(
              what,
              answers + ", but takes no tools: they stand in its prompt; a model that has tools does better");
  } catch (const llm::ModelError& e) {
    const auto problem = fmt::format("{} (at {})", e.what(), model.base_url);
    // It was reached and spoke, so it may do better with a real question.
    e.kind == llm::ModelError::Kind::malformed ? doctor.warn(what, problem) : doctor.fail(what, problem);
  } catch (const base::ConfigError& e) {
    doctor.fail(what, e.what());
  }
}

void check_secretary(Doctor& doctor) {
  const auto models = runtime::models_of(doctor.settings().secretary);
  if (models.empty()) {
    doctor.warn(
        "secretary",
        "the scripted demo model; set ANTHROPIC_API_KEY or a provider in frontdesk.toml for a real one");
  }
  for (std::size_t i = 0; i < models.size(); ++i) {
    check_model(doctor, i == 0 ? "secretary" : fmt::format("secretary.fallback[{}]", i - 1), models[i]);
  }
}

void check_price(Doctor& doctor) {
  for (const auto& model : runtime::models_of(doctor.settings().secretary)) {
    model.has_price ? doctor.ok("price", fmt::format("{} at {} in and {} out per million tokens", model.model,
                                                     base::format_set_usd(model.usd_per_million_input),
                                                     base::format_set_usd(model.usd_per_million_output)))
                    : doctor.warn("price", runtime::no_price_warning(model));
  }
}

void check_specialists(Doctor& doctor) {
  const auto& settings = doctor.settings();
  dispatch::SpecialistDefaults defaults;
  defaults.command = settings.dispatch.command;
  try {
    defaults.sandbox = runs::choose_sandbox(settings.dispatch, runtime::own_folders(settings)).sandbox;
  } catch (const base::ConfigError&) {
    // check_sandbox says so
  }
  if (settings.secretary.demo) {
    defaults.base_url = "http://127.0.0.1:9";
    defaults.api_key = "demo";
  }
  const dispatch::Specialists specialists(settings.specialists, settings.dispatch.specialist, defaults);
  for (const auto& specialist : specialists.all()) {
    const auto what =
        specialists.all().size() == 1 ? std::string("specialist") : "specialist " + specialist->name();
    const auto readiness = specialist->check();
    readiness.ready ? doctor.ok(what, readiness.detail) : doctor.fail(what, readiness.detail);
  }
}

void check_memory(Doctor& doctor) {
  const auto available = base::available_memory();
  if (!available) {
    return;
  }
  const auto fit = std::max<std::uint64_t>(1, *available / runtime::RunSlots::memory_of_run);
  const auto wanted = static_cast<std::uint64_t>(doctor.settings().dispatch.concurrency);
  const auto detail = fmt::format("{} MiB available", *available >> 20);
  if (fit < wanted) {
    doctor.warn("memory",
                fmt::format("{}, enough for {} of {} runs at a time; the others wait", detail, fit, wanted));
  } else {
    doctor.ok("memory",
              fmt::format("{}, enough for {} {} at a time", detail, wanted, wanted == 1 ? "run" : "runs"));
  }
}

void check_chat(Doctor& doctor, const runtime::ChatSettings& chat) {
  const auto what = "chat." + chat.name;
  const auto& type = platforms::platform_type(chat.platform);
  const auto& public_url = doctor.settings().server.public_url;
  const base::SystemClock clock;
  try {
    const auto platform = type.make(chat.section, {chat.name, public_url, clock});
    if (auto* const setup = chat::capability<chat::ChecksSetup>(platform.get())) {
      for (const auto& result : setup->check(doctor.repair)) {
        doctor.add({{what, result}});
      }
    } else {
      doctor.ok(what, chat.platform == "web" ? "the chat page" : chat.platform);
    }
  } catch (const std::exception& e) {
    // Its setup text follows all the same: the keys may only be had once the service has been set up.
    doctor.fail(what, e.what());
  }
  if (type.setup_text != nullptr) {
    doctor.append(fmt::format("To paste into the service's settings for {}:\n{}", what,
                              type.setup_text(public_url, chat.name)));
  }
}

void check_chats(Doctor& doctor) {
  for (const auto& chat : doctor.settings().chats) {
    check_chat(doctor, chat);
  }
}

void check_tools(Doctor& doctor) {
  const auto& settings = doctor.settings();
  if (settings.tool_servers.empty()) {
    return;
  }
  const auto sandbox = runs::choose_sandbox(settings.dispatch, runtime::own_folders(settings)).sandbox;
  for (const auto& server : settings.tool_servers) {
    const auto found =
        tools::inspect(settings, server, sandbox, doctor.db ? &*doctor.db : nullptr, doctor.stop);
    doctor.add({{"mcp_servers." + server.name, tool_server_result(server, found, sandbox.active())}});
    if (!found.tools.empty()) {
      doctor.append(tool_list(server.name, found));
      if (doctor.db) {
        tools::bind_first_look(*doctor.db, server.name, found.tools, base::SystemClock().now());
      }
    }
  }
}

void check_sandbox(Doctor& doctor) {
  const auto choice =
      runs::choose_sandbox(doctor.settings().dispatch, runtime::own_folders(doctor.settings()));
  choice.sandbox.active() ? doctor.ok("sandbox", choice.detail) : doctor.warn("sandbox", choice.detail);
}

/// Yama, Documentation/admin-guide/LSM/Yama.rst: with 0, or without it, a process may trace every other one
/// of its user that is in sight.
void check_tracing(Doctor& doctor) {
  const auto text = base::read_file_if_exists("/proc/sys/kernel/yama/ptrace_scope").value_or("");
  const auto scope = base::trim(text);
  if (scope.empty() || scope == "0") {
    doctor.warn("tracing",
                "what a specialist runs can trace the specialist and speak in its name; set "
                "kernel.yama.ptrace_scope to 1 (sysctl), where the kernel has it");
  } else {
    doctor.ok("tracing", "processes trace their children only");
  }
}

void check_project_settings(Doctor& doctor) {
  const auto& trusted = doctor.settings().dispatch.trusted_projects;
  doctor.ok("project settings",
            fmt::format("hooks, environment and MCP servers in a project's folder are ignored{}{}",
                        trusted.empty() ? "" : ", except in ", fmt::join(trusted, ", ")));
}

void check_user(Doctor& doctor) {
  if (::geteuid() == 0) {
    doctor.warn("user", "running as root; a separate user is safer");
  }
}

/// What `serve` says at its start, where no other check has said it.
void check_warnings(Doctor& doctor) {
  for (const auto& warning : doctor.settings().warnings) {
    // Shadow has a line of its own.
    if (!doctor.has_said(warning) && !warning.starts_with("routing.shadow")) {
      doctor.warn("settings", warning);
    }
  }
}

struct Check {
  const char* name;
  void (*run)(Doctor& doctor);
};

constexpr Check kChecks[] = {
    {"configuration", check_configuration},
    {"database", check_database},
    {"thresholds", check_thresholds},
    {"deliveries", check_deliveries},
    {"crashes", check_crashes},
    {"data folder", check_data_folder},
    {"projects folder", check_projects_folder},
    {"secretary", check_secretary},
    {"price", check_price},
    {"specialist", check_specialists},
    {"memory", check_memory},
    {"chats", check_chats},
    {"sandbox", check_sandbox},
    {"tools", check_tools},
    {"tracing", check_tracing},
    {"project settings", check_project_settings},
    {"user", check_user},
    {"settings", check_warnings},
};

}  // namespace

const std::vector<std::string>& check_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const auto& check : kChecks) {
      all.emplace_back(check.name);
    }
    return all;
  }();
  return names;
}

std::vector<std::string> run_checks(const runtime::Flags& flags, chat::Repair repair, const Report& report,
                                    std::stop_token stop) {
  Doctor doctor(repair, std::move(stop), report);
  report.begins(check_names().front());
  try {
    doctor.loaded = runtime::load_settings(flags);
  } catch (const base::ConfigError& e) {
    doctor.fail("configuration", e.what());  // without settings there is nothing to check
    return {};
  }
  const auto& file = doctor.settings().file;
  doctor.ok("configuration", file ? file->string() : "no file, using the built-in defaults");
  for (const auto& check : kChecks) {
    if (doctor.stop.stop_requested()) {
      break;
    }
    report.begins(check.name);
    try {
      check.run(doctor);
    } catch (const std::exception& e) {
      doctor.fail(check.name, e.what());
    }
  }
  return doctor.take_appended();
}

}  // namespace bot::doctor
