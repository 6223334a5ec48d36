#include "bot/runs/repair_buttons.h"

#include "bot/texts/buttons.h"

namespace bot::runs {

std::vector<store::Button> note_buttons(const runtime::Services& services, store::Database& db,
                                        const store::Conversation& conversation,
                                        const store::DispatchRecord& dispatch) {
  std::vector<store::Button> buttons = {{store::ButtonKind::cancel, dispatch.id.value, texts::kCancel}};
  // What was ordered by a click alone (Give it to the specialist, Continue) has no message to answer.
  const auto asked = store::DispatchLog(db).asked(dispatch.decision).message;
  if (services.policy()->repairs(conversation.section, conversation.in_group) &&
      !store::Conversations(db).message(asked).button) {
    buttons.push_back({store::ButtonKind::just_answer, dispatch.id.value, texts::kJustAnswer});
  }
  return buttons;
}

std::vector<store::Button> thumbs(const runtime::Services& services, const store::Conversation& conversation,
                                  store::DecisionId decision) {
  if (!services.policy()->repairs(conversation.section, conversation.in_group)) {
    return {};
  }
  return {{store::ButtonKind::good, decision.value, texts::kGood},
          {store::ButtonKind::bad, decision.value, texts::kBad}};
}

}  // namespace bot::runs
