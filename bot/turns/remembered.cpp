#include "bot/memory/note_list.h"
#include "bot/memory/said_search.h"
#include "bot/turns/turn.h"

namespace bot::turns {

void Turn::on_note_button(const store::Conversations::FoundButton& found) {
  settle([&] {
    const auto sentence = memory::take_note_button({services_, db_, conversation_, person_, message_}, found);
    if (!sentence.empty()) {
      outbox_.post(conversation_, {sentence, {}, message_.external_id}, services_.clock.now());
    }
  });
}

bool Turn::note_before() {
  return memory::note_asked_before({services_, db_, conversation_, person_, message_}).has_value();
}

bool Turn::on_note_answer(chat::YesNo answer) {
  const memory::Scope scope{services_, db_, conversation_, person_, message_};
  const auto proposed = memory::note_asked_before(scope);
  if (!proposed) {
    return false;
  }
  settle([&] { memory::answer_note(scope, *proposed, answer == chat::YesNo::yes); });
  return true;
}

void Turn::on_memory(const std::string& page) {
  auto post = memory::note_list({services_, db_, conversation_, person_, message_}, page);
  post.text = with_commands_spelled(post.text);
  settle([&] { outbox_.post(conversation_, post, services_.clock.now()); });
}

void Turn::on_search(const std::string& words) {
  settle_with_text(memory::search_answer({services_, db_, conversation_, person_, message_}, words));
}

}  // namespace bot::turns
