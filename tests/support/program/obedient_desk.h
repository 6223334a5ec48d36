#pragma once

#include <string>

#include "base/process/sandbox.h"
#include "tests/support/checkout.h"
#include "tests/support/program/desk.h"
#include "tests/support/text.h"

namespace support {

/// A desk whose specialist does as it is told: tests/fakes/obedient.py runs the script that it is given.
class ObedientDesk : public Desk {
 public:
  enum class Walls { sandbox, none };
  /// The program runs as whoever runs the test, or as a user without rights, where that can be done.
  enum class User { own, ordinary };

  explicit ObedientDesk(Walls walls = Walls::none, User user = User::own);
  void start();

  /// Has the specialist run a script in the project "site" and returns the end of it, or what holds `part`.
  Shown run(const std::string& script, const std::string& part = "**");
  /// The same without waiting.
  void begin(const std::string& script, const std::string& user = "u-1", const std::string& chat = "c-1");
  /// What the script printed, without what the program says about it.
  std::string printed(const std::string& script);
  std::filesystem::path site() const { return projects() / "site"; }
  /// Whether the program is built with the address sanitizer.
  bool is_sanitized() const;
  /// Everything in the database file and its log.
  std::string database_bytes() const;

 private:
  const User user_;
  int runs_ = 0;
};

/// Whether bubblewrap works here; says so where it does not.
bool sandbox_works();
/// Whether the program can be run as an ordinary user here; says so where it cannot.
bool can_be_ordinary();

}  // namespace support
