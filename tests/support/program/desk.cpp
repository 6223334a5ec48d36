#include "tests/support/program/desk.h"

#include <algorithm>
#include <stdexcept>

#include <SQLiteCpp/SQLiteCpp.h>
#include <nlohmann/json.hpp>
#include <signal.h>

#include "base/json.h"
#include "tests/support/chat_services/webhook_signature.h"
#include "tests/support/checkout.h"
#include "tests/support/loopback_server.h"
#include "tests/support/text.h"

namespace support {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds kCallTimeout{20'000};

/// With the least work that scrypt can do: each start and each sign-in of a test would compute for a quarter
/// of a second otherwise, a tenth of what all functional tests take.
constexpr const char* kHashOfAdminPassword =
    "$scrypt$ln=1,r=1,p=1$AAECAwQFBgcICQoLDA0ODw$hdwV5DViYhm6JmiyTdi19z+u6T7YexttQ+v2mMjkBSI";

std::string claude_path(Desk::Claude claude) {
  return claude == Desk::Claude::real ? program_path("FRONTDESK_CLAUDE")
                                      : support::source_dir() + "/tests/fakes/claude.sh";
}

}  // namespace

std::string toml_text(const std::string& value) {
  return base::dump_json(value);
}

Config& Config::set(const std::string& section, const std::string& key, const std::string& value) {
  auto found =
      std::find_if(sections_.begin(), sections_.end(), [&](const auto& s) { return s.first == section; });
  if (found == sections_.end()) {
    sections_.push_back({section, {}});
    found = std::prev(sections_.end());
  }
  found->second[key] = value;
  return *this;
}

Config& Config::drop(const std::string& section, const std::string& key) {
  for (auto& [name, keys] : sections_) {
    if (name == section) {
      keys.erase(key);
    }
  }
  if (key.empty()) {
    std::erase_if(sections_, [&](const auto& s) { return s.first == section; });
  }
  return *this;
}

std::string Config::text() const {
  std::string text;
  for (const auto& [name, keys] : sections_) {
    text += "[" + name + "]\n";
    for (const auto& [key, value] : keys) {
      text += key + " = " + value + "\n";
    }
  }
  return text;
}

Desk::Desk(Claude claude) : callbacks(kSecret) {
  write_text(folder() / "ops.secret", std::string(kSecret) + "\n");
  write_text(folder() / "model.key", std::string(kModelKey) + "\n");
  write_text(folder() / "specialist.key", std::string(kSpecialistKey) + "\n");
  write_text(folder() / "admin.secret", std::string(kHashOfAdminPassword) + "\n");
  config.set("server", "listen", "\"127.0.0.1:0\"")
      .set("secretary", "provider", "\"anthropic\"")
      .set("secretary", "model", "\"scripted-secretary\"")
      .set("secretary", "base_url", toml_text(model.url()))
      .set("secretary", "api_key", "\"file:model.key\"")
      .set("secretary", "timezone", "\"UTC\"")
      // What the scripted secretary says decides, whatever the words of the message are.
      .set("routing", "shadow", "true")
      .set("dispatch", "projects_dir", "\"projects\"")
      .set("dispatch", "sandbox", "\"off\"")
      .set("specialist.claude-code", "command", toml_text(claude_path(claude)))
      .set("specialist.claude-code", "base_url", toml_text(model.url()))
      .set("specialist.claude-code", "api_key", "\"file:specialist.key\"")
      .set("chat.ops", "platform", "\"webhook\"")
      .set("chat.ops", "secret", "\"file:ops.secret\"")
      .set("chat.ops", "callback_url", toml_text(callbacks.url()))
      // So that a test sees the buttons that it is about; it turns them on where it is about these.
      .set("chat.ops", "repair_buttons", "false")
      .set("admin", "password", "\"file:admin.secret\"");
}

Desk::~Desk() {
  program.reset();
  // The specialist ends with the program; its folder must not be removed under it.
  wait_until([&] { return specialist_processes().empty(); });
}

void Desk::write_config() const {
  write_text(config_file(), config.text());
}

void Desk::launch() {
  write_config();
  program = std::make_unique<Program>(
      std::vector<std::string>{program_path("FRONTDESK_BIN"), "serve", "--config", config_file().string()},
      folder(), environment);
}

void Desk::start() {
  launch();
  port_ = program->wait_for_port();
  if (port_ == 0) {
    throw std::runtime_error("the program does not listen; its log:\n" + program->log());
  }
}

int Desk::stop(int signal) {
  program->signal(signal);
  const auto status = program->wait(kPatience);
  if (!status) {
    throw std::runtime_error("the program does not end; its log:\n" + program->log());
  }
  return *status;
}

std::string Desk::url() const {
  return loopback_url(port_);
}

base::HttpResponse Desk::call(const std::string& method, const std::string& path, const std::string& body,
                              const base::HttpFields& headers) const {
  base::HttpCall call;
  call.method = method;
  call.url = url() + path;
  call.body = body;
  call.headers = headers;
  if (body.starts_with("name=") || body.starts_with("password=")) {
    call.content_type = "application/x-www-form-urlencoded";  // as a page signs in
  }
  call.read_timeout = call.deadline = kCallTimeout;
  return base::http_call(call);
}

bool Desk::counts(const std::string& sample) const {
  return wait_until([&] { return contains(call("GET", "/metrics").body, sample); });
}

base::HttpResponse Desk::post(const std::string& body) const {
  return call("POST", "/webhooks/ops", body, sign(kSecret, "in-1", body));
}

std::string Desk::message_body(const Message& message) {
  return base::dump_json({{"type", "message"},
                          {"message_id", message.id},
                          {"chat_id", message.chat},
                          {"user_id", message.user},
                          {"user_name", "Name of " + message.user},
                          {"text", message.text}});
}

std::string Desk::send(const std::string& body, const std::string& id) const {
  const auto response = post(body);
  if (response.status != 200) {
    throw std::runtime_error("the message was refused: " + std::to_string(response.status) + " " +
                             response.body);
  }
  return id;
}

std::string Desk::say(const Message& message) {
  auto named = message;
  if (named.id.empty()) {
    named.id = "m-" + std::to_string(++next_message_);
  }
  return send(message_body(named), named.id);
}

std::string Desk::reply(const std::string& to, const std::string& text, const std::string& user) {
  const auto id = "m-" + std::to_string(++next_message_);
  auto body = nlohmann::json::parse(message_body({text, "c-1", user, id}));
  body["reply_to"] = to;
  return send(base::dump_json(body), id);
}

std::string Desk::click(const std::string& action, const std::string& user, const std::string& chat) {
  const auto id = "m-" + std::to_string(++next_message_);
  return send(base::dump_json({{"type", "action"},
                               {"message_id", id},
                               {"chat_id", chat},
                               {"user_id", user},
                               {"user_name", "Name of " + user},
                               {"action_id", action}}),
              id);
}

Shown Desk::answer_to(const std::string& message_id) const {
  return callbacks.wait_for([&](const Shown& shown) { return shown.reply_to == message_id; });
}

Shown Desk::dispatch(const std::string& name, const std::string& part) const {
  // The note of a result that stands below says no more than that.
  const auto is_pointer = [&](const Shown& shown) {
    return shown.text.find("The result is in the message below.") != std::string::npos;
  };
  return callbacks.wait_for([&](const Shown& shown) {
    return shown.dispatch == name && shown.text.find(part) != std::string::npos && !is_pointer(shown);
  });
}

std::string Desk::query(const std::string& sql) const {
  SQLite::Database db((folder() / "frontdesk.db").string(), SQLite::OPEN_READONLY, 10'000);
  SQLite::Statement statement(db, sql);
  return statement.executeStep() ? statement.getColumn(0).getString() : std::string();
}

std::vector<int> Desk::specialist_processes() const {
  auto pids = processes_with("HOME=" + folder().string());
  std::erase_if(pids, [&](int pid) { return program && pid == program->pid(); });
  return pids;
}

std::vector<std::string> Desk::log_files(const std::string& slug) const {
  std::vector<std::string> names;
  std::error_code ec;
  for (const auto& entry : fs::directory_iterator(projects() / slug / ".dispatch-logs", ec)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> Desk::log_files_at_rest(const std::string& slug) const {
  std::vector<std::string> names;
  wait_until([&] {
    names = log_files(slug);
    return std::none_of(names.begin(), names.end(),
                        [](const auto& name) { return name.ends_with("-baseline.json"); });
  });
  return names;
}

}  // namespace support
