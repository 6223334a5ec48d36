#include "llm/chat_model.h"

namespace llm {

std::string ModelError::sentence() const {
  switch (kind) {
    case Kind::unreachable:
      return "The assistant's model cannot be reached right now. Please try again in a few minutes.";
    case Kind::overloaded:
      return "The assistant's model is overloaded right now. Please try again in a few minutes.";
    case Kind::unauthorized:
      return "The assistant's model refused its key. The operator can check it with `frontdesk doctor`.";
    case Kind::out_of_credit:
      return "The account of the assistant's model is out of credit. The operator can top it up at the "
             "provider.";
    case Kind::misconfigured:
      return "The assistant's model is not set up correctly. The operator can check it with `frontdesk "
             "doctor`.";
    case Kind::too_long:
      return "This conversation has become too long for the assistant's model. Please start a new one, or "
             "send a "
             "shorter message.";
    case Kind::malformed:
      return "The assistant's model gave an answer that makes no sense. Please try again; if it keeps "
             "happening, "
             "the operator can check the model with `frontdesk doctor`.";
  }
  return "The assistant's model cannot be used right now. Please try again in a few minutes.";
}

}  // namespace llm
