#pragma once

namespace config {

/// While one lives, the sections that its thread reads give a text of the form of a secret for each secret,
/// and read none: for whoever needs the other keys only, and wants the whole file checked all the same.
/// Thread rule: made and destroyed by one thread, the later one first.
class UnreadSecrets {
 public:
  UnreadSecrets();
  ~UnreadSecrets();
  UnreadSecrets(const UnreadSecrets&) = delete;
  UnreadSecrets& operator=(const UnreadSecrets&) = delete;

  /// Whether one lives in this thread.
  static bool in_force();

 private:
  const bool before_;
};

}  // namespace config
