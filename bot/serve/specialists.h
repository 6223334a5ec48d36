#pragma once

#include "base/process/sandbox.h"
#include "bot/runtime/settings.h"
#include "bot/serve/demo_server.h"
#include "dispatch/specialists.h"
#include "router/secretary.h"

namespace bot::serve {

/// The specialists of the configuration, in that sandbox; with `demo` (or null)
/// Claude Code alone, which talks to it.
dispatch::Specialists make_specialists(const runtime::Settings& settings, const base::Sandbox& sandbox,
                                       const DemoServer* demo);

/// What the secretary is told beforehand.
router::Secretary::Options secretary_options(const runtime::Settings& settings,
                                             const dispatch::Specialists& specialists);

}  // namespace bot::serve
