#include "bot/platforms/discord/components.h"

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/utf8.h"

namespace bot::discord {
namespace {

using nlohmann::json;

constexpr int kActionRow = 1;
constexpr int kButton = 2;
constexpr std::size_t kButtonsInRow = 5;
constexpr std::size_t kMostRows = 5;
constexpr std::size_t kMaxLabel = 80;

int style(store::ButtonKind kind) {
  enum : int { primary = 1, secondary, success, danger };
  switch (kind) {
    case store::ButtonKind::yes:
    case store::ButtonKind::allow:
    case store::ButtonKind::remember:
    case store::ButtonKind::do_call:
      return success;
    case store::ButtonKind::resume:
    case store::ButtonKind::retry:
    case store::ButtonKind::allow_for_task:
    case store::ButtonKind::option:
      return primary;
    case store::ButtonKind::cancel:
    case store::ButtonKind::drop:
    case store::ButtonKind::deny:
    case store::ButtonKind::delete_reminder:
      return danger;
    case store::ButtonKind::no:
    case store::ButtonKind::leave:
    case store::ButtonKind::forget:
    case store::ButtonKind::give:
    case store::ButtonKind::change:
    case store::ButtonKind::change_reminder:
    case store::ButtonKind::snooze:
    case store::ButtonKind::file:
    case store::ButtonKind::raise:
    case store::ButtonKind::just_answer:
    case store::ButtonKind::good:
    case store::ButtonKind::bad:
    case store::ButtonKind::change_call:
    case store::ButtonKind::refuse_call:
      return secondary;
  }
  return secondary;
}

}  // namespace

json rows_of(const std::vector<store::Button>& buttons) {
  json rows = json::array();
  for (const auto& button : buttons) {
    if (rows.empty() || rows.back()["components"].size() == kButtonsInRow) {
      if (rows.size() == kMostRows) {
        break;
      }
      rows.push_back({{"type", kActionRow}, {"components", json::array()}});
    }
    const auto label = base::trim(button.label).empty() ? std::string("…") : button.label;
    rows.back()["components"].push_back({{"type", kButton},
                                         {"style", style(button.kind)},
                                         {"label", base::ellipsize(label, kMaxLabel)},
                                         {"custom_id", button.id}});
  }
  return rows;
}

std::vector<std::string> controls(const json& components) {
  std::vector<std::string> ids;
  if (components.is_array()) {
    for (const auto& component : components) {
      if (auto id = base::json_string(component, "custom_id")) {
        ids.push_back(*std::move(id));
      }
      if (const auto* inner = base::json_member(component, "components")) {
        const auto more = controls(*inner);
        ids.insert(ids.end(), more.begin(), more.end());
      }
    }
  }
  return ids;
}

}  // namespace bot::discord
