#pragma once

#include "bot/runtime/services.h"
#include "store/conversations.h"
#include "store/database.h"
#include "store/people.h"

namespace bot::memory {

/// The turn for which something is remembered or looked up. The references must outlive what is made of it.
struct Scope {
  runtime::Services& services;
  store::Database& db;
  const store::Conversation& conversation;
  const store::Person& person;
  const store::Message& message;  ///< what is answered
};

}  // namespace bot::memory
