#include "bot/serve/sandbox.h"

#include <utility>

#include "base/log.h"
#include "bot/runs/sandbox_choice.h"

namespace bot::serve {

base::Sandbox sandbox_of(const runtime::Settings& settings) {
  auto choice = runs::choose_sandbox(settings.dispatch, runtime::own_folders(settings));
  if (settings.dispatch.sandbox == runtime::DispatchSettings::Sandbox::automatic &&
      !choice.sandbox.active()) {
    base::log_warning("sandbox: {}; if that is what you want, set dispatch.sandbox = \"off\"", choice.detail);
  } else {
    base::log_info("sandbox: {}", choice.detail);
  }
  return std::move(choice.sandbox);
}

}  // namespace bot::serve
