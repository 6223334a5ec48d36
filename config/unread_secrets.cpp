#include "config/unread_secrets.h"

namespace config {
namespace {

thread_local bool unread = false;

}  // namespace

UnreadSecrets::UnreadSecrets() : before_(unread) {
  unread = true;
}

UnreadSecrets::~UnreadSecrets() {
  unread = before_;
}

bool UnreadSecrets::in_force() {
  return unread;
}

}  // namespace config
