#include "bot/serve/specialists.h"

namespace bot::serve {

dispatch::Specialists make_specialists(const runtime::Settings& settings, const base::Sandbox& sandbox,
                                       const DemoServer* demo) {
  dispatch::SpecialistDefaults defaults;
  defaults.command = settings.dispatch.command;
  defaults.sandbox = sandbox;
  if (demo != nullptr) {
    defaults.base_url = demo->address();
    defaults.api_key = demo->key();
    defaults.state_folder = (settings.database.parent_path() / "demo-claude").string();
    // Only Claude Code talks to the demo model; what costs money stays out of it.
    return dispatch::Specialists(
        dispatch::make_specialist(dispatch::kClaudeCode, settings.specialists, defaults));
  }
  return {settings.specialists, settings.dispatch.specialist, defaults};
}

router::Secretary::Options secretary_options(const runtime::Settings& settings,
                                             const dispatch::Specialists& specialists) {
  router::Secretary::Options options{settings.secretary.guide, settings.secretary.timezone};
  for (const auto& specialist : specialists.all()) {
    options.specialists.push_back({specialist->name(), specialist->about()});
  }
  return options;
}

}  // namespace bot::serve
