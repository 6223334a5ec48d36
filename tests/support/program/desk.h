#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/http.h"
#include "tests/support/chat_services/callback_server.h"
#include "tests/support/files.h"
#include "tests/support/models/model_server.h"
#include "tests/support/program/program.h"
#include "tests/support/wait.h"

namespace support {

/// The lines of a frontdesk.toml, by section.
class Config {
 public:
  /// Sets `key` in [section] to the TOML text `value`.
  Config& set(const std::string& section, const std::string& key, const std::string& value);
  /// Takes it out again, or the whole section where no key is named.
  Config& drop(const std::string& section, const std::string& key = {});
  std::string text() const;

 private:
  std::vector<std::pair<std::string, std::map<std::string, std::string>>> sections_;
};

std::string toml_text(const std::string& value);

/// A whole installation in a folder of its own: the program with a chat section "ops" of the generic
/// platform, its receiver, and one scripted model server for secretary and specialist. start() starts it,
/// with `config` as it is then. Nothing of it outlives the object.
class Desk {
 public:
  static constexpr const char* kSecret = "whsec_dGhpcyBpcyBhIHNlY3JldCBmb3IgdGhlIHRlc3Rz";
  static constexpr const char* kModelKey = "key-of-the-secretary-4711";
  static constexpr const char* kSpecialistKey = "key-of-the-specialist-0815";
  static constexpr const char* kAdminPassword = "password-of-the-admin-1234";

  /// With the real Claude Code, or with a script of tests/fakes.
  enum class Claude { real, fake };
  explicit Desk(Claude claude = Claude::real);
  ~Desk();

  std::filesystem::path folder() const { return folder_.path(); }
  std::filesystem::path projects() const { return folder() / "projects"; }
  std::filesystem::path config_file() const { return folder() / "frontdesk.toml"; }

  void write_config() const;
  /// Starts the program without waiting for it.
  void launch();
  /// Starts the program and waits until it listens; throws with its log if it does not.
  void start();
  /// Ends it with that signal and returns its exit status.
  int stop(int signal);
  void use_port(int port) { port_ = port; }
  int port() const { return port_; }
  std::string url() const;

  struct Message {
    std::string text;
    std::string chat = "c-1";
    std::string user = "u-1";
    std::string id = {};  ///< empty: a new one
  };
  /// Sends a signed message and wants status 200. Returns its message_id.
  std::string say(const Message& message);
  /// In the chat "c-1", as a reply to what has that id.
  std::string reply(const std::string& to, const std::string& text, const std::string& user = "u-1");
  std::string click(const std::string& action, const std::string& user = "u-1",
                    const std::string& chat = "c-1");
  /// Sends that body to the webhook of "ops", signed.
  base::HttpResponse post(const std::string& body) const;
  base::HttpResponse call(const std::string& method, const std::string& path, const std::string& body = {},
                          const base::HttpFields& headers = {}) const;
  static std::string message_body(const Message& message);

  /// The message that answers that one.
  Shown answer_to(const std::string& message_id) const;
  /// The message of that dispatch ("d-1") once its text holds `part`.
  Shown dispatch(const std::string& name, const std::string& part = "**") const;

  /// Waits until /metrics has `sample`: what has ended is counted after its commit, and its last message may
  /// come sooner.
  bool counts(const std::string& sample) const;

  /// One column of the first row of a query on the database, read-only; "" where there is no row.
  std::string query(const std::string& sql) const;
  /// Processes of the specialist: all that have this desk's HOME, without the program itself.
  std::vector<int> specialist_processes() const;
  /// The files of a project's log folder.
  std::vector<std::string> log_files(const std::string& slug) const;
  /// The same when no run is at work: waits until the baseline of the last one has gone, which is removed
  /// after its last message.
  std::vector<std::string> log_files_at_rest(const std::string& slug) const;

  Config config;
  Program::Environment environment;
  ModelServer model;
  CallbackServer callbacks;
  std::unique_ptr<Program> program;

 private:
  std::string send(const std::string& body, const std::string& id) const;

  TemporaryFolder folder_;
  int port_ = 0;
  int next_message_ = 0;
};

}  // namespace support
