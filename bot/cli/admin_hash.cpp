#include "bot/cli/admin_hash.h"

#include <istream>
#include <optional>
#include <ostream>
#include <string>

#include <termios.h>
#include <unistd.h>

#include "base/error.h"
#include "base/password_hash.h"
#include "base/utf8.h"

namespace bot::cli {
namespace {

/// While it lives, the terminal does not show what is typed. Nothing where standard input is none.
class NoEcho {
 public:
  NoEcho() : is_terminal_(::isatty(STDIN_FILENO) == 1 && ::tcgetattr(STDIN_FILENO, &before_) == 0) {
    if (is_terminal_) {
      auto silent = before_;
      silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
      ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    }
  }
  ~NoEcho() {
    if (is_terminal_) {
      ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    }
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;

  bool is_terminal() const { return is_terminal_; }

 private:
  termios before_{};
  const bool is_terminal_;
};

/// A line, as the secret in a file is read: without blanks around it.
std::string read_password(std::istream& in) {
  std::string line;
  std::getline(in, line);
  return std::string(base::trim(line));
}

}  // namespace

int print_password_hash(std::istream& in, std::ostream& out, std::ostream& err) {
  const NoEcho silent;
  if (silent.is_terminal()) {
    err << "Password: " << std::flush;
  }
  const auto password = read_password(in);
  if (silent.is_terminal()) {
    err << "\nThe same again: " << std::flush;
    const auto again = read_password(in);
    err << "\n";
    if (again != password) {
      throw base::ConfigError("the two passwords differ");
    }
  }
  if (password.empty()) {
    throw base::ConfigError("there is no password; type one, or pass it on standard input");
  }
  out << base::hash_password(password) << "\n";
  return 0;
}

}  // namespace bot::cli
