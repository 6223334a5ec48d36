#pragma once

#include <string>

#include "store/database.h"

namespace store {

/// The message with that id was not taken: when it comes again it is the first time, see
/// Conversations::first_time(). Thread rule: that of the Database.
void forget_inbound_id(Database& db, const std::string& section, const std::string& external_id);

}  // namespace store
