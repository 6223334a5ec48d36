#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "bot/console/api.h"

namespace bot::console {

// What the handlers of all resources share. What a body has that makes no sense is refused: Refusal 400.

/// The body, an object with no other members than these; nothing at all counts as "{}". Such a call has no
/// query.
nlohmann::json body_of(const Call& call, std::initializer_list<std::string_view> members);
/// The member as a number; nothing where it is missing or null.
std::optional<double> number_of(const nlohmann::json& body, const std::string& name);
/// The member as text; empty where it is missing or null.
std::string text_of(const nlohmann::json& body, const std::string& name);
/// The member as true or false; false where it is missing or null.
bool flag_of(const nlohmann::json& body, const std::string& name);

/// {"items": […], "next": …}; `next` where the list may go on.
base::HttpResponse list_of(nlohmann::json items, std::optional<std::int64_t> next = {});

/// What somebody did in the console, for the log of changes; in the transaction in which it is done. `what`
/// is a resource and a verb ("person.role"), `scope` what it was done to ("person tg:1"). null: nothing.
void record(const Call& call, const std::string& what, const std::string& scope, const nlohmann::json& before,
            const nlohmann::json& after, const std::string& reason = {});

/// When the days that are asked for began (days_of()).
base::Timestamp since_days(const Call& call);

/// Throws Refusal 403 for less than an admin.
void require_admin(const Call& call);

/// 204.
base::HttpResponse done();

}  // namespace bot::console
