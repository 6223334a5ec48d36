#include "base/process/child_environment.h"

#include <cstdlib>

namespace base {
namespace {

constexpr const char* kPassedOn[] = {
    "PATH",       "HOME",        "USER",     "LOGNAME",       "SHELL",        "LANG",
    "LC_ALL",     "LC_CTYPE",    "TZ",       "HTTP_PROXY",    "HTTPS_PROXY",  "NO_PROXY",
    "http_proxy", "https_proxy", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS"};
constexpr const char* kFolders[] = {"TMPDIR", "XDG_RUNTIME_DIR"};

}  // namespace

std::vector<std::string> child_environment(bool sandboxed) {
  std::vector<std::string> environment = {"TERM=dumb", "NO_COLOR=1"};
  const auto pass_on = [&](const char* name) {
    if (const char* value = std::getenv(name)) {
      environment.push_back(std::string(name) + "=" + value);
    }
  };
  for (const char* name : kPassedOn) {
    pass_on(name);
  }
  if (sandboxed) {
    environment.emplace_back("TMPDIR=/tmp");
  } else {
    for (const char* name : kFolders) {
      pass_on(name);
    }
  }
  return environment;
}

void set_variable(std::vector<std::string>& environment, const std::string& name, const std::string& value) {
  const auto prefix = name + "=";
  std::erase_if(environment, [&](const std::string& entry) { return entry.starts_with(prefix); });
  environment.push_back(prefix + value);
}

std::string search_path_of(const std::vector<std::string>& environment) {
  std::string path = "/usr/local/bin:/usr/bin:/bin";
  for (const auto& entry : environment) {
    if (entry.starts_with("PATH=")) {
      path = entry.substr(5);
    }
  }
  return path;
}

}  // namespace base
