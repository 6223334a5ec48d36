#pragma once

#include "bot/runtime/settings.h"

namespace bot::serve {

/// `frontdesk serve`: runs the App until SIGTERM or SIGINT; SIGHUP reloads it, a second signal ends the
/// process at once. Throws what App throws. To be called from main's thread, before any other thread begins:
/// all inherit its signal mask.
void run_until_signal(const runtime::Flags& flags);

}  // namespace bot::serve
