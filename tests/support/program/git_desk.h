#pragma once

#include <string>

#include "tests/support/program/desk.h"
#include "tests/support/text.h"

namespace support {

/// A desk whose Claude Code, told to build, can want to run `git init`, which its permission mode does not
/// allow.
class GitDesk : public Desk {
 public:
  explicit GitDesk(Claude claude = Claude::real) : Desk(claude) {
    model.secretary("build", {propose("high", "site")});
  }
  void wants_git() { model.specialist("build", {bash("git init made-by-git"), support::say("Ready.")}); }
  /// The message that asks for an approval, or another with that part.
  Shown request(const std::string& part = "wants to run this command") {
    return callbacks.wait_for([&](const Shown& shown) { return contains(shown.text, part); });
  }
  bool made() const { return std::filesystem::exists(projects() / "site/made-by-git/.git"); }
  /// The states of the approvals, with commas between.
  std::string state() const { return query("SELECT group_concat(state) FROM approvals"); }
};

}  // namespace support
