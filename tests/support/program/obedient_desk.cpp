#include "tests/support/program/obedient_desk.h"

#include <filesystem>
#include <iostream>
#include <stdexcept>

#include <unistd.h>

namespace support {
namespace {

namespace fs = std::filesystem;

constexpr uid_t kOrdinary = 65534;  // nobody

const std::vector<std::string> kAsOrdinary = {"/usr/bin/setpriv", "--reuid=65534", "--regid=65534",
                                              "--clear-groups", "--"};

void give_away(const fs::path& path) {
  if (::lchown(path.c_str(), kOrdinary, kOrdinary) != 0) {
    throw std::runtime_error("cannot give " + path.string() + " away");
  }
}

/// Whether every user may read what is there.
bool is_open_to_all(const fs::path& path) {
  for (auto at = path; at.has_relative_path(); at = at.parent_path()) {
    std::error_code ec;
    if ((fs::status(at, ec).permissions() & fs::perms::others_exec) == fs::perms::none) {
      return false;
    }
  }
  return true;
}

}  // namespace

bool sandbox_works() {
  const auto check = base::Sandbox::check();
  if (!check.works) {
    std::cerr << "not tested on this machine: " << check.detail << "\n";
  }
  return check.works;
}

bool can_be_ordinary() {
  if (::geteuid() != 0) {
    return true;
  }
  std::error_code ec;
  const bool can = fs::exists(kAsOrdinary.front(), ec) && is_open_to_all(program_path("FRONTDESK_BIN")) &&
                   is_open_to_all(source_dir() + "/tests/fakes/obedient.py") &&
                   is_open_to_all(fs::temp_directory_path());
  if (!can) {
    std::cerr
        << "not tested as an ordinary user: this checkout or the folder for temporary files is root's alone\n";
  }
  return can;
}

ObedientDesk::ObedientDesk(Walls walls, User user) : Desk(Claude::fake), user_(user) {
  config.set("specialist.claude-code", "command", toml_text(source_dir() + "/tests/fakes/obedient.py"))
      .set("dispatch", "sandbox", walls == Walls::sandbox ? "\"bwrap\"" : "\"off\"")
      .set("dispatch", "timeout_s", "90");
}

void ObedientDesk::start() {
  if (user_ == User::own || ::geteuid() != 0) {
    Desk::start();
    return;
  }
  fs::create_directories(projects());
  write_config();
  give_away(folder());
  for (const auto& entry : fs::recursive_directory_iterator(folder())) {
    give_away(entry.path());
  }
  auto argv = kAsOrdinary;
  argv.insert(argv.end(), {program_path("FRONTDESK_BIN"), "serve", "--config", config_file().string()});
  program = std::make_unique<Program>(std::move(argv), folder(), environment);
  use_port(program->wait_for_port());
  if (port() == 0) {
    throw std::runtime_error("the program does not listen; its log:\n" + program->log());
  }
}

void ObedientDesk::begin(const std::string& script, const std::string& user, const std::string& chat) {
  const auto word = "task" + std::to_string(++runs_);
  model.secretary(word, {propose("high", "site", "RUN:" + script + "\n:END", runs_ == 1 ? "run" : "resume")});
  say({.text = "please do " + word, .chat = chat, .user = user});
}

Shown ObedientDesk::run(const std::string& script, const std::string& part) {
  begin(script);
  return dispatch("d-" + std::to_string(runs_), part);
}

std::string ObedientDesk::printed(const std::string& script) {
  return run(script).text;
}

bool ObedientDesk::is_sanitized() const {
  const auto maps = "\n" + read_text("/proc/" + std::to_string(program->pid()) + "/maps");
  return contains(maps, "\n7fff7000-");  // where its shadow memory begins on this architecture
}

std::string ObedientDesk::database_bytes() const {
  return read_text(folder() / "frontdesk.db") + read_text(folder() / "frontdesk.db-wal");
}

}  // namespace support
